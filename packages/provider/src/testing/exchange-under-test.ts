import {
  BarfinexError,
  type BookChange,
  type Candle,
  createRandom,
  createVirtualClock,
  type Feed,
  type Instrument,
  type Order,
  type Quote,
  silentLog,
  type Trade,
} from '@barfinex/core'
import type { Exchange, ExchangeFactory, ExchangeReport, MarketSink } from '../exchanges/exchange.js'

/** An exchange that has been connected, with ears on both of its sides. */
export interface ExchangeUnderTest {
  readonly exchange: Exchange
  readonly instruments: readonly Instrument[]
  /** Every report so far, as it arrived. */
  readonly reports: readonly ExchangeReport[]
  /** Every market event so far, by kind. */
  readonly market: {
    readonly trades: readonly Trade[]
    readonly quotes: readonly Quote[]
    readonly books: readonly BookChange[]
    readonly candles: readonly Candle[]
    readonly feeds: readonly Pick<Feed, 'symbol' | 'state' | 'code'>[]
    /** Rules and states said again since the connection. */
    readonly instruments: readonly Instrument[]
  }
  readonly now: () => number
  /** Begins to listen to the market; before that nothing moves. */
  follow(): void
  /** Lets time pass. */
  wait(ms: number): Promise<void>
  /** Lets time pass until the condition holds; fails with `what` when it does not come in reasonable time. */
  until(condition: () => boolean, what: string): Promise<void>
  close(): Promise<void>
}

/** Makes a fresh exchange for one scenario. */
export type MakeExchange = () => Promise<ExchangeUnderTest>

export interface VirtualExchangeOptions {
  /** All that the factory serves when absent. */
  readonly symbols?: readonly string[]
  /** First instant; where the exchange's market begins when absent. */
  readonly startAt?: number
  /** Longest market time that `until` waits. An hour when absent. */
  readonly patienceMs?: number
}

/**
 * Puts a paper or tape exchange on a virtual clock of its own.
 *
 * @example
 * exchangeContract('paper', () => onVirtualClock(paper({ seed: 7 })))
 */
export async function onVirtualClock(
  factory: ExchangeFactory,
  options: VirtualExchangeOptions = {},
): Promise<ExchangeUnderTest> {
  const exchange = await factory.create()
  const clock = createVirtualClock({ startAt: options.startAt ?? exchange.startsAt ?? 0 })
  const patienceMs = options.patienceMs ?? 3_600_000
  const symbols = options.symbols ?? factory.symbols
  const instruments = await exchange.connect({ clock, random: createRandom(1), log: silentLog, symbols })
  const ears = listen(exchange)
  return {
    exchange,
    instruments,
    reports: ears.reports,
    market: ears.market,
    now: () => clock.now(),
    follow: () => exchange.follow(ears.sink),
    wait: (ms) => clock.advanceBy(ms),
    async until(condition, what) {
      const end = clock.now() + patienceMs
      while (!condition()) {
        if (clock.now() >= end) throw new BarfinexError('service.not-ready', `Waited ${patienceMs} ms for ${what}.`)
        await clock.advanceBy(100)
      }
    },
    close: () => exchange.close(),
  }
}

/** Collects everything an exchange says. */
export function listen(exchange: Exchange) {
  const reports: ExchangeReport[] = []
  const market = {
    trades: [] as Trade[],
    quotes: [] as Quote[],
    books: [] as BookChange[],
    candles: [] as Candle[],
    feeds: [] as Pick<Feed, 'symbol' | 'state' | 'code'>[],
    instruments: [] as Instrument[],
  }
  const sink: MarketSink = {
    trade: (trade) => market.trades.push(trade),
    quote: (quote) => market.quotes.push(quote),
    book: (change) => market.books.push(change),
    candle: (candle) => market.candles.push(candle),
    feed: (state) => market.feeds.push(state),
    instrument: (instrument) => market.instruments.push(instrument),
  }
  exchange.report(
    (report) => reports.push(report),
    () => {},
  )
  return { reports, market, sink }
}

/** An order for one scenario. Give each its own id. */
export function orderOf(
  instrument: Instrument,
  clientOrderId: string,
  fields: Partial<Order> & Pick<Order, 'quantity'>,
): Order {
  return {
    clientOrderId,
    symbol: instrument.symbol,
    side: 'buy',
    type: 'market',
    limitPrice: null,
    triggerPrice: null,
    trailingBps: null,
    timeInForce: 'gtc',
    reduceOnly: false,
    postOnly: false,
    ocoGroup: null,
    purpose: 'entry',
    intentId: 'contract',
    attempt: 0,
    ...fields,
  }
}
