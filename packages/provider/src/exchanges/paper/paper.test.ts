import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Candle,
  createRandom,
  createSystemClock,
  createVirtualClock,
  openTimeOf,
  silentLog,
  type Trade,
} from '@barfinex/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ExchangeUnderTest, listen, onVirtualClock, orderOf } from '../../testing/exchange-under-test.js'
import { openTape } from '../tape/open-tape.js'
import { recordTape } from '../tape/record-tape.js'
import { paper } from './paper.js'
import { paperStartAt } from './paper-options.js'

const minuteMs = 60_000

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paper-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function instrumentOf(venue: ExchangeUnderTest, symbol: string) {
  const instrument = venue.instruments.find((it) => it.symbol === symbol)
  if (instrument === undefined) throw new Error(`No ${symbol}.`)
  return instrument
}

/** Candles of the minutes that were seen whole, from trades alone. */
function minutesOf(
  trades: readonly Trade[],
): Map<number, Pick<Candle, 'open' | 'high' | 'low' | 'close' | 'tradeCount'>> {
  const minutes = new Map<number, { open: number; high: number; low: number; close: number; tradeCount: number }>()
  for (const { price, occurredAt } of trades) {
    const openTime = openTimeOf('1m', occurredAt)
    const minute = minutes.get(openTime) ?? { open: price, high: price, low: price, close: price, tradeCount: 0 }
    minutes.set(openTime, {
      ...minute,
      high: Math.max(minute.high, price),
      low: Math.min(minute.low, price),
      close: price,
      tradeCount: minute.tradeCount + 1,
    })
  }
  return minutes
}

describe('paper over a generated market', () => {
  test('serves a spot market and a perpetual, and begins with the year', async () => {
    const factory = paper({ seed: 7 })
    expect(factory).toMatchObject({ id: 'paper', mode: 'paper', symbols: ['BTC/USDT', 'ETH/USDT:USDT'] })
    const exchange = await factory.create()
    expect(exchange).toMatchObject({ quoteAsset: 'USDT', account: 'paper', startsAt: paperStartAt, endsAt: null })
    expect(exchange.capabilities).toMatchObject({ trades: true, candleTimeframes: [], virtualClock: null })
  })

  test('refuses options it does not know, with the one that was meant', async () => {
    const wrong: object = { sed: 7 }
    expect(() => paper(wrong)).toThrow(/unknown option "sed", did you mean "seed"/)
    expect(() => paper({ balances: { USDT: '-1' } })).toThrow(/balances/)
    expect(() => paper({ symbols: ['BTCUSDT'] })).toThrow(/symbols/)
    await expect(paper({ symbols: ['BTC/USDT:BTC'] }).create()).rejects.toMatchObject({ code: 'options.invalid' })
  })

  test('gives every run of one seed the same market and the same reports', async () => {
    const run = async (seed: number) => {
      const venue = await onVirtualClock(paper({ seed }))
      venue.follow()
      const instrument = instrumentOf(venue, 'ETH/USDT:USDT')
      for (let round = 0; round < 40; round += 1) {
        const side = round % 3 === 0 ? 'buy' : 'sell'
        void venue.exchange.submit(orderOf(instrument, `r${round}`, { side, quantity: '0.5' }))
        await venue.wait(30_000)
      }
      await venue.close()
      return { reports: venue.reports, market: venue.market, snapshot: await venue.exchange.snapshot() }
    }
    const once = await run(7)
    expect(once.reports.filter((it) => it.type === 'fill').length).toBeGreaterThan(30)
    expect(await run(7)).toEqual(once)
    expect((await run(8)).market.trades[0]).not.toEqual(once.market.trades[0])
  })

  test('takes the latency to the exchange and once more back', async () => {
    const venue = await onVirtualClock(paper({ seed: 7, latencyMs: 150 }))
    venue.follow()
    await venue.wait(10_000)
    const sentAt = venue.now()
    void venue.exchange.submit(orderOf(instrumentOf(venue, 'BTC/USDT'), 'a', { quantity: '0.01' }))
    await venue.wait(299)
    expect(venue.reports).toEqual([])
    expect(await venue.exchange.order('a', 'BTC/USDT')).toMatchObject({ state: 'filled' })
    await venue.wait(1)
    expect(venue.reports.map((it) => [it.type, it.occurredAt - sentAt])).toEqual([
      ['accepted', 150],
      ['fill', 150],
    ])
  })

  test('remembers candles that agree with the trades it told', async () => {
    const venue = await onVirtualClock(paper({ seed: 5, symbols: ['BTC/USDT'] }))
    const before = await venue.exchange.history('BTC/USDT', '1m', venue.now(), 100)
    expect(before).toHaveLength(100)
    expect(before.at(-1)?.closeTime).toBe(paperStartAt)
    venue.follow()
    await venue.wait(90 * minuteMs)
    const minutes = minutesOf(venue.market.trades)
    const history = await venue.exchange.history('BTC/USDT', '1m', venue.now(), 90)
    expect(history).toHaveLength(90)
    for (const candle of history) expect(candle).toMatchObject(minutes.get(candle.openTime) ?? {})
    expect(venue.market.trades.map((it) => Number(it.tradeId))).toEqual(
      venue.market.trades.map((_, index) => index + 1),
    )
  })

  test('follows only what is wanted', async () => {
    const venue = await onVirtualClock(paper(), { symbols: ['ETH/USDT:USDT'] })
    venue.follow()
    await venue.wait(5 * minuteMs)
    expect(new Set(venue.market.trades.map((it) => it.symbol))).toEqual(new Set(['ETH/USDT:USDT']))
    void venue.exchange.submit(orderOf(venue.instruments[0] as never, 'a', { quantity: '1', symbol: 'BTC/USDT' }))
    await venue.wait(1_000)
    expect(venue.reports).toMatchObject([{ type: 'rejected', reason: { code: 'exchange.order.unknown-symbol' } }])
  })

  test('fills a resting limit when others trade through it, as a maker', async () => {
    const venue = await onVirtualClock(paper({ seed: 7, symbols: ['BTC/USDT'] }))
    venue.follow()
    await venue.wait(10_000)
    const instrument = instrumentOf(venue, 'BTC/USDT')
    const { bid } = venue.market.quotes.at(-1) as { bid: number }
    void venue.exchange.submit(
      orderOf(instrument, 'rest', { type: 'limit', limitPrice: String(bid), quantity: '0.01' }),
    )
    await venue.until(() => venue.reports.some((it) => it.type === 'fill'), 'a fill')
    const fills = venue.reports.filter((it) => it.type === 'fill')
    for (const fill of fills) expect(fill).toMatchObject({ price: String(bid), liquidity: 'maker' })
    const printed = venue.market.trades.some((it) => it.price <= bid && it.occurredAt <= (fills[0]?.occurredAt ?? 0))
    expect(printed || (venue.market.quotes.at(-1)?.ask ?? 0) <= bid).toBe(true)
  })

  test('on the machine’s clock its market is of today', async () => {
    const clock = createSystemClock()
    const exchange = await paper({ seed: 7, symbols: ['BTC/USDT'], historyDays: 2 }).create()
    await exchange.connect({ clock, random: createRandom(1), log: silentLog, symbols: ['BTC/USDT'] })
    const ears = listen(exchange)
    const now = clock.now()
    const history = await exchange.history('BTC/USDT', '1h', now, 3)
    expect(history.at(-1)?.closeTime).toBe(openTimeOf('1h', now))
    expect(history).toHaveLength(3)
    exchange.follow(ears.sink)
    await exchange.close()
  })
})

