import type { Channel } from '../flow/channel.js'
import { type Cause, type Envelope, plainEnvelope } from './envelope.js'
import type { Route } from './route.js'

/** What all messages of one writer, channel and key have in common, and their count. */
export class Lane<Payload> {
  seq = 0

  constructor(
    readonly channel: Channel<Payload>,
    readonly source: string,
    readonly epoch: number,
    readonly key: string,
    public route: Route,
  ) {}
}

/**
 * An envelope whose ids are text only when somebody asks: live data is never asked, and building three strings per event
 * would cost more than carrying it.
 */
export class LazyEnvelope<Payload> implements Envelope<Payload> {
  // Declared, not defined: a defined class field is one more call per message.
  declare private text: string | undefined
  declare readonly lane: Lane<Payload>
  declare readonly seq: number
  declare readonly occurredAt: number
  declare readonly receivedAt: number | undefined
  declare private readonly cause: Cause | undefined
  declare readonly payload: Payload

  constructor(
    lane: Lane<Payload>,
    seq: number,
    occurredAt: number,
    receivedAt: number | undefined,
    cause: Cause | undefined,
    payload: Payload,
  ) {
    this.text = undefined
    this.lane = lane
    this.seq = seq
    this.occurredAt = occurredAt
    this.receivedAt = receivedAt
    this.cause = cause
    this.payload = payload
  }

  get type(): string {
    return this.lane.channel.name
  }

  get version(): number {
    return this.lane.channel.version
  }

  get source(): string {
    return this.lane.source
  }

  get key(): string {
    return this.lane.key
  }

  get epoch(): number {
    return this.lane.epoch
  }

  get id(): string {
    this.text ??= this.nameOf()
    return this.text
  }

  get correlationId(): string {
    return this.cause === undefined ? this.id : this.cause.correlationId
  }

  get causationId(): string {
    return this.cause === undefined ? this.id : this.cause.id
  }

  /** True at the start of a trail. */
  get isRoot(): boolean {
    return this.cause === undefined
  }

  toJSON(): Envelope<Payload> {
    return plainEnvelope(this)
  }

  /** How Node and notebooks print it: as the record it stands for. */
  [Symbol.for('nodejs.util.inspect.custom')](): Envelope<Payload> {
    return plainEnvelope(this)
  }

  private nameOf(): string {
    const { channel, key, epoch } = this.lane
    return channel.idOf === null
      ? `${channel.name}:${key}:${epoch}.${this.seq}`
      : `${channel.name}:${channel.idOf(this.payload)}`
  }
}

/**
 * What an envelope keeps of its cause. The start of a trail is kept as it is, its ids unmade; of anything later only the two
 * ids are, so that a chain of causes does not keep every message of the past in memory.
 */
export function keptCause(cause: Cause): Cause {
  if (cause instanceof LazyEnvelope && cause.isRoot) return cause
  return { id: cause.id, correlationId: cause.correlationId }
}
