import { type Bus, type Channel, type Clock, flow, type Handler, type Random } from '@barfinex/core'
import { between } from './fates.js'

const channels: ReadonlySet<string> = new Set([flow.orderEvent.name, flow.fill.name, flow.account.name])

/**
 * The same bus for a reader behind a network: what is said on the channels of orders, fills and the account arrives late, each channel in
 * its own order and at its own pace, so that an order's end overtakes its fill, and the account both. On Redis these are streams of
 * their own.
 */
export function apartBus(bus: Bus, clock: Clock, random: Random, mostMs: number): Bus {
  function late<Payload>(channel: Channel<Payload>, handler: Handler<Payload>): Handler<Payload> {
    if (!channels.has(channel.name)) return handler
    const pace = random.fork(channel.name)
    let lastAt = 0
    return (envelope) => {
      // Most of the time a channel is quick; now and then it is far behind the others.
      const delay = pace.next() < 0.8 ? between(pace, 0, 20) : between(pace, 20, mostMs)
      lastAt = Math.max(lastAt, clock.now() + delay)
      clock.schedule(lastAt, () => void handler(envelope))
    }
  }
  return {
    ...bus,
    subscribe: (channel, handler, options) => bus.subscribe(channel, late(channel, handler), options),
  }
}
