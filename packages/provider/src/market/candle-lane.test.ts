import {
  type Candle,
  closeTimeOf,
  createVirtualClock,
  openTimeOf,
  type Timeframe,
  type Trade,
  timeframes,
} from '@barfinex/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CandleLane } from './candle-lane.js'
import type { FetchCandles } from './repair.js'

const symbol = 'BTC/USDT'
const monday = Date.UTC(2024, 0, 1)
const none: FetchCandles = async () => []
const quiet = { formingEveryMs: 0, onForming: () => {} }

function tradeAt(occurredAt: number, price: number, quantity = 1): Trade {
  return { symbol, tradeId: `${occurredAt}`, price, quantity, takerSide: 'buy', occurredAt }
}

interface RunOptions {
  readonly startAt: number
  readonly endAt: number
  readonly wanted: readonly Timeframe[]
  readonly trades: readonly Trade[]
  readonly given?: readonly Timeframe[]
  readonly fetch?: FetchCandles
  readonly graceMs?: number
}

/** Every trade at its own time; what closes is kept with the time at which it was said. */
async function run(options: RunOptions): Promise<{ candles: Candle[]; saidAt: Map<Candle, number>; late: number }> {
  const clock = createVirtualClock({ startAt: Math.min(options.startAt, options.trades[0]?.occurredAt ?? Infinity) })
  const candles: Candle[] = []
  const saidAt = new Map<Candle, number>()
  let late = 0
  let isOpen = false
  const lane = new CandleLane({
    symbol,
    clock,
    given: options.given ?? [],
    hasTrades: options.given === undefined,
    graceMs: options.graceMs ?? 0,
    ...quiet,
    onClose: (candle) => {
      candles.push(candle)
      saidAt.set(candle, clock.now())
    },
    fetch: options.fetch ?? none,
  })
  for (const timeframe of options.wanted) lane.ensure(timeframe, () => [])
  clock.schedule(options.startAt, () => {
    isOpen = true
    lane.start(() => [])
  })
  for (const trade of options.trades) {
    clock.schedule(trade.occurredAt, () => {
      if (isOpen && lane.trade(trade) !== null) late += 1
    })
  }
  await clock.advanceTo(options.endAt)
  return { candles, saidAt, late }
}

/** What the candles of a timeframe ought to be, by looking at all trades at once. */
function reference(trades: readonly Trade[], timeframe: Timeframe, startAt: number, endAt: number): Candle[] {
  const seen = trades.filter((trade) => trade.occurredAt >= startAt)
  const first = seen[0]
  if (first === undefined) return []
  const candles: Candle[] = []
  let last = Number.NaN
  for (let open = openTimeOf(timeframe, startAt); closeTimeOf(timeframe, open) <= endAt; ) {
    const close = closeTimeOf(timeframe, open)
    const inside = seen.filter((trade) => trade.occurredAt >= open && trade.occurredAt < close)
    const prices = inside.map((trade) => trade.price)
    const isQuiet = inside.length === 0
    const before = last
    last = prices.at(-1) ?? last
    if (open >= startAt && !Number.isNaN(last)) {
      candles.push({
        symbol,
        timeframe,
        openTime: open,
        closeTime: close,
        open: prices[0] ?? before,
        high: isQuiet ? before : Math.max(...prices),
        low: isQuiet ? before : Math.min(...prices),
        close: last,
        volume: inside.reduce((sum, trade) => sum + trade.quantity, 0),
        tradeCount: inside.length,
        isFinal: true,
        provenance: isQuiet ? 'synthetic' : 'live',
        revision: 0,
      })
    }
    open = close
  }
  return candles
}

/** Quantities are multiples of 1/1024, so that sums are exact in any order of addition. */
const tradesArbitrary = (meanGapMs: number) =>
  fc
    .array(
      fc.record({
        gapMs: fc.integer({ min: 0, max: meanGapMs * 2 }),
        price: fc.integer({ min: 1, max: 1_000 }),
        quantity: fc.integer({ min: 1, max: 4_096 }).map((units) => units / 1_024),
      }),
      { minLength: 1, maxLength: 120 },
    )
    .map((steps) => {
      let at = monday
      return steps.map((step) => {
        at += step.gapMs
        return tradeAt(at, step.price, step.quantity)
      })
    })

