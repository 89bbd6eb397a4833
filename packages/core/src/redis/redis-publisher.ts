import type { Publisher } from '../bus/bus.js'
import type { Cause, Envelope } from '../bus/envelope.js'
import { rememberedKeys } from '../bus/route.js'
import type { Channel } from '../flow/channel.js'
import { envelopeOf, idStart } from './message.js'

/** Takes what a writer says. */
export interface Spoken {
  /** Throws before a number is used when it cannot be taken. */
  readonly admit: (key: string) => void
  readonly say: (envelope: Envelope<never>) => void
  /**
   * False when nobody here sees what `publishAt` says, and it travels without its id, which its reader makes of what it says: then none
   * is put together, for that costs as much as the rest of an envelope.
   */
  readonly isSeenHere: boolean
}

/** What is written on one key. */
interface Lane {
  /** The number of the next message. */
  seq: number
  /** What the ids of its messages begin with, put together once. */
  readonly idStart: string
}

/** One writer's door to one channel. It numbers its messages by key. */
export function createRedisPublisher<Payload>(
  channel: Channel<Payload>,
  source: string,
  epoch: number,
  { admit, say, isSeenHere }: Spoken,
): Publisher<Payload> {
  const own = channel as unknown as Channel<never>
  const lanes = new Map<string, Lane>()
  let floor = 0

  function laneOf(key: string): Lane {
    let lane = lanes.get(key)
    if (lane === undefined) {
      if (lanes.size >= rememberedKeys) forgetOldest()
      lane = { seq: floor, idStart: idStart(own, key, epoch) }
      lanes.set(key, lane)
    }
    return lane
  }

  /** A key that was forgotten goes on above every number it can have had. */
  function forgetOldest(): void {
    for (const [key, { seq }] of lanes) {
      floor = Math.max(floor, seq)
      lanes.delete(key)
      return
    }
  }

  function tell(
    payload: Payload,
    occurredAt: number,
    receivedAt: number | undefined,
    cause: Cause | undefined,
    isNamed: boolean,
  ): Envelope<Payload> {
    const key = channel.keyOf(payload)
    admit(key)
    const kept = cause === undefined ? undefined : { id: cause.id, correlationId: cause.correlationId }
    const lane = laneOf(key)
    const { seq } = lane
    lane.seq += 1
    const id = !isNamed ? '' : channel.idOf === null ? `${lane.idStart}${seq}` : undefined
    const envelope = envelopeOf(own, { source, epoch, seq, key, occurredAt, receivedAt, cause: kept, payload }, id)
    say(envelope)
    return envelope as unknown as Envelope<Payload>
  }

  return {
    publish: (payload, { occurredAt, receivedAt, cause }) => tell(payload, occurredAt, receivedAt, cause, true),
    publishAt(payload, occurredAt, cause) {
      tell(payload, occurredAt, undefined, cause, isSeenHere)
    },
  }
}