describe('paper over a recording of itself', () => {
  test('tells the same market again', async () => {
    const path = join(folder, 'recorded.btape')
    const clock = createVirtualClock({ startAt: paperStartAt })
    const factory = paper({ seed: 11 })
    const original = await factory.create()
    const instruments = await original.connect({
      clock,
      random: createRandom(1),
      log: silentLog,
      symbols: factory.symbols,
    })
    const recorder = recordTape(path, { instruments, clock })
    const ears = listen(original)
    original.follow({
      trade(trade) {
        ears.sink.trade(trade)
        recorder.trade(trade)
      },
      quote(quote) {
        ears.sink.quote(quote)
        recorder.quote(quote)
      },
      book: recorder.book,
      candle: recorder.candle,
      feed: recorder.feed,
    })
    await clock.advanceBy(30 * minuteMs)
    await original.close()
    recorder.close()

    const tape = await openTape(path)
    expect(tape.count).toBe(ears.market.trades.length + ears.market.quotes.length)
    const again = await onVirtualClock(paper({ tape }))
    expect(again.exchange.capabilities).toMatchObject({ trades: true, book: false, virtualClock: true })
    again.follow()
    await again.wait(60 * minuteMs)
    expect(again.market.trades).toEqual(ears.market.trades)
    expect(again.market.quotes).toEqual(ears.market.quotes)
  })

  test('reads each tape once, and refuses two for one symbol', async () => {
    const path = join(folder, 'recorded.btape')
    expect(paper({ tape: path }).symbols).toEqual(['BTC/USDT', 'ETH/USDT:USDT'])
    await expect(paper({ tape: [path, path] }).create()).rejects.toMatchObject({ code: 'options.invalid' })
    await expect(paper({ tape: join(folder, 'none.csv') }).create()).rejects.toMatchObject({ code: 'tape.not-found' })
  })
})