const scenario = fc
  .tuple(
    fc.constantFrom(200, 5_000, 90_000, 3_600_000),
    fc.uniqueArray(fc.constantFrom(...timeframes), { minLength: 1 }),
  )
  .chain(([meanGapMs, wanted]) =>
    fc.record({
      trades: tradesArbitrary(meanGapMs),
      // Seconds over days of silence would only be many copies of one price.
      wanted: fc.constant(meanGapMs > 5_000 ? [...wanted.filter((it) => it !== '1s'), '1h' as const] : wanted),
      offsetMs: fc.integer({ min: 0, max: meanGapMs * 20 }),
      restMs: fc.integer({ min: 0, max: meanGapMs * 3 }),
    }),
  )

describe('candles from trades', () => {
  test('any timeframes, any trades, any start: what a look at all trades would say, each slot once', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ trades, wanted, offsetMs, restMs }) => {
        const startAt = monday + offsetMs
        const endAt = Math.max(startAt, (trades.at(-1) as Trade).occurredAt) + restMs
        const { candles, late } = await run({ startAt, endAt, wanted, trades })
        expect(late).toBe(0)
        for (const timeframe of wanted) {
          const ours = candles.filter((candle) => candle.timeframe === timeframe)
          expect(ours).toEqual(reference(trades, timeframe, startAt, endAt))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('volumes of lower candles add up to the higher one, and no candle is said before it has ended', async () => {
    await fc.assert(
      fc.asyncProperty(tradesArbitrary(20_000), async (trades) => {
        const endAt = openTimeOf('1h', (trades.at(-1) as Trade).occurredAt) + 3_600_000
        const { candles, saidAt } = await run({ startAt: monday, endAt, wanted: ['1m', '15m', '1h'], trades })
        const volume = (timeframe: Timeframe) =>
          candles.filter((it) => it.timeframe === timeframe).reduce((sum, it) => sum + it.volume, 0)
        const traded = trades.reduce((sum, trade) => sum + trade.quantity, 0)
        expect([volume('1m'), volume('15m'), volume('1h')]).toEqual([traded, traded, traded])
        for (const candle of candles) expect(saidAt.get(candle)).toBeGreaterThanOrEqual(candle.closeTime)
      }),
      { numRuns: 30 },
    )
  })

  test('a start at any millisecond gives the candles an always-on process has, from the first one on', async () => {
    const trades = Array.from({ length: 600 }, (_, index) => tradeAt(monday + index * 700, 100 + (index % 17), 0.25))
    const endAt = monday + 420_000
    const always = await run({ startAt: monday, endAt, wanted: ['1s', '1m', '3m'], trades })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200_000 }), async (offsetMs) => {
        const { candles } = await run({ startAt: monday + offsetMs, endAt, wanted: ['1s', '1m', '3m'], trades })
        for (const timeframe of ['1s', '1m', '3m'] as const) {
          const later = candles.filter((it) => it.timeframe === timeframe)
          const from = later[0]?.openTime ?? endAt
          expect(from).toBeGreaterThanOrEqual(monday + offsetMs)
          expect(later).toEqual(always.candles.filter((it) => it.timeframe === timeframe && it.openTime >= from))
        }
      }),
      { numRuns: 25 },
    )
  })

  test('within an open slot the order of arrival does not matter, after it a trade is refused', async () => {
    const clock = createVirtualClock({ startAt: monday })
    const candles: Candle[] = []
    const lane = new CandleLane({
      symbol,
      clock,
      given: [],
      hasTrades: true,
      graceMs: 0,
      ...quiet,
      onClose: (candle) => candles.push(candle),
      fetch: none,
    })
    lane.ensure('1m', () => [])
    lane.start(() => [])
    await clock.advanceTo(monday + 40_000)
    for (const trade of [tradeAt(monday + 30_000, 20), tradeAt(monday + 10_000, 10), tradeAt(monday + 40_000, 15)]) {
      expect(lane.trade(trade)).toBeNull()
    }
    await clock.advanceTo(monday + 60_000)
    expect(lane.trade(tradeAt(monday + 59_000, 99))).toBe('market.event.late')
    expect(candles).toMatchObject([{ open: 10, high: 20, low: 10, close: 15, volume: 3, tradeCount: 3 }])
  })

  test('grace and the delay of the newest trade keep a slot open for what is on its way', async () => {
    const clock = createVirtualClock({ startAt: monday })
    const closedAt: number[] = []
    const lane = new CandleLane({
      symbol,
      clock,
      given: [],
      hasTrades: true,
      graceMs: 500,
      ...quiet,
      onClose: () => closedAt.push(clock.now()),
      fetch: none,
    })
    lane.ensure('1m', () => [])
    lane.start(() => [])
    await clock.advanceTo(monday + 30_000)
    lane.trade(tradeAt(monday + 28_700, 10))
    await clock.advanceTo(monday + 61_799)
    expect(closedAt).toEqual([])
    await clock.advanceTo(monday + 61_800)
    expect(closedAt).toEqual([monday + 61_800])
  })

  test('the slot in progress at the start is fetched whole, and what closes meanwhile keeps its place', async () => {
    const trades = Array.from({ length: 500 }, (_, index) => tradeAt(monday + index * 1_000, 100 + (index % 7)))
    const whole = reference(trades, '1m', monday, monday + 500_000)
    const fetch: FetchCandles = async (timeframe, until, limit) =>
      timeframe === '1m' ? whole.filter((it) => it.closeTime <= until).slice(-limit) : []
    const { candles } = await run({
      startAt: monday + 90_000,
      endAt: monday + 420_000,
      wanted: ['1m', '3m'],
      trades,
      fetch,
    })
    expect(candles.map((it) => `${it.timeframe} ${(it.openTime - monday) / 60_000} ${it.provenance}`)).toEqual([
      '1m 1 repaired',
      '1m 2 live',
      '1m 3 live',
      '1m 4 live',
      '1m 5 live',
      '3m 3 live',
      '1m 6 live',
    ])
    expect(candles[0]).toEqual({ ...whole[1], provenance: 'repaired' })
  })

  test('an outage leaves no half-seen candle: slots are repaired in order or left out', async () => {
    const trades = Array.from({ length: 600 }, (_, index) => tradeAt(monday + index * 1_000, 100 + (index % 7)))
    for (const canRepair of [true, false]) {
      const clock = createVirtualClock({ startAt: monday })
      const candles: Candle[] = []
      const whole = reference(trades, '1m', monday, monday + 600_000)
      const lane = new CandleLane({
        symbol,
        clock,
        given: [],
        hasTrades: true,
        graceMs: 0,
        ...quiet,
        ...quiet,
        onClose: (candle) => candles.push(candle),
        fetch: async (_, until, limit) => (canRepair ? whole.filter((it) => it.closeTime <= until).slice(-limit) : []),
      })
      for (const timeframe of ['1m', '5m'] as const) lane.ensure(timeframe, () => [])
      lane.start(() => [])
      let isLost = false
      clock.schedule(monday + 150_500, () => {
        isLost = true
        lane.interrupt()
      })
      clock.schedule(monday + 250_500, () => {
        isLost = false
        lane.resume()
      })
      for (const trade of trades) clock.schedule(trade.occurredAt, () => void (isLost || lane.trade(trade)))
      await clock.advanceTo(monday + 600_000)
      const minutes = candles.filter((it) => it.timeframe === '1m')
      const fives = candles.filter((it) => it.timeframe === '5m')
      const without = (it: Candle) => ({ ...it, provenance: 'live' })
      if (canRepair) {
        expect(minutes.map(without)).toEqual(whole)
        expect(fives.map(without)).toEqual(reference(trades, '5m', monday, monday + 600_000))
      } else {
        expect(minutes.map((it) => (it.openTime - monday) / 60_000)).toEqual([0, 1, 5, 6, 7, 8, 9])
        expect(fives.map((it) => (it.openTime - monday) / 60_000)).toEqual([5])
      }
    }
  })

  test('a timeframe asked for in the middle of its bar learns from the candles kept', async () => {
    const trades = Array.from({ length: 1_000 }, (_, index) => tradeAt(monday + index * 1_000, 100 + (index % 7)))
    const clock = createVirtualClock({ startAt: monday })
    const candles: Candle[] = []
    const lane = new CandleLane({
      symbol,
      clock,
      given: [],
      hasTrades: true,
      graceMs: 0,
      ...quiet,
      onClose: (candle) => candles.push(candle),
      fetch: none,
    })
    lane.ensure('1m', () => [])
    lane.ensure('3m', () => [])
    lane.start(() => [])
    for (const trade of trades) clock.schedule(trade.occurredAt, () => lane.trade(trade))
    clock.schedule(monday + 450_000, () => {
      lane.ensure('15m', (root, until) => candles.filter((it) => it.timeframe === root && it.closeTime <= until))
    })
    await clock.advanceTo(monday + 900_000)
    expect(candles.filter((it) => it.timeframe === '15m')).toEqual(reference(trades, '15m', monday, monday + 900_000))
  })
})

