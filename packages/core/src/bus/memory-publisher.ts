import type { Channel } from '../flow/channel.js'
import type { Publisher } from './bus.js'
import type { Delivery } from './delivery.js'
import type { Envelope } from './envelope.js'
import { Lane } from './lane.js'
import { rememberedKeys, type Topic } from './route.js'

/** One writer's door to one topic. It numbers its messages by key. */
export function createPublisher<Payload>(
  channel: Channel<Payload>,
  source: string,
  epoch: number,
  topic: Topic,
  delivery: Delivery,
): Publisher<Payload> {
  const lanes = new Map<string, Lane<Payload>>()
  const { keyOf } = channel
  const { send, show } = delivery
  let floor = 0
  let last: Lane<Payload> | null = null

  function laneOf(key: string): Lane<never> {
    let lane = lanes.get(key)
    if (lane === undefined) {
      lane = new Lane(channel, source, epoch, key, topic.routeOf(key))
      // A key that was forgotten goes on above every number it can have had.
      lane.seq = floor
      if (lanes.size >= rememberedKeys) forgetOldest()
      lanes.set(key, lane)
    }
    last = lane
    return lane as unknown as Lane<never>
  }

  function forgetOldest(): void {
    for (const [key, lane] of lanes) {
      floor = Math.max(floor, lane.seq)
      lanes.delete(key)
      return
    }
  }

  return {
    publish(payload, { occurredAt, receivedAt, cause }) {
      const key = keyOf(payload)
      const lane = last !== null && last.key === key ? (last as unknown as Lane<never>) : laneOf(key)
      return send(lane, payload as never, occurredAt, receivedAt, cause) as unknown as Envelope<Payload>
    },
    publishAt(payload, occurredAt, cause) {
      const key = keyOf(payload)
      const lane = last !== null && last.key === key ? (last as unknown as Lane<never>) : laneOf(key)
      if (!show(lane, payload as never, occurredAt)) send(lane, payload as never, occurredAt, undefined, cause)
    },
  }
}
