import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { closeTimeOf } from '@barfinex/core'
import { describe, expect, test } from 'vitest'
import { OrderBook } from '../../market/order-book.js'
import { createCaptureDecoder } from './binance-capture.js'
import { candleAt } from './candle-columns.js'
import { openTape } from './open-tape.js'
import { readLines } from './read-chunks.js'
import type { CandleTape } from './tape.js'

const root = process.env['BARFINEX_DATA'] ?? join(import.meta.dirname, '../../../../../../shared/data')
const isHere = existsSync(join(root, 'candles'))

const candleFiles: readonly [file: string, symbol: string, timeframe: string, count: number, missing: number][] = [
  ['binance_hour_btcusdt_trade.zip', 'BTC/USDT', '1h', 120, 0],
  ['binance_minute_btcbusd_20221213_trade.zip', 'BTC/BUSD', '1m', 1_440, 0],
  ['btc-perp-20211231-20220201_1m.csv', 'BTC/USD:USD', '1m', 45_031, 0],
  ['bybit_minute_btcusdt_20221213_trade.zip', 'BTC/USDT', '1m', 1_440, 0],
  ['coinbase_daily_btcusd_trade.zip', 'BTC/USD', '1d', 1_318, 34],
  ['coinbase_minute_btcusd_20161007_trade.zip', 'BTC/USD', '1m', 1_419, 21],
  ['coinbase_second_btcusd_20161007_trade.zip', 'BTC/USD', '1s', 4_063, 82_332],
  ['oanda_hour_eurusd.zip', 'EUR/USD', '1h', 74_439, 0],
  ['usa_hour_aapl.zip', 'AAPL/USD', '1h', 40_831, 0],
]

describe.skipIf(!isHere)('recorded candles (set BARFINEX_DATA to where they are)', () => {
  const open = async (file: string): Promise<CandleTape> => {
    const tape = await openTape(join(root, 'candles', file))
    if (tape.kind !== 'candles') throw new Error('Expected candles.')
    return tape
  }

  test.each(candleFiles)('%s opens as %s %s', async (file, symbol, timeframe, count, missing) => {
    const tape = await open(file)
    expect(tape).toMatchObject({ symbols: [symbol], timeframe, count })
    if (missing > 0) expect(tape.gaps.missing).toBe(missing)
  })

  test('the perpetual has every minute once, its volume in base', async () => {
    const tape = await open('btc-perp-20211231-20220201_1m.csv')
    const first = Date.UTC(2021, 11, 31, 23, 1)
    let count = 0
    for (const event of tape.events()) {
      if (event.type !== 'candle') throw new Error('Expected candles.')
      expect(event.candle.openTime).toBe(first + count * 60_000)
      expect(event.at).toBe(event.candle.closeTime)
      count += 1
    }
    expect(count).toBe(45_031)
    expect(tape.gaps).toEqual({ count: 0, missing: 0, longestMs: 0 })
    expect(candleAt(tape.columns, 0, 'tape').volume).toBeCloseTo(2_300_413.7295 / 46_342.5, 0)
  })

  test('the stock trades from 9 to 16 by New York clocks, summer and winter', async () => {
    const { columns } = await open('usa_hour_aapl.zip')
    const hours = new Set<string>()
    const format = new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', hour: '2-digit', hourCycle: 'h23' })
    const utcHours = new Set<number>()
    for (let index = 0; index < columns.count; index += 97) {
      const openTime = columns.openTime[index] as number
      hours.add(format.format(openTime))
      utcHours.add(new Date(openTime).getUTCHours())
    }
    expect([...hours].sort()).toEqual(['09', '10', '11', '12', '13', '14', '15'])
    expect(utcHours.size).toBe(8)
  })

  test('the currency pair keeps its real spread', async () => {
    const { columns } = await open('oanda_hour_eurusd.zip')
    const { sides } = columns
    if (sides === null) throw new Error('Expected both sides.')
    expect(sides.askOpen[0]).toBe(1.32027)
    expect(sides.bidOpen[0]).toBe(1.31927)
    expect(columns.open[0]).toBeCloseTo(1.31977, 9)
    expect(closeTimeOf('1h', columns.openTime[0] as number)).toBe(Date.UTC(2007, 0, 1, 22))
  })
})

