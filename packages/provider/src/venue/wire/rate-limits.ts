import { VenueError } from '../venue-world.js'

/** What one address may ask for. The defaults are Binance's. */
export interface RateLimitOptions {
  /** Weight of requests in a minute. */
  readonly weightPerMinute?: number
  /** New WebSocket connections in five minutes. */
  readonly dialsPer5Minutes?: number
}

/** One line of `rateLimits` in a reply of the WebSocket API. */
export interface RateLimitRow {
  readonly rateLimitType: 'REQUEST_WEIGHT'
  readonly interval: 'MINUTE'
  readonly intervalNum: 1
  readonly limit: number
  readonly count: number
}

/** Counts per address on the venue's clock. */
export interface RateLimits {
  /** Refuses while the address is banned or over its limit: -1003 with 418 or 429. */
  admit(address: string): void
  /** Adds what a call has cost and returns the weight used in this minute. */
  charge(address: string, weight: number): number
  /** Refuses with 429 when the address dials too often. */
  dial(address: string): void
  ban(address: string, seconds: number): void
  row(address: string): RateLimitRow
}

/** A refusal that says when to come back. */
export class RateLimitError extends VenueError {
  constructor(
    msg: string,
    httpStatus: 418 | 429,
    readonly retryAfterSeconds: number,
  ) {
    super(-1003, msg, httpStatus)
  }
}

interface Visitor {
  minute: number
  weight: number
  refusals: number
  bannedUntil: number
  banSeconds: number
  dialWindow: number
  dials: number
}

const minuteMs = 60_000
const dialWindowMs = 300_000
/** An address that keeps calling after so many refusals in one minute is banned. */
const patience = 20
const firstBanSeconds = 120
const longestBanSeconds = 259_200
/** Addresses that are remembered; on loopback there are few. */
const mostVisitors = 10_000

export function createRateLimits(now: () => number, options: RateLimitOptions = {}): RateLimits {
  const limit = options.weightPerMinute ?? 6_000
  const dialLimit = options.dialsPer5Minutes ?? 300
  const visitors = new Map<string, Visitor>()

  function visitor(address: string): Visitor {
    const minute = Math.floor(now() / minuteMs)
    let found = visitors.get(address)
    if (found === undefined) {
      if (visitors.size >= mostVisitors) visitors.delete(visitors.keys().next().value as string)
      found = { minute, weight: 0, refusals: 0, bannedUntil: 0, banSeconds: firstBanSeconds, dialWindow: 0, dials: 0 }
      visitors.set(address, found)
    }
    if (found.minute !== minute) {
      found.minute = minute
      found.weight = 0
      found.refusals = 0
    }
    return found
  }

  function ban(address: string, seconds: number): void {
    visitor(address).bannedUntil = now() + seconds * 1_000
  }

  return {
    ban,
    admit(address) {
      const it = visitor(address)
      if (now() < it.bannedUntil) throw banned(it.bannedUntil, now())
      if (it.weight <= limit) return
      it.refusals += 1
      if (it.refusals > patience) {
        ban(address, it.banSeconds)
        it.banSeconds = Math.min(longestBanSeconds, it.banSeconds * 2)
        throw banned(it.bannedUntil, now())
      }
      throw new RateLimitError(
        `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`,
        429,
        Math.ceil(((it.minute + 1) * minuteMs - now()) / 1_000),
      )
    },
    charge(address, weight) {
      const it = visitor(address)
      it.weight += weight
      return it.weight
    },
    dial(address) {
      const it = visitor(address)
      const window = Math.floor(now() / dialWindowMs)
      if (it.dialWindow !== window) {
        it.dialWindow = window
        it.dials = 0
      }
      it.dials += 1
      if (it.dials <= dialLimit) return
      throw new RateLimitError(
        `Too many connections; current limit is ${dialLimit} connections per 5 MINUTE.`,
        429,
        Math.ceil(((window + 1) * dialWindowMs - now()) / 1_000),
      )
    },
    row: (address) => ({
      rateLimitType: 'REQUEST_WEIGHT',
      interval: 'MINUTE',
      intervalNum: 1,
      limit,
      count: visitor(address).weight,
    }),
  }
}

function banned(until: number, now: number): RateLimitError {
  return new RateLimitError(
    `Way too much request weight used; IP banned until ${until}. Please use WebSocket Streams for live updates to avoid bans.`,
    418,
    Math.max(1, Math.ceil((until - now) / 1_000)),
  )
}
