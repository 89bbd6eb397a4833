import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Candle, createRandom } from '@barfinex/core'
import { testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ExchangeUnderTest, onVirtualClock, orderOf } from '../../testing/exchange-under-test.js'
import { openTape } from '../tape/open-tape.js'
import type { CandleTape } from '../tape/tape.js'
import { paper } from './paper.js'
import type { PaperExchange } from './paper-exchange.js'
import type { PaperOptions } from './paper-options.js'

const minuteMs = 60_000
const startAt = Date.UTC(2024, 0, 1)

let folder = ''
let count = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'candles-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

type Row = readonly [minute: number, open: number, high: number, low: number, close: number, volume: number]

async function tapeOf(rows: readonly Row[], volumeUnit: 'base' | 'none' = 'base'): Promise<CandleTape> {
  count += 1
  const path = join(folder, `${count}.csv`)
  writeFileSync(path, rows.map(([minute, ...rest]) => [startAt + minute * minuteMs, ...rest].join(',')).join('\n'))
  const tape = await openTape(path, {
    sidecar: {
      symbol: 'BTC/USDT:USDT',
      timeframe: '1m',
      columns: ['time', 'open', 'high', 'low', 'close', 'volume'],
      header: false,
      time: 'milliseconds',
      timeZone: 'UTC',
      stamp: 'open',
      volumeUnit,
      priceScale: 1,
      instrument: {
        kind: 'swap',
        base: 'BTC',
        quote: 'USDT',
        tickSize: '0.1',
        stepSize: '0.001',
        minQuantity: '0.001',
        minNotional: '1',
      },
      fees: { makerBps: '2', takerBps: '5' },
    },
  })
  if (tape.kind !== 'candles') throw new Error('Expected candles.')
  return tape
}

async function given(rows: readonly Row[], options: PaperOptions = {}) {
  const tape = await tapeOf(rows)
  const venue = await onVirtualClock(paper({ tape, spreadBps: 0, latencyMs: 20, ...options }))
  venue.follow()
  const instrument = venue.instruments[0] as NonNullable<(typeof venue.instruments)[0]>
  let number = 0
  const send = (fields: Partial<Parameters<typeof orderOf>[2]> = {}) => {
    number += 1
    const order = orderOf(instrument, `o${number}`, { quantity: '1', ...fields })
    void venue.exchange.submit(order)
    return order.clientOrderId
  }
  /** Runs to an instant in minutes from the tape's start. */
  const runTo = (minutes: number) => venue.wait(startAt + minutes * minuteMs - venue.now())
  return { ...venue, venue, send, runTo }
}

function fillsOf({ reports }: Pick<ExchangeUnderTest, 'reports'>) {
  return reports.flatMap((it) =>
    it.type === 'fill'
      ? [{ id: it.clientOrderId, price: Number(it.price), at: (it.occurredAt - startAt) / minuteMs }]
      : [],
  )
}

const flat: readonly Row[] = [
  [0, 100, 101, 99, 100, 1_000],
  [1, 102, 104, 101, 103, 1_000],
  [2, 103, 105, 95, 96, 1_000],
  [3, 90, 92, 88, 91, 1_000],
  [4, 91, 99, 90, 98, 1_000],
]

