import type { Bus } from '../bus/bus.js'
import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { channels } from '../flow/map.js'
import type { Journal } from '../journal/journal.js'

interface Told {
  readonly envelope: Envelope
  readonly channel: Channel<never>
  readonly rank: number
}

/**
 * Fills a journal with the commands and facts that the bus still holds and it does not have, in the order in which they became true.
 * So a daemon that takes over on another machine, or comes back after another one, knows what was decided, sent and filled, and
 * which approvals were used. Returns how many the bus held.
 */
export async function takeOverHistory(bus: Bus, journal: Journal): Promise<number> {
  const told: Told[] = []
  const unsubscribes = channels
    .map((it, rank) => ({ channel: it as unknown as Channel<never>, rank }))
    .filter(({ channel }) => channel.class === 'command' || channel.class === 'fact')
    .map(({ channel, rank }) =>
      bus.subscribe<never>(channel, (envelope) => void told.push({ envelope, channel, rank }), { from: 'earliest' }),
    )
  await bus.settled()
  for (const unsubscribe of unsubscribes) unsubscribe()
  told.sort((a, b) => a.envelope.occurredAt - b.envelope.occurredAt || a.rank - b.rank)
  for (const { envelope, channel } of told) journal.append(envelope, channel)
  await journal.flush()
  return told.length
}
