import { BarfinexError, type Bus, flow } from '@barfinex/core'

const limitedChannels: readonly string[] = [
  flow.operatorCommand.name,
  flow.incident.name,
  flow.orderEvent.name,
  flow.fill.name,
  flow.account.name,
]

/** Makes a bus whose room for commands, incidents and all about orders a test can take away. Before anything speaks on it. */
export function fillableBus(bus: Bus): { isFull: boolean } {
  const full = { isFull: false }
  const publisher = bus.publisher.bind(bus)
  const limited: Bus['publisher'] = (channel, source, epoch) => {
    const own = publisher(channel, source, epoch)
    if (!limitedChannels.includes(channel.name)) return own
    return {
      ...own,
      publish(...said) {
        if (full.isFull) throw new BarfinexError('bus.overflow', 'The test has filled the bus.', { retryable: true })
        return own.publish(...said)
      },
    }
  }
  Object.assign(bus, { publisher: limited })
  return full
}
