import { z } from 'zod'
import { identifier, instantMs } from '../flow/primitives.js'

export const envelopeSchema = z.object({
  /** Unique per message and made from what it says where it can be, so the same fact twice has the same id. */
  id: z.string().max(400),
  /** Name of the channel. */
  type: identifier,
  version: z.number().int().min(1),
  /** The service that wrote it. */
  source: identifier,
  /** Ordering key. */
  key: z.string().max(400),
  /** Counts up per writer, channel and key. */
  seq: z.number().int().nonnegative(),
  /** The writer's incarnation, for fencing. */
  epoch: z.number().int().nonnegative(),
  /** Kernel time at which it became true, milliseconds UTC. */
  occurredAt: instantMs,
  /** Our clock when it arrived from outside; absent for what we said ourselves. */
  receivedAt: instantMs.optional(),
  /** Id of the market event (or operator command) that started it all. */
  correlationId: z.string().max(400),
  /** Id of the message that directly led to this one; its own id at the start of a trail. */
  causationId: z.string().max(400),
  payload: z.unknown(),
})

/** A message with its identity, its time and its cause. */
export interface Envelope<Payload = unknown> {
  readonly id: string
  readonly type: string
  readonly version: number
  readonly source: string
  readonly key: string
  readonly seq: number
  readonly epoch: number
  readonly occurredAt: number
  readonly receivedAt?: number | undefined
  readonly correlationId: string
  readonly causationId: string
  readonly payload: Payload
}

/** What leads to a message: anything that has an id and a correlation. */
export type Cause = Pick<Envelope, 'id' | 'correlationId'>

/** A plain record of an envelope, for a wire or a file. */
export function plainEnvelope<Payload>(envelope: Envelope<Payload>): Envelope<Payload> {
  return {
    id: envelope.id,
    type: envelope.type,
    version: envelope.version,
    source: envelope.source,
    key: envelope.key,
    seq: envelope.seq,
    epoch: envelope.epoch,
    occurredAt: envelope.occurredAt,
    ...(envelope.receivedAt === undefined ? {} : { receivedAt: envelope.receivedAt }),
    correlationId: envelope.correlationId,
    causationId: envelope.causationId,
    payload: envelope.payload,
  }
}