describe('a tape of candles', () => {
  test('tells each candle once, at its close, after the quote around it', async () => {
    const { market, runTo, now } = await given(flat, { spreadBps: 20 })
    await runTo(0.999)
    expect(market.candles).toEqual([])
    await runTo(5)
    expect(market.candles.map((candle: Candle) => candle.close)).toEqual([100, 103, 96, 91, 98])
    expect(market.quotes.map((quote) => [quote.bid, quote.ask])).toEqual([
      [99.9, 100.1],
      [102.8, 103.2],
      [95.9, 96.1],
      [90.9, 91.1],
      [97.9, 98.1],
    ])
    expect(now()).toBe(startAt + 5 * minuteMs)
    expect(market.trades).toEqual([])
  })

  test('fills an order sent at a close at the next open, after its latency, and reports one latency later', async () => {
    const { venue, runTo, send, market, exchange } = await given(flat, { spreadBps: 20 })
    await runTo(1)
    send()
    await venue.wait(39)
    expect(venue.reports).toEqual([])
    await venue.wait(1)
    expect(venue.reports.map((it) => it.type)).toEqual(['accepted', 'fill'])
    // Half of 20 bps over the open of 102, up to the tick.
    expect(fillsOf(venue)).toEqual([{ id: 'o1', price: 102.2, at: 1 + 20 / minuteMs }])
    expect(market.quotes.at(-1)).toMatchObject({ occurredAt: startAt + minuteMs, bid: 101.8, ask: 102.2 })
    expect((await exchange.snapshot()).positions).toMatchObject([
      { side: 'long', quantity: '1', averagePrice: '102.2' },
    ])
  })

  test('keeps every fill inside the bar it happens in, spread or not', async () => {
    const { venue, runTo, send } = await given(
      [
        [0, 100, 100, 100, 100, 50],
        [1, 100, 100.1, 100, 100, 50],
      ],
      { spreadBps: 100 },
    )
    await runTo(1)
    send()
    send({ side: 'sell' })
    await runTo(2)
    expect(fillsOf(venue).map((it) => it.price)).toEqual([100.1, 100])
  })

  test('fills a stop in the bar that reaches it, a gap through it at the open', async () => {
    const { venue, runTo, send } = await given(flat)
    await runTo(1)
    send({ quantity: '2' })
    await venue.wait(40)
    send({ side: 'sell', type: 'stopMarket', triggerPrice: '97', reduceOnly: true })
    send({ side: 'sell', type: 'stopMarket', triggerPrice: '94', reduceOnly: true })
    await runTo(5)
    expect(fillsOf(venue).slice(1)).toEqual([
      { id: 'o2', price: 97, at: 3 - 1 / minuteMs },
      { id: 'o3', price: 90, at: 3 },
    ])
  })

  test('takes the stop before the target when a bar reaches both, and counts the bar', async () => {
    const { venue, runTo, send, exchange } = await given(flat)
    await runTo(1)
    send()
    await venue.wait(40)
    const leg = { side: 'sell', reduceOnly: true, ocoGroup: 'pair' } as const
    send({ ...leg, type: 'limit', limitPrice: '104.5' })
    send({ ...leg, type: 'stopMarket', triggerPrice: '98' })
    await runTo(5)
    expect(fillsOf(venue).slice(1)).toEqual([{ id: 'o3', price: 98, at: 3 - 1 / minuteMs }])
    expect(venue.reports.filter((it) => it.type === 'canceled')).toMatchObject([{ clientOrderId: 'o2' }])
    expect((exchange as PaperExchange).ambiguousBarCount).toBe(1)
  })

  test('lets orders wait while no bar is open, and cancels them meanwhile', async () => {
    const { venue, runTo, send, exchange } = await given([flat[0] as Row, [1_000, 120, 121, 119, 120, 1_000]])
    await runTo(1)
    send()
    const second = send()
    await runTo(500)
    expect(venue.reports.map((it) => it.type)).toEqual(['accepted', 'accepted'])
    expect((await exchange.snapshot()).openOrders).toHaveLength(2)
    void exchange.cancel(second, 'BTC/USDT:USDT')
    await runTo(1_001)
    expect(fillsOf(venue)).toEqual([{ id: 'o1', price: 120, at: 1_000 }])
    expect(venue.reports.map((it) => it.type)).toEqual(['accepted', 'accepted', 'canceled', 'fill'])
  })

  test('fills no more than its share of the volume, the rest at worse prices', async () => {
    const { venue, runTo, send } = await given(
      flat.map(([m, o, h, l, c]): Row => [m, o, h, l, c, 10]),
      { participation: 0.1 },
    )
    await runTo(1)
    send({ quantity: '4' })
    await runTo(2)
    expect(fillsOf(venue).map((it) => it.price)).toEqual([102, 102.1, 102.2])
  })

  test('remembers the candles before an instant', async () => {
    const { exchange, runTo } = await given(flat)
    await runTo(4)
    const history = await exchange.history('BTC/USDT:USDT', '1m', startAt + 3 * minuteMs + 5, 2)
    expect(history.map((candle) => candle.close)).toEqual([103, 96])
    expect(await exchange.history('BTC/USDT:USDT', '1h', startAt + 3 * minuteMs, 2)).toEqual([])
  })

  test('says nothing more after its end, and still takes orders at its last price', async () => {
    const { venue, runTo, send, market } = await given(flat)
    await runTo(5)
    send()
    await runTo(60)
    expect(market.candles).toHaveLength(5)
    expect(fillsOf(venue)).toEqual([{ id: 'o1', price: 98, at: 5 + 20 / minuteMs }])
  })
})

const walk = fc.record({
  seed: fc.integer(),
  bars: fc.integer({ min: 5, max: 60 }),
  cut: fc.double({ min: 0, max: 1, noNaN: true }),
})

