import type { Candle } from '@barfinex/core'
import { afterEach, beforeAll, expect, test } from 'vitest'
import type { Venue } from '../../src/venue/index.js'
import { type ProviderOnVenue, providerOnVenue } from './provider-on-venue.js'

const open: ProviderOnVenue[] = []
// Loading it takes longer than the timeouts of these tests.
beforeAll(async () => {
  await import('ccxt')
})
afterEach(async () => {
  for (const it of open.splice(0)) await it.close()
})

const stream = 'btcusdt@aggTrade'
const minutes = 4

const damages: readonly {
  readonly name: string
  begin(venue: Venue): void
  readonly strike?: (venue: Venue) => void
}[] = [
  { name: 'nothing', begin: () => {} },
  {
    name: 'F25: trades that are lost, doubled and disordered',
    begin({ world }) {
      world.faults.inject({ id: 'lost', at: stream, share: 0.2, fault: { do: 'drop' } })
      world.faults.inject({ id: 'twice', at: stream, share: 0.2, fault: { do: 'duplicate' } })
      world.faults.inject({ id: 'mixed', at: stream, share: 0.2, fault: { do: 'reorder' } })
    },
  },
  {
    name: 'F21: a line that is cut again and again',
    begin: () => {},
    strike: ({ control }) => void control.sockets.cut('market'),
  },
  {
    name: 'lost trades that cannot be read again',
    begin({ world }) {
      world.faults.inject({ id: 'lost', at: stream, share: 0.1, fault: { do: 'drop' } })
      world.faults.inject({ id: 'shut', at: 'GET /api/v3/aggTrades', fault: { do: 'reset' } })
    },
  },
]

test.each(damages)('$name: every closed candle is the exchange’s own', async ({ begin, strike }) => {
  const it = await providerOnVenue({ seed: 11 })
  open.push(it)
  const closed: Candle[] = []
  it.provider.service.candles$.subscribe((candle) => {
    if (candle.timeframe === '1m') closed.push(candle)
  })
  begin(it.venue)
  for (let part = 0; part < minutes * 8; part += 1) {
    strike?.(it.venue)
    await it.pass(7_500)
  }
  it.venue.world.faults.clear()
  // The newest one may still be on its way.
  await it.pass(10_000)

  const theirs = new Map(
    it.venue.world.spot.klines({ symbol: 'BTCUSDT', interval: '1m', limit: '20' }).map((row) => [Number(row[0]), row]),
  )
  expect(closed.length).toBeGreaterThanOrEqual(minutes - 1)
  for (const [index, candle] of closed.entries()) {
    if (index > 0) expect(candle.openTime).toBe(closed[index - 1]?.closeTime)
    const [, ...numbers] = theirs.get(candle.openTime)?.slice(0, 6).map(Number) ?? []
    const [o, h, l, c, volume] = numbers
    expect([candle.open, candle.high, candle.low, candle.close], `candle ${index}`).toEqual([o, h, l, c])
    expect(candle.volume).toBeCloseTo(volume ?? Number.NaN, 8)
  }
})