describe("candles from the exchange's candles", () => {
  const minute = (index: number, volume = 1): Candle => ({
    symbol,
    timeframe: '1m',
    openTime: monday + index * 60_000,
    closeTime: monday + (index + 1) * 60_000,
    open: 100 + index,
    high: 110 + index,
    low: 90 + index,
    close: 105 + index,
    volume,
    tradeCount: 0,
    isFinal: true,
    provenance: 'tape',
    revision: 0,
  })

  async function feed(slots: readonly number[], wanted: readonly Timeframe[]) {
    const clock = createVirtualClock({ startAt: monday })
    const said: string[] = []
    const lane = new CandleLane({
      symbol,
      clock,
      given: ['1m'],
      hasTrades: false,
      graceMs: 0,
      ...quiet,
      onClose: (it) =>
        said.push(
          `${it.timeframe} ${(it.openTime - monday) / 60_000} v${it.volume} @${(clock.now() - monday) / 1_000}`,
        ),
      fetch: none,
    })
    for (const timeframe of wanted) expect(lane.ensure(timeframe, () => [])).toBe(true)
    lane.start(() => [])
    for (const slot of slots) clock.schedule(minute(slot).closeTime, () => lane.candle(minute(slot)))
    await clock.advanceTo(monday + 3_600_000)
    return said
  }

  test('pass through once and make the higher ones at the same instant', async () => {
    expect(await feed([0, 1, 2, 3, 4], ['1m', '5m'])).toEqual([
      '1m 0 v1 @60',
      '1m 1 v1 @120',
      '1m 2 v1 @180',
      '1m 3 v1 @240',
      '1m 4 v1 @300',
      '5m 0 v5 @300',
    ])
  })

  test('a slot that is missing at the end of a higher bar: the clock closes it; an empty bar is left out', async () => {
    expect(await feed([0, 1, 2, 3, 16, 17, 18, 19], ['5m', '15m'])).toEqual([
      '5m 0 v4 @300.001',
      '15m 0 v4 @900.001',
      '5m 15 v4 @1200',
      '15m 15 v4 @1800.001',
    ])
  })

  test('the same slot again is refused, a correction passes, a shorter timeframe cannot be made', async () => {
    const clock = createVirtualClock({ startAt: monday })
    const said: Candle[] = []
    const lane = new CandleLane({
      symbol,
      clock,
      given: ['1m'],
      hasTrades: false,
      graceMs: 0,
      ...quiet,
      onClose: (candle) => said.push(candle),
      fetch: none,
    })
    expect(lane.ensure('1s', () => [])).toBe(false)
    expect(lane.ensure('1m', () => [])).toBe(true)
    lane.start(() => [])
    await clock.advanceTo(monday + 60_000)
    expect(lane.candle(minute(0))).toBeNull()
    expect(lane.candle(minute(0))).toBe('market.event.out-of-order')
    expect(lane.candle({ ...minute(0), revision: 1 })).toBeNull()
    expect(said.map((it) => it.revision)).toEqual([0, 1])
  })
})
