import type { Redis } from 'ioredis'
import type { Envelope } from '../bus/envelope.js'
import { addressesOf } from './address.js'
import { isAway } from './connection.js'
import type { Frame } from './frame.js'
import type { Keys } from './keys.js'
import type { RedisTopic } from './topic.js'

export interface StateFeedOptions {
  readonly redis: Redis
  readonly keys: Keys
  readonly topic: RedisTopic
  /** `null` for what cannot be read, and for what may not be said at this address. */
  readonly decode: (address: string, frame: Buffer) => Frame | null
  readonly onValue: (envelope: Envelope<never>) => void
  /** True for what this process has handed over by itself. */
  readonly isOwn: (frame: Frame) => boolean
}

/** The last values of a state channel: what is pushed, and after every reconnect what the server holds. */
export class StateFeed {
  private isLoaded = false
  /** Keys that were pushed while the server's values were on their way: those are newer. */
  private pushed: Set<string> | null = null

  constructor(private readonly options: StateFeedOptions) {}

  push(frames: readonly Buffer[], address: string): void {
    for (const text of frames) {
      const frame = this.options.decode(address, text)
      if (frame === null || this.options.isOwn(frame)) continue
      for (const envelope of frame.envelopes) {
        this.pushed?.add(envelope.key)
        this.options.onValue(envelope)
      }
    }
  }

  /** What the server holds is not known any more. */
  stale(): void {
    this.isLoaded = false
  }

  get needsLoad(): boolean {
    return !this.isLoaded && this.pushed === null
  }

  /** Takes the server's values; those that are known already change nothing. The topic must be subscribed already. */
  async load(): Promise<void> {
    if (!this.needsLoad) return
    const { redis, keys, topic } = this.options
    const pushed = new Set<string>()
    this.pushed = pushed
    try {
      const addresses = addressesOf(topic.channel)
      const replies = await Promise.all(addresses.map((address) => redis.hgetallBuffer(keys.state(address))))
      this.isLoaded = true
      for (const [index, values] of replies.entries()) {
        for (const value of Object.values(values)) this.take(value, addresses[index] as string, pushed)
      }
    } catch (error) {
      // What this user may not read is not asked for again.
      this.isLoaded = !isAway(error)
      throw error
    } finally {
      this.pushed = null
    }
  }

  private take(value: Buffer, address: string, pushed: ReadonlySet<string>): void {
    const frame = this.options.decode(address, value.subarray(value.indexOf(10) + 1))
    if (frame === null || this.options.isOwn(frame)) return
    for (const envelope of frame.envelopes) {
      const known = this.options.topic.state.get(envelope.key)
      if (!pushed.has(envelope.key) && !isSame(known, envelope)) this.options.onValue(envelope)
    }
  }
}

function isSame(a: Envelope<never> | undefined, b: Envelope<never>): boolean {
  return (
    a !== undefined && a.source === b.source && a.epoch === b.epoch && a.seq === b.seq && a.occurredAt === b.occurredAt
  )
}
