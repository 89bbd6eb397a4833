import { type Candle, closeTimeOf, type Instrument, openTimeOf, type Timeframe } from '@barfinex/core'
import type { MarketFeed, Venue } from '../../exchanges/paper/market-feed.js'
import { QuoteLadder } from '../../exchanges/paper/quote-ladder.js'

/** One symbol of a market that stands still. */
export interface StillSymbol {
  readonly instrument: Instrument
  readonly price: number
}

/** What is offered at the best price, in quote. */
const offeredQuote = 50_000
const historyMs = 60 * 86_400_000

/** A market that nobody moves but its participants and whoever holds the venue's control: a book around a price, always refilled. */
export function stillFeed(symbols: readonly StillSymbol[]): MarketFeed {
  const bySymbol = new Map(symbols.map((it) => [it.instrument.symbol, it]))
  const ladder = new QuoteLadder()
  let venue: Venue | null = null
  let startAt = 0

  function show(symbol: string): void {
    const it = bySymbol.get(symbol)
    if (venue === null || it === undefined) return
    const tick = Number(it.instrument.tickSize)
    const now = venue.clock.now()
    const quantity = offeredQuote / it.price
    const gap = Math.max(tick, it.price / 10_000)
    const { bids, asks } = ladder.set(it.price - gap / 2, it.price + gap / 2, quantity, quantity, gap)
    venue.tell(venue.engine.book(symbol, bids, asks, now))
  }

  return {
    instruments: symbols.map((it) => it.instrument),
    candleTimeframes: [],
    trades: true,
    book: true,
    startsAt: null,
    endsAt: null,
    connect(clock) {
      startAt = clock.now()
    },
    play(into) {
      venue = into
    },
    stop() {
      venue = null
    },
    arm() {},
    show,
    history(symbol, timeframe, until, limit) {
      const it = bySymbol.get(symbol)
      return it === undefined ? [] : flatCandles(symbol, timeframe, it.price, until, limit, startAt - historyMs)
    },
  }
}

/** Candles in which nothing happened. */
function flatCandles(
  symbol: string,
  timeframe: Timeframe,
  price: number,
  until: number,
  limit: number,
  since: number,
): readonly Candle[] {
  const candles: Candle[] = []
  let end = openTimeOf(timeframe, until)
  while (candles.length < limit && end > since) {
    const openTime = openTimeOf(timeframe, end - 1)
    candles.push({
      symbol,
      timeframe,
      openTime,
      closeTime: closeTimeOf(timeframe, openTime),
      open: price,
      high: price,
      low: price,
      close: price,
      volume: 0,
      tradeCount: 0,
      isFinal: true,
      provenance: 'synthetic',
      revision: 0,
    })
    end = openTime
  }
  return candles.reverse()
}