const captureSidecar = {
  format: 'binance-combined',
  symbol: 'ETH/USDT',
  instrument: {
    kind: 'spot',
    base: 'ETH',
    quote: 'USDT',
    tickSize: '0.01',
    stepSize: '0.0001',
    minQuantity: '0.0001',
    minNotional: '5',
  },
  fees: { makerBps: '10', takerBps: '10' },
} as const

describe.skipIf(!isHere)('recorded captures (set BARFINEX_DATA to where they are)', () => {
  const first = join(root, 'binance-raw/spot_ethusdt_20240808.gz')
  const second = join(root, 'binance-raw/spot_ethusdt_20240809.gz')

  test('a capture opens with its trades, quotes and book, in time', async () => {
    const tape = await openTape(first, { sidecar: captureSidecar })
    expect(tape).toMatchObject({ kind: 'events', has: { trades: true, quotes: true, book: true } })
    const counts = { trade: 0, quote: 0, book: 0, candle: 0, feed: 0 }
    let last = tape.startAt
    let tradeId = -1
    for (const event of tape.events()) {
      counts[event.type] += 1
      expect(event.at).toBeGreaterThanOrEqual(last)
      last = event.at
      if (event.type !== 'trade') continue
      // Spot trade ids are contiguous: none was lost.
      if (tradeId >= 0) expect(Number(event.trade.tradeId)).toBe(tradeId + 1)
      tradeId = Number(event.trade.tradeId)
    }
    // One snapshot more than changes that chain on it; two came before and are in it.
    expect(counts).toEqual({ trade: 6_106, quote: 24_077, book: 3_434 - 2 + 1, candle: 0, feed: 0 })
    expect(tape.count).toBe(6_106 + 24_077 + 3_433)
    expect(tape.kind === 'events' && tape.skippedCount).toBe(2)
  })

  test('a book kept from both captures agrees with the best bid and ask told beside it', () => {
    const decoder = createCaptureDecoder('ETH/USDT', 'ETHUSDT')
    const book = new OrderBook()
    /** Best bid and ask by the exchange's own update number. */
    const tickers: { readonly id: number; readonly best: readonly number[] }[] = []
    let passed = 0
    let compared = 0
    let equal = 0
    let lastSequence = -1
    for (const path of [first, second]) {
      for (const line of readLines(path)) {
        const updateId = Number(/"u":(\d+)/.exec(line)?.[1])
        for (const event of decoder.decode(line)) {
          if (event.type === 'quote') {
            const { bid, bidQuantity, ask, askQuantity } = event.quote
            tickers.push({ id: updateId, best: [bid, bidQuantity, ask, askQuantity] })
          }
          if (event.type !== 'book') continue
          const { change } = event
          if (change.kind === 'update') expect(change.firstSequence).toBe(lastSequence + 1)
          lastSequence = change.lastSequence
          book.apply(change)
          while (passed + 1 < tickers.length && (tickers[passed + 1]?.id as number) <= lastSequence) passed += 1
          const ticker = tickers[passed]
          if (ticker === undefined || ticker.id > lastSequence) continue
          compared += 1
          const kept = [book.bestBid, book.bestBidQuantity, book.bestAsk, book.bestAskQuantity]
          if (kept.every((value, index) => value === ticker.best[index])) equal += 1
        }
      }
    }
    expect(compared).toBeGreaterThan(6_400)
    // Apart at no more than the first instants, where the best bid and ask of before the capture are not known.
    expect(compared - equal).toBeLessThan(10)
    expect(decoder.skippedCount).toBe(2)
  })
})
