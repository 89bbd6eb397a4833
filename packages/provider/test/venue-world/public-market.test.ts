import { describe, expect, it } from 'vitest'
import type { VenueBook, VenueMarketEvent } from '../../src/venue/venue-world.js'
import type { VenueWorldOptions } from '../../src/venue/world/venue-world-options.js'
import { givenWorld } from './given-world.js'

const generated = { market: 'generated', symbols: ['BTC/USDT'], perpetuals: [] } satisfies Partial<VenueWorldOptions>

describe('klines', () => {
  it('go on without a break from before the venue began, and say what its trades say', async () => {
    const { world, clock } = givenWorld(generated)
    const trades: Extract<VenueMarketEvent, { type: 'trade' }>[] = []
    const closed: Extract<VenueMarketEvent, { type: 'kline' }>[] = []
    world.onMarket((event) => {
      if (event.symbol !== 'BTCUSDT' || event.market !== 'spot') return
      if (event.type === 'trade') trades.push(event)
      if (event.type === 'kline' && event.interval.endsWith('m') && event.kline.closed) closed.push(event)
    })
    const startAt = clock.now()
    await clock.advanceBy(5 * 60_000)
    const rows = world.spot.klines({ symbol: 'BTCUSDT', interval: '1m', limit: '20' })
    expect(rows).toHaveLength(20)
    for (const [index, row] of rows.entries()) {
      if (index > 0) expect(row[0]).toBe(Number(rows[index - 1]?.[0]) + 60_000)
      expect(row[6]).toBe(Number(row[0]) + 59_999)
    }
    const minute = rows.find((row) => row[0] === startAt + 60_000)
    const inside = trades.filter((it) => it.time >= startAt + 60_000 && it.time < startAt + 120_000)
    expect(minute?.[1]).toBe(inside[0]?.price)
    expect(minute?.[4]).toBe(inside.at(-1)?.price)
    expect(minute?.[8]).toBe(inside.length)
    const minutes = closed.filter((it) => it.interval === '1m')
    expect(minutes.map((it) => it.kline.openTime)).toEqual([0, 1, 2, 3, 4].map((it) => startAt + it * 60_000))
    const fives = closed.filter((it) => it.interval === '5m')
    expect(fives).toHaveLength(1)
    expect(fives[0]?.kline.trades).toBe(minutes.reduce((sum, it) => sum + it.kline.trades, 0))
  })

  it('answer with a start from there, with an end up to it, and know all intervals', () => {
    const { world, clock } = givenWorld(generated)
    const now = clock.now()
    const open = (params: Record<string, string>) =>
      world.spot.klines({ symbol: 'BTCUSDT', interval: '1h', limit: '3', ...params }).map((row) => Number(row[0]) - now)
    const hour = 3_600_000
    expect(open({})).toEqual([-2 * hour, -hour, 0])
    expect(open({ startTime: String(now - 10 * hour) })).toEqual([-10 * hour, -9 * hour, -8 * hour])
    expect(open({ endTime: String(now - hour - 1) })).toEqual([-4 * hour, -3 * hour, -2 * hour])
    expect(open({ startTime: String(now - hour), endTime: String(now - 1) })).toEqual([-hour])
    for (const interval of ['1s', '3m', '15m', '2h', '12h', '1d', '3d', '1w', '1M']) {
      expect(world.spot.klines({ symbol: 'BTCUSDT', interval, limit: '2' })).toHaveLength(2)
    }
    expect(() => world.spot.klines({ symbol: 'BTCUSDT', interval: '7m' })).toThrow('-1120 Invalid interval.')
  })

  it('of the forming day carry the whole day so far', () => {
    const { world } = givenWorld(generated)
    const [day] = world.spot.klines({ symbol: 'BTCUSDT', interval: '1d', limit: '1' })
    const hours = world.spot.klines({ symbol: 'BTCUSDT', interval: '1h', startTime: String(day?.[0]), limit: '24' })
    const high = Math.max(...hours.map((row) => Number(row[2])))
    expect(Number(day?.[2])).toBe(high)
    expect(day?.[1]).toBe(hours[0]?.[1])
  })
})

describe('the book', () => {
  it('is told in changes that chain, and that rebuild every snapshot', async () => {
    const { world, clock, place } = givenWorld(generated)
    const changes: Extract<VenueMarketEvent, { type: 'depth' }>[] = []
    world.onMarket((event) => {
      if (event.type === 'depth' && event.symbol === 'BTCUSDT' && event.market === 'spot') changes.push(event)
    })
    const snapshot = world.book('spot', 'BTCUSDT')
    place({ side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '30000', quantity: '0.1' })
    await clock.advanceBy(30_000)
    place({ side: 'BUY', type: 'MARKET', quantity: '0.3' })
    await clock.advanceBy(30_000)
    let last = 0
    for (const [index, change] of changes.entries()) {
      if (index > 0) expect(change.firstUpdateId).toBe(last + 1)
      if (index > 0) expect(change.previousUpdateId).toBe(last)
      last = change.lastUpdateId
    }
    expect(rebuilt(snapshot, changes)).toEqual(world.book('spot', 'BTCUSDT'))
    expect(changes.length).toBeGreaterThan(20)
  })
})

