import type { Envelope } from '../bus/envelope.js'
import { BarfinexError } from '../runtime/error.js'
import type { Kernel } from './kernel.js'
import { type FullRule, KeyedQueues } from './keyed-queues.js'
import type { Place, Recipient, RedisTopic } from './topic.js'

export interface PlainReaderOptions {
  readonly topic: RedisTopic
  readonly kernel: Kernel
  readonly queueLimit: number
  readonly keys: ReadonlySet<string> | null
  readonly take: (envelope: Envelope<never>) => unknown
  /** It has fallen behind and has taken up all that waited: read on for it from its {@link PlainReader.place}. */
  readonly onHungry: (reader: PlainReader) => void
}

/**
 * A reader without a memory of its own. One that is too slow for durable messages leaves them in the stream and reads on from there
 * when it has caught up; live data it loses, counted; of state it gets the newest.
 */
export class PlainReader implements Recipient {
  isClosed = false
  /** Where it goes on when it goes for itself; `null` while it goes with the others. */
  place: Place | null = null
  private readonly queues: KeyedQueues<Envelope<never>>

  constructor(private readonly options: PlainReaderOptions) {
    const { topic, kernel, queueLimit, onHungry } = options
    const rule: FullRule = topic.isState ? 'keep-newest' : topic.isDurable ? 'refuse' : 'drop-oldest'
    const onDrop = () => {
      topic.droppedCount += 1
    }
    const onSpace = () => {
      if (this.isHungry) onHungry(this)
    }
    this.queues = new KeyedQueues(kernel, queueLimit, rule, (envelope) => this.handle(envelope), onDrop, onSpace)
  }

  /** True when it goes for itself and has nothing to do. */
  get isHungry(): boolean {
    return this.place !== null && this.queues.waitingCount === 0 && !this.isClosed
  }

  wants(key: string): boolean {
    return this.options.keys === null || this.options.keys.has(key)
  }

  /** True when one more durable message of this key would have to wait elsewhere. */
  isFull(key: string): boolean {
    return !this.isClosed && this.wants(key) && this.queues.isFull(key)
  }

  offer(envelope: Envelope<never>, place: Place | null): void {
    if (this.place === null) this.accept(envelope, place)
  }

  /** Takes a message while it goes for itself; false when it has to wait in the stream. */
  accept(envelope: Envelope<never>, place: Place | null): boolean {
    if (this.isClosed || !this.wants(envelope.key) || this.queues.offer(envelope.key, envelope)) return true
    if (place === null) {
      this.queues.force(envelope.key, envelope)
      return true
    }
    this.place = place
    return false
  }

  close(): void {
    this.isClosed = true
    this.queues.close()
  }

  private handle(envelope: Envelope<never>): Promise<unknown> | undefined {
    const { kernel, topic, take } = this.options
    const onFault = (error: unknown) => kernel.fault(error, topic.channel.name)
    if (this.isClosed) return undefined
    try {
      const result = take(envelope)
      return isThenable(result) ? Promise.resolve(result).catch(onFault) : undefined
    } catch (error) {
      onFault(error)
      return undefined
    }
  }
}

/** Throws `bus.overflow` when a reader of durable messages has as many of this key waiting as it may have. */
export function refuseSlowReader({ channel, readers }: RedisTopic, key: string, queueLimit: number): void {
  if (!readers.some((reader) => reader instanceof PlainReader && reader.isFull(key))) return
  const text = `A reader of ${channel.name} has ${queueLimit} messages of "${key}" waiting.`
  throw new BarfinexError('bus.overflow', `${text} Make its handler faster or raise queueLimit.`, {
    retryable: true,
    details: { channel: channel.name, key, queueLimit },
  })
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
