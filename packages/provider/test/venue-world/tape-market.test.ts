import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { anInstrument } from '@barfinex/core/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTape } from '../../src/exchanges/tape/open-tape.js'
import { writeTape } from '../../src/exchanges/tape/record-tape.js'
import { minuteSidecar as sidecar } from '../minute-sidecar.js'
import { givenWorld } from './given-world.js'

const bars = [
  [60_000, 60_100, 59_900, 60_050, 4],
  [60_050, 60_060, 59_500, 59_600, 8],
  [59_600, 60_400, 59_600, 60_300, 6],
] as const

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'venue-tape-'))
  const rows = bars.map((bar, index) => [`20240501 00:0${index}`, ...bar].join(','))
  await writeFile(join(directory, 'btc-1m.csv'), rows.join('\n'))
})
afterAll(() => rm(directory, { recursive: true }))

it('plays recorded candles as if they were now', async () => {
  const tape = await openTape(join(directory, 'btc-1m.csv'), { sidecar })
  const { world, clock } = givenWorld({ tape })
  const begin = clock.now()
  await clock.advanceBy(3 * 60_000)
  const rows = world.spot.klines({ symbol: 'BTCUSDT', interval: '1m', startTime: String(begin), limit: '3' })
  expect(rows.map((row) => [row[0], ...row.slice(1, 5).map(Number)])).toEqual(
    bars.map(([open, high, low, close], index) => [begin + index * 60_000, open, high, low, close]),
  )
})

it('lets stops wake on the way through a candle', async () => {
  const tape = await openTape(join(directory, 'btc-1m.csv'), { sidecar })
  const { world, clock, place } = givenWorld({ tape })
  place({ side: 'SELL', type: 'STOP_LOSS', quantity: '0.1', stopPrice: '59550' })
  await clock.advanceBy(60_000)
  expect(world.spot.openOrders('bot', {})).toHaveLength(1)
  await clock.advanceBy(60_000)
  const [fill] = world.spot.myTrades('bot', { symbol: 'BTCUSDT' })
  expect(Number(fill?.['price'])).toBeCloseTo(59_494, -1)
})

it('plays recorded quotes and trades with ids of its own', async () => {
  const instrument = anInstrument({ stepSize: '0.001', minQuantity: '0.001' })
  const { symbol } = instrument
  const at = Date.UTC(2024, 4, 1)
  const quote = { symbol, bid: 59_999, ask: 60_001, bidQuantity: 2, askQuantity: 3, occurredAt: at }
  const trade = (after: number, price: number) =>
    ({
      type: 'trade',
      at: at + after,
      trade: { symbol, tradeId: `t${after}`, price, quantity: 0.5, takerSide: 'buy', occurredAt: at + after },
    }) as const
  const path = join(directory, 'events.btape')
  writeTape(path, [instrument], [{ type: 'quote', at, quote }, trade(100, 60_001), trade(200, 60_002)])
  const { world, clock } = givenWorld({ tape: await openTape(path) })
  const begin = clock.now()
  await clock.advanceBy(1_000)
  const rows = world.spot.trades({ symbol: 'BTCUSDT', limit: '2' })
  expect(rows.map((it) => [Number(it['price']), it['time']])).toEqual([
    [60_001, begin + 100],
    [60_002, begin + 200],
  ])
  expect(world.spot.bookTicker({ symbol: 'BTCUSDT' })).toMatchObject({
    bidPrice: '59999.00000000',
    askQty: '3.00000000',
  })
})