/** A random walk of bars, some of them missing. */
function walked(seed: number, bars: number): readonly Row[] {
  const random = createRandom(seed)
  let price = 1_000
  let minute = 0
  return Array.from({ length: bars }, (): Row => {
    minute += random.next() < 0.1 ? 1 + random.integer(200) : 1
    price = Math.max(100, price + random.integer(61) - 30)
    const close = Math.max(100, price + random.integer(61) - 30)
    const open = price
    price = close
    const high = Math.max(open, close) + random.integer(20)
    const low = Math.min(open, close) - random.integer(20)
    return [minute, open / 10, high / 10, low / 10, close / 10, random.integer(100)]
  })
}

/** Plays a tape with a player who acts at random on every candle; returns everything that was said, with its instant. */
async function playAtRandom(tape: CandleTape, seed: number, until: number): Promise<readonly string[]> {
  const random = createRandom(`player-${seed}`)
  const said: string[] = []
  const venue = await onVirtualClock(paper({ tape, balances: { USDT: '5000' } }))
  const instrument = venue.instruments[0] as NonNullable<(typeof venue.instruments)[0]>
  venue.exchange.report(
    (report) => said.push(`${venue.now()} ${JSON.stringify(report)}`),
    () => {},
  )
  let number = 0
  venue.exchange.follow({
    trade: () => {},
    book: () => {},
    feed: () => {},
    quote: (quote) => said.push(`${venue.now()} ${JSON.stringify(quote)}`),
    candle: (candle) => {
      said.push(`${venue.now()} ${JSON.stringify(candle)}`)
      number += 1
      const side = random.next() < 0.5 ? 'buy' : 'sell'
      const type =
        (['market', 'limit', 'stopMarket', 'takeProfitMarket', 'trailingStopMarket'] as const)[random.integer(5)] ??
        'market'
      const price = (Math.round(candle.close * 10) / 10 + (random.integer(21) - 10) / 10).toFixed(1).replace(/\.0$/, '')
      void venue.exchange.submit(
        orderOf(instrument, `r${number}`, {
          side,
          type,
          quantity: String(1 + random.integer(3)),
          limitPrice: type === 'limit' ? price : null,
          triggerPrice: type === 'stopMarket' || type === 'takeProfitMarket' ? price : null,
          trailingBps: type === 'trailingStopMarket' ? '50' : null,
        }),
      )
      if (random.next() < 0.2) void venue.exchange.cancel(`r${Math.max(1, number - 2)}`, instrument.symbol)
    },
  })
  await venue.wait(until - venue.now())
  await venue.close()
  return said
}

describe('any tape and any player', () => {
  test('nothing that is said depends on what comes later', async () => {
    await fc.assert(
      fc.asyncProperty(walk, async ({ seed, bars, cut }) => {
        const rows = walked(seed, bars)
        const kept = 1 + Math.floor(cut * (rows.length - 1))
        const whole = await tapeOf(rows)
        const part = await tapeOf(rows.slice(0, kept))
        const end = part.endAt
        const short = await playAtRandom(part, seed, end)
        const long = await playAtRandom(whole, seed, end)
        // The longer tape may already show its next open at that instant.
        expect(long.slice(0, short.length)).toEqual(short)
        expect(short.length).toBeGreaterThan(1)
      }),
      { numRuns: testRuns(40) },
    )
  })

  test('every fill lies in the range of a bar that is open at its instant', async () => {
    let fillCount = 0
    await fc.assert(
      fc.asyncProperty(walk, async ({ seed, bars }) => {
        const rows = walked(seed, bars)
        const tape = await tapeOf(rows)
        const said = await playAtRandom(tape, seed, tape.endAt)
        for (const line of said) {
          const report = JSON.parse(line.slice(line.indexOf(' ')))
          if (report.type !== 'fill') continue
          fillCount += 1
          const row = rows.find(([minute]) => {
            const openTime = startAt + minute * minuteMs
            return report.occurredAt >= openTime && report.occurredAt < openTime + minuteMs
          })
          if (row === undefined) throw new Error(`A fill at ${report.occurredAt}, while no bar is open.`)
          expect(Number(report.price)).toBeLessThanOrEqual(row[2])
          expect(Number(report.price)).toBeGreaterThanOrEqual(row[3])
        }
      }),
      { numRuns: testRuns(40) },
    )
    expect(fillCount).toBeGreaterThan(100)
  })
})
