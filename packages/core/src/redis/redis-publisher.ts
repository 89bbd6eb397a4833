import type { Publisher } from '../bus/bus.js'
import type { Cause, Envelope } from '../bus/envelope.js'
import { rememberedKeys } from '../bus/route.js'
import type { Channel } from '../flow/channel.js'
import { envelopeOf } from './message.js'

/** Takes what a writer says. */
export interface Spoken {
  /** Throws before a number is used when it cannot be taken. */
  readonly admit: (key: string) => void
  readonly say: (envelope: Envelope<never>) => void
}

/** One writer's door to one channel. It numbers its messages by key. */
export function createRedisPublisher<Payload>(
  channel: Channel<Payload>,
  source: string,
  epoch: number,
  { admit, say }: Spoken,
): Publisher<Payload> {
  const seqs = new Map<string, number>()
  let floor = 0

  function nextSeq(key: string): number {
    const seq = seqs.get(key) ?? floor
    if (seqs.size >= rememberedKeys && !seqs.has(key)) forgetOldest()
    seqs.set(key, seq + 1)
    return seq
  }

  /** A key that was forgotten goes on above every number it can have had. */
  function forgetOldest(): void {
    for (const [key, seq] of seqs) {
      floor = Math.max(floor, seq)
      seqs.delete(key)
      return
    }
  }

  function tell(
    payload: Payload,
    occurredAt: number,
    receivedAt: number | undefined,
    cause: Cause | undefined,
  ): Envelope<Payload> {
    const key = channel.keyOf(payload)
    admit(key)
    const own = channel as unknown as Channel<never>
    const kept = cause === undefined ? undefined : { id: cause.id, correlationId: cause.correlationId }
    const seq = nextSeq(key)
    const envelope = envelopeOf(own, { source, epoch, seq, key, occurredAt, receivedAt, cause: kept, payload })
    say(envelope)
    return envelope as unknown as Envelope<Payload>
  }

  return {
    publish: (payload, { occurredAt, receivedAt, cause }) => tell(payload, occurredAt, receivedAt, cause),
    publishAt(payload, occurredAt, cause) {
      tell(payload, occurredAt, undefined, cause)
    },
  }
}
