import { closeTimeOf, schemas, timeframes } from '@barfinex/core'
import { expect } from 'vitest'
import type { ExchangeScenario } from './exchange-scenario.js'

/** The market side: instruments, events in order, history. */
export const marketScenarios: readonly ExchangeScenario[] = [
  {
    id: 'X1',
    title: 'connecting tells the rules of every symbol',
    async run({ instruments }) {
      expect(instruments.length).toBeGreaterThan(0)
      for (const instrument of instruments) {
        expect(schemas.instrument.parse(instrument)).toEqual(instrument)
        expect(Number(instrument.tickSize)).toBeGreaterThan(0)
        expect(Number(instrument.stepSize)).toBeGreaterThan(0)
      }
    },
  },
  {
    id: 'X2',
    title: 'quotes are sound, never crossed, and never go back in time',
    async run({ market, instrument, until }) {
      const quotes = () => market.quotes.filter((it) => it.symbol === instrument.symbol)
      await until(() => quotes().length >= 5, '5 quotes')
      let last = 0
      for (const quote of quotes()) {
        expect(schemas.quote.parse(quote)).toEqual(quote)
        expect(quote.bid).toBeLessThan(quote.ask)
        expect(quote.occurredAt).toBeGreaterThanOrEqual(last)
        last = quote.occurredAt
      }
    },
  },
  {
    id: 'X3',
    title: 'trades are sound, each once, in time',
    missing: ({ trades }) => (trades ? null : 'the exchange tells no trades'),
    async run({ market, instrument, until }) {
      const trades = () => market.trades.filter((it) => it.symbol === instrument.symbol)
      await until(() => trades().length >= 20, '20 trades')
      const ids = new Set<string>()
      let last = 0
      for (const trade of trades()) {
        expect(schemas.trade.parse(trade)).toEqual(trade)
        expect(ids.has(trade.tradeId), `trade ${trade.tradeId} comes twice`).toBe(false)
        ids.add(trade.tradeId)
        expect(trade.occurredAt).toBeGreaterThanOrEqual(last)
        last = trade.occurredAt
      }
    },
  },
  {
    id: 'X4',
    title: 'book changes follow on a snapshot, number by number',
    missing: ({ book }) => (book ? null : 'the exchange tells no book'),
    async run({ market, instrument, until }) {
      const changes = () => market.books.filter((it) => it.symbol === instrument.symbol)
      await until(() => changes().length >= 20, '20 book changes')
      const [first, ...others] = changes()
      expect(first?.kind).toBe('snapshot')
      let last = first?.lastSequence ?? 0
      for (const change of others) {
        if (change.kind === 'update') expect(change.firstSequence).toBe(last + 1)
        last = change.lastSequence
      }
    },
  },
  {
    id: 'X5',
    title: 'closed candles come once each, in order, and not before their end',
    missing: ({ candleTimeframes }) => (candleTimeframes.length > 0 ? null : 'the exchange tells no candles'),
    async run({ market, instrument, until, now }) {
      const candles = () => market.candles.filter((it) => it.symbol === instrument.symbol)
      await until(() => candles().length >= 3, '3 candles')
      const newest = new Map<string, number>()
      for (const candle of candles()) {
        expect(schemas.candle.parse(candle)).toEqual(candle)
        expect(candle.isFinal).toBe(true)
        expect(candle.closeTime).toBe(closeTimeOf(candle.timeframe, candle.openTime))
        expect(candle.closeTime).toBeLessThanOrEqual(now())
        expect(candle.openTime).toBeGreaterThan(newest.get(candle.timeframe) ?? -1)
        newest.set(candle.timeframe, candle.openTime)
      }
    },
  },
  {
    id: 'X6',
    title: 'history gives closed candles up to an instant, the newest, oldest first',
    async run({ exchange, instrument, wait, now }) {
      await wait(180_000)
      const timeframe = exchange.capabilities.candleTimeframes[0] ?? '1m'
      const until = now() - 1
      const history = await exchange.history(instrument.symbol, timeframe, until, 3)
      expect(history.length).toBeLessThanOrEqual(3)
      expect(timeframes).toContain(timeframe)
      let last = -1
      for (const candle of history) {
        expect(candle).toMatchObject({ symbol: instrument.symbol, timeframe, isFinal: true })
        expect(candle.closeTime).toBeLessThanOrEqual(until)
        expect(candle.openTime).toBeGreaterThan(last)
        last = candle.openTime
      }
      expect(await exchange.history(instrument.symbol, timeframe, 0, 3)).toEqual([])
    },
  },
  {
    id: 'X7',
    title: 'unfollowing ends the market side, orders go on',
    async run(market) {
      market.exchange.unfollow()
      const count = market.market.quotes.length
      const id = await market.send({ type: 'limit', limitPrice: market.priceAt(-2_000) })
      await market.report(id, 'accepted')
      await market.wait(120_000)
      expect(market.market.quotes.length).toBe(count)
      await market.exchange.cancel(id, market.instrument.symbol)
      await market.report(id, 'canceled')
    },
  },
  {
    id: 'X8',
    title: 'a closed exchange says nothing more',
    async run(market) {
      const id = await market.send()
      await market.exchange.close()
      const counts = [market.reports.length, market.market.quotes.length]
      await market.wait(120_000)
      expect([market.reports.length, market.market.quotes.length]).toEqual(counts)
      expect(market.reportsOf(id)).toEqual([])
    },
  },
]