/** Follows the rule of the wire: drop what the snapshot has, span its end, then apply. */
function rebuilt(from: VenueBook, changes: readonly Extract<VenueMarketEvent, { type: 'depth' }>[]): VenueBook {
  const sides = { bids: new Map(from.bids), asks: new Map(from.asks) }
  let last = from.lastUpdateId
  for (const change of changes) {
    if (change.lastUpdateId <= last) continue
    expect(change.firstUpdateId).toBeLessThanOrEqual(last + 1)
    for (const side of ['bids', 'asks'] as const) {
      for (const [price, quantity] of change[side]) {
        if (Number(quantity) === 0) sides[side].delete(price)
        else sides[side].set(price, quantity)
      }
    }
    last = change.lastUpdateId
  }
  const sorted = (side: ReadonlyMap<string, string>, sign: number) =>
    [...side].sort(([a], [b]) => sign * (Number(a) - Number(b)))
  return { lastUpdateId: last, bids: sorted(sides.bids, -1), asks: sorted(sides.asks, 1) }
}

it('joins the trades of one taker at one price', () => {
  const { world, place } = givenWorld()
  const limit = { side: 'SELL', type: 'LIMIT', timeInForce: 'GTC', price: '40880', quantity: '0.1' }
  place(limit)
  place(limit)
  world.spot.place('other', { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.25' })
  const [first, second] = world.spot.aggTrades({ symbol: 'BTCUSDT', limit: '2' })
  expect(first).toMatchObject({ p: '40880.00000000', q: '0.20000000', f: 2, l: 3, m: false })
  expect(second).toMatchObject({ q: '0.05000000', f: 4, l: 4 })
  expect(world.spot.historicalTrades({ symbol: 'BTCUSDT', fromId: '3', limit: '1' })).toMatchObject([{ id: 3 }])
})

it('gives a print to resting orders first, at their price', () => {
  const { world, place } = givenWorld()
  place({ side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '40880', quantity: '0.1' })
  world.printTrade('spot', 'BTCUSDT', '40879', '0.3', 'SELL')
  expect(world.spot.myTrades('bot', { symbol: 'BTCUSDT' })).toMatchObject([
    { price: '40880.00000000', qty: '0.10000000', isMaker: true },
  ])
  expect(world.spot.trades({ symbol: 'BTCUSDT', limit: '2' })).toMatchObject([
    { price: '40880.00000000', qty: '0.10000000', isBuyerMaker: true },
    { price: '40879.00000000', qty: '0.20000000', isBuyerMaker: true },
  ])
})

it('S15: the same seed and the same requests give the same bytes, another seed others', async () => {
  const run = async (seed: number) => {
    const { world, clock, place, told } = givenWorld({ ...generated, seed, userDelayMs: { from: 0, to: 40 } })
    const seen: unknown[] = []
    world.onMarket((event) => seen.push(event))
    for (let step = 0; step < 5; step += 1) {
      await clock.advanceBy(7_000)
      place({ side: step % 2 === 0 ? 'BUY' : 'SELL', type: 'MARKET', quantity: '0.05' })
    }
    world.movePrice('spot', 'BTCUSDT', '41000')
    await clock.advanceBy(10_000)
    return JSON.stringify([seen, told, world.truth(), world.spot.account('bot', {})])
  }
  const first = await run(7)
  expect(await run(7)).toBe(first)
  expect(await run(8)).not.toBe(first)
})

it('goes on from a price it was moved to, and refills what was taken', async () => {
  const { world, clock, place } = givenWorld(generated)
  world.movePrice('spot', 'BTCUSDT', '60000')
  await clock.advanceBy(60_000)
  const price = Number((world.spot.tickerPrice({ symbol: 'BTCUSDT' }) as Record<string, unknown>)['price'])
  expect(price).toBeGreaterThan(58_000)
  expect(price).toBeLessThan(62_000)
  const still = givenWorld()
  const ask = () => still.world.book('spot', 'BTCUSDT').asks[0]
  const before = ask()
  still.place({ side: 'BUY', type: 'MARKET', quantity: '1' })
  expect(ask()).not.toEqual(before)
  await still.clock.advanceBy(1_000)
  expect(ask()).toEqual(before)
  expect(place({ side: 'BUY', type: 'MARKET', quantity: '0.01' })).toMatchObject({ status: 'FILLED' })
})

it('S16: a step of the clock shows in every time of the wire', () => {
  const { world, clock, place } = givenWorld()
  world.setSkew(15_000)
  expect(world.now()).toBe(clock.now() + 15_000)
  expect(place({ side: 'BUY', type: 'MARKET', quantity: '0.01' })).toMatchObject({ transactTime: clock.now() + 15_000 })
})
