import { Redis } from 'ioredis'
import { BarfinexError } from '../runtime/error.js'
import type { Log } from '../runtime/log.js'

export interface ConnectionOptions {
  readonly url: string
  /** Shown in the server's list of clients. */
  readonly name: string
  readonly commandTimeoutMs: number
  readonly log: Log
}

const longestPauseMs = 500

/**
 * A connection that fails fast and comes back by itself: nothing waits in it while it is away, nothing is sent twice by it, and a
 * command without an answer fails after `commandTimeoutMs`. What to send again is for its user to decide, who knows what it means.
 */
export function connect(options: ConnectionOptions): Redis {
  const settings = {
    lazyConnect: true,
    protocol: 2 as const,
    connectionName: options.name,
    commandTimeout: options.commandTimeoutMs,
    connectTimeout: options.commandTimeoutMs * 2,
    disconnectTimeout: 100,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times: number) => Math.min(longestPauseMs, 20 * 2 ** Math.min(times, 6)),
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }
  const redis = new Redis(options.url, settings)
  // Every connection error comes here as well as to the command that met it; without a listener it would be printed.
  redis.on('error', (error: Error) =>
    options.log.debug('redis connection', { name: options.name, error: error.message }),
  )
  return redis
}

/** Opens a connection for the first time; `bus.unavailable` when that is not possible. The address is told without its password. */
export async function open(redis: Redis, url: string): Promise<void> {
  // What the server says to a wrong password comes beside the end of the connection, which alone is thrown.
  let refusal: Error | null = null
  const hear = (error: Error) => {
    if (/^(WRONGPASS|NOAUTH)/.test(error.message)) refusal = error
  }
  redis.on('error', hear)
  try {
    await redis.connect()
  } catch (error) {
    redis.disconnect()
    const place = withoutPassword(url)
    const cause = plainCause(refusal ?? error)
    if (refusal !== null) {
      const message = `Redis at ${place} does not let this user in. Mend the user, its password or the access list.`
      throw new BarfinexError('config.invalid', message, { details: { url: place }, cause })
    }
    throw new BarfinexError('bus.unavailable', `There is no Redis at ${place}. Start it, or mend the address.`, {
      retryable: true,
      details: { url: place },
      cause,
    })
  } finally {
    redis.off('error', hear)
  }
}

function withoutPassword(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url)
    return `${protocol}//${host}${pathname}`
  } catch {
    return 'the given address'
  }
}

/** What went wrong and nothing else: the client's own errors carry the command with its arguments, a password among them. */
export function plainCause(error: unknown): Error {
  return new Error(error instanceof Error ? error.message : String(error))
}

/** What a command says that met a server which is not there: to be tried again, in contrast to one that was refused. */
export function isAway(error: unknown): boolean {
  const text = error instanceof Error ? error.message : String(error)
  return !/^(NOPERM|WRONGTYPE|ERR|NOAUTH|WRONGPASS|UNKILLABLE|BUSYGROUP|NOGROUP)/.test(text)
}
