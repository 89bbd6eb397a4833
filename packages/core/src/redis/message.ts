import type { Cause, Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'

/** What a writer says, before it has a place in a stream. */
export interface Message {
  readonly source: string
  readonly epoch: number
  readonly seq: number
  readonly key: string
  readonly occurredAt: number
  readonly receivedAt: number | undefined
  readonly cause: Cause | undefined
  readonly payload: unknown
}

/** The envelope of a message. Its id follows from what it says, on every side of the network. */
export function envelopeOf(channel: Channel<never>, message: Message): Envelope<never> {
  const { source, epoch, seq, key, occurredAt, receivedAt, cause, payload } = message
  const id =
    channel.idOf === null
      ? `${channel.name}:${key}:${epoch}.${seq}`
      : `${channel.name}:${channel.idOf(payload as never)}`
  return {
    id,
    type: channel.name,
    version: channel.version,
    source,
    key,
    seq,
    epoch,
    occurredAt,
    ...(receivedAt === undefined ? {} : { receivedAt }),
    correlationId: cause === undefined ? id : cause.correlationId,
    causationId: cause === undefined ? id : cause.id,
    payload: payload as never,
  }
}
