import type { Redis } from 'ioredis'
import { callFunction } from './function-call.js'
import type { Keys } from './keys.js'
import type { Entry } from './push.js'
import { entriesAt, entriesOf } from './stream-io.js'

/** An entry that was read for the group and is not acknowledged. */
export interface Owed {
  readonly id: string
  /** Null when the stream does not hold it any more. */
  readonly entry: Entry | null
  /** Read by a process that has not come to its end with it. */
  readonly isForeign: boolean
  /** How often it was begun, about. */
  readonly deliveredCount: number
}

const perRead = 256

/** What a group keeps on the server. */
export class GroupStore {
  private readonly stream: string
  private readonly active: string

  constructor(
    private readonly redis: Redis,
    private readonly keys: Keys,
    private readonly channel: string,
    readonly name: string,
    /** This process and no other, not even its successor. */
    private readonly consumer: string,
    private readonly leaseMs: number,
  ) {
    this.stream = keys.stream(channel)
    this.active = keys.active(channel, name)
  }

  /** Makes the group where it is not there yet: from its beginning, or from what came in the last `agoMs` milliseconds on. */
  async create(from: 'earliest' | { readonly agoMs: number }): Promise<void> {
    try {
      const place = from === 'earliest' ? '0' : await this.placeAt(from.agoMs)
      await this.redis.xgroup('CREATE', this.stream, this.name, place, 'MKSTREAM')
    } catch (error) {
      if (!String(error).includes('BUSYGROUP')) throw error
    }
  }

  /** The place in the stream where what came after an instant begins: entries are named by the server's own clock. */
  private async placeAt(agoMs: number): Promise<string> {
    if (agoMs === 0) return '$'
    const [seconds, micros] = (await this.redis.time()).map(Number) as [number, number]
    return `${Math.max(0, seconds * 1_000 + Math.floor(micros / 1_000) - Math.ceil(agoMs))}-0`
  }

  /** True when this process is the active member for the next `leaseMs`. */
  async hold(): Promise<boolean> {
    return (await callFunction(this.redis, 'hold', [this.active], [this.consumer, this.leaseMs])) === 1
  }

  async leave(): Promise<void> {
    await callFunction(this.redis, 'leave', [this.active], [this.consumer])
  }

  /** What was read and not acknowledged after a place, oldest first; empty when that was all. */
  async owed(after: string): Promise<Owed[]> {
    const from = after === '' ? '-' : `(${after}`
    const reply = (await this.redis.xpending(this.stream, this.name, from, '+', perRead)) as unknown[]
    const rows = reply.map((row) => row as [unknown, unknown, unknown, unknown])
    const entries = await entriesAt(
      this.redis,
      this.stream,
      rows.map(([id]) => String(id)),
    )
    const byId = new Map(entries.map((entry) => [entry.id, entry]))
    return rows.map(([id, owner, , count]) => ({
      id: String(id),
      entry: byId.get(String(id)) ?? null,
      isForeign: String(owner) !== this.consumer,
      deliveredCount: Number(count),
    }))
  }

  /** New entries, oldest first. */
  async read(): Promise<Entry[]> {
    const reply: unknown = await this.redis.xreadgroupBuffer(
      'GROUP',
      this.name,
      this.consumer,
      'COUNT',
      perRead,
      'STREAMS',
      this.stream,
      '>',
    )
    const [first] = Array.isArray(reply) ? (reply as unknown[]) : []
    return Array.isArray(first) ? entriesOf(first[1]) : []
  }

  /** Makes an entry ours that another process did not end, and counts the attempt. */
  async claim(id: string): Promise<void> {
    await this.redis.xclaim(this.stream, this.name, this.consumer, 0, id)
  }

  async acknowledge(ids: readonly string[]): Promise<void> {
    await this.redis.xack(this.stream, this.name, ...ids)
  }

  /** Sets an entry aside, for a person to look at. */
  async bury(id: string, frame: Buffer | null, why: string): Promise<void> {
    const fields = ['group', this.name, 'entry', id, 'why', why.slice(0, 500), 'm', frame ?? '']
    await this.redis.xadd(this.keys.dead(this.channel), 'MAXLEN', '~', 10_000, '*', ...fields)
  }

  /** Ids of everything the server would recognise as said before. */
  async knownIds(): Promise<string[]> {
    return this.redis.hkeys(this.keys.ids(this.channel))
  }

  /** Forgets consumers that have ended and owe nothing. */
  async forgetOthers(): Promise<void> {
    const reply: unknown = await this.redis.xinfo('CONSUMERS', this.stream, this.name)
    for (const row of Array.isArray(reply) ? (reply as unknown[][]) : []) {
      const of = new Map<string, unknown>()
      for (let at = 0; at + 1 < row.length; at += 2) of.set(String(row[at]), row[at + 1])
      const consumer = String(of.get('name'))
      if (consumer !== this.consumer && Number(of.get('pending')) === 0) {
        await this.redis.xgroup('DELCONSUMER', this.stream, this.name, consumer)
      }
    }
  }
}
