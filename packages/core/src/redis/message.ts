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

/** What the id of a message of a channel without ids of its own begins with; its number follows. */
export function idStart({ name }: Channel<never>, key: string, epoch: number): string {
  return `${name}:${key}:${epoch}.`
}

function idOf(channel: Channel<never>, { key, epoch, seq, payload }: Message): string {
  return channel.idOf === null
    ? `${idStart(channel, key, epoch)}${seq}`
    : `${channel.name}:${channel.idOf(payload as never)}`
}

/** The envelope of a message. Its id follows from what it says, on every side of the network. */
export function envelopeOf(channel: Channel<never>, message: Message, id = idOf(channel, message)): Envelope<never> {
  const { source, epoch, seq, key, occurredAt, receivedAt, cause, payload } = message
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
