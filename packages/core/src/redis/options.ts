import { z } from 'zod'
import type { Log } from '../runtime/log.js'
import type { WallTimer } from '../runtime/wall-timer.js'
import { parseOptions } from '../service/parse-options.js'
import type { AlarmListener } from './alarm.js'
import { namePart } from './keys.js'

const duration = (usual: number) => z.number().int().min(1).max(600_000).default(usual)
const limit = (usual: number) => z.number().int().min(1).max(10_000_000).default(usual)

const connectionShape = {
  /** `redis://` or `rediss://`, with user and password where the server has an access list. Never logged. */
  url: z.string().regex(/^rediss?:\/\/\S+$/, 'must be an address such as "redis://127.0.0.1:6379"'),
  /** Everything on the server begins with `bfx:` and this; two systems on one server need two. */
  namespace: namePart.default('barfinex'),
  /** Unique per process, such as `provider@main`. It names this process in consumer groups and leases. */
  member: namePart,
  /** A command without an answer after this many milliseconds has failed, and its connection with it. */
  commandTimeoutMs: duration(1_000),
  /** A lease that is not renewed for so long may be taken by another process. Renewed at a third of it. */
  leaseMs: duration(3_000),
}

const redisBusSchema = z.strictObject({
  ...connectionShape,
  /**
   * When readers of this process get what this process says. `server` (default): when it comes back from the server, in the order
   * of the server and after it is durable. `local`: within `publish`, in the order of the memory bus; the server carries it to others.
   */
  delivery: z.enum(['server', 'local']).default('server'),
  /** Messages of one key that may wait for one slow reader. Then live data loses its oldest, counted; the rest waits on the server. */
  queueLimit: limit(10_000),
  /** Durable messages that may wait for the server. Then the writer is refused with `bus.unavailable` or `bus.overflow`. */
  outgoingLimit: limit(10_000),
  /** Entries of a stream that are kept when every group has acknowledged them. */
  retainedCount: limit(65_536),
  /** Wall milliseconds that `flush`, `settled`, `close` and `ask` wait for a server that is away. */
  patienceMs: duration(5_000),
})

const redisLeasesSchema = z.strictObject({
  ...connectionShape,
  /**
   * Who holds what is taken here: the same holder takes its lease again at once, with a higher number. Give one only where it is
   * certain that its process before this one has ended. A new one for every process when absent.
   */
  holder: namePart.optional(),
})

/** What the caller of a bus hands in besides plain data. */
export interface RedisBusParts {
  /** Where faults and alarms go by default; standard error when absent. */
  readonly log?: Log
  /** Told of every handler that threw or rejected. */
  readonly onHandlerFault?: (error: unknown, channel: string) => void
  /** Told of every loss and of every message set aside: see {@link AlarmListener}. */
  readonly onAlarm?: AlarmListener
  /** Awaited before anything is sent: a daemon has its journal written by then. When it rejects, nothing is sent until it is tried again. */
  readonly beforeSend?: () => Promise<void> | undefined
  /** The machine's when absent. */
  readonly timer?: WallTimer
}

/** What the caller of leases hands in besides plain data. */
export type RedisLeaseParts = Pick<RedisBusParts, 'log' | 'timer'>

export interface RedisBusOptions extends z.input<typeof redisBusSchema>, RedisBusParts {}
export interface RedisLeasesOptions extends z.input<typeof redisLeasesSchema>, RedisLeaseParts {}
export type RedisBusSettings = z.output<typeof redisBusSchema>
export type RedisLeasesSettings = z.output<typeof redisLeasesSchema>

/** Splits the options of a bus into checked settings and parts; `options.invalid` says what is wrong. */
export function parseRedisBusOptions(options: RedisBusOptions): { settings: RedisBusSettings; parts: RedisBusParts } {
  const { log, onHandlerFault, onAlarm, beforeSend, timer, ...plain } = options
  const parts: RedisBusParts = {
    ...(log === undefined ? {} : { log }),
    ...(onHandlerFault === undefined ? {} : { onHandlerFault }),
    ...(onAlarm === undefined ? {} : { onAlarm }),
    ...(beforeSend === undefined ? {} : { beforeSend }),
    ...(timer === undefined ? {} : { timer }),
  }
  return { settings: parseOptions(redisBusSchema, plain, 'redis bus'), parts }
}

/** As {@link parseRedisBusOptions}, for leases. */
export function parseRedisLeasesOptions(options: RedisLeasesOptions): {
  settings: RedisLeasesSettings
  parts: RedisLeaseParts
} {
  const { log, timer, ...plain } = options
  const parts: RedisLeaseParts = { ...(log === undefined ? {} : { log }), ...(timer === undefined ? {} : { timer }) }
  return { settings: parseOptions(redisLeasesSchema, plain, 'redis leases'), parts }
}
