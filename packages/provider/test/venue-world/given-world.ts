import { createVirtualClock, type VirtualClock } from '@barfinex/core'
import type { VenueParams, VenueUserEvent, VenueWorld } from '../../src/venue/venue-world.js'
import { createVenueWorld } from '../../src/venue/world/create-venue-world.js'
import type { VenueWorldOptions } from '../../src/venue/world/venue-world-options.js'

/** A world for tests: one account `bot`, a still market at a whole price, and everything it was told. */
export interface GivenWorld {
  readonly world: VenueWorld
  readonly clock: VirtualClock
  readonly told: VenueUserEvent[]
  place(params: VenueParams): Readonly<Record<string, unknown>>
  /** Event types and order states so far, `executionReport NEW`. */
  story(): readonly string[]
}

export function givenWorld(options: Partial<VenueWorldOptions> = {}): GivenWorld {
  const clock = createVirtualClock({ startAt: Date.UTC(2026, 0, 5, 10, 0, 0) })
  const world = createVenueWorld({
    clock,
    seed: 7,
    accounts: [
      { id: 'bot', apiKey: 'key', secret: 'secret', balances: { USDT: '100000', BTC: '2', BNB: '10' } },
      { id: 'other', apiKey: 'key2', secret: 'secret2', balances: { USDT: '100000', BTC: '2' } },
    ],
    market: 'still',
    userDelayMs: { from: 0, to: 0 },
    ...options,
  })
  const told: VenueUserEvent[] = []
  world.onUser('bot', (event) => told.push(event))
  return {
    world,
    clock,
    told,
    place: (params) => world.spot.place('bot', { symbol: 'BTCUSDT', ...params }),
    story: () =>
      told.map(({ fields }) => {
        if (fields['e'] === 'executionReport') return `${fields['x']} ${fields['X']}`
        return fields['e'] === 'listStatus' ? `list ${fields['l']}` : String(fields['e'])
      }),
  }
}
