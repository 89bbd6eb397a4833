import {
  type Candle,
  type Feed,
  type Instrument,
  type InstrumentRules,
  instrumentRules,
  type Quote,
} from '@barfinex/core'
import { unseenMarket } from './market-view.js'
import type { MarketView } from './situation.js'

/** What the market has said last, by symbol. */
export interface Markets {
  marketOf(symbol: string): MarketView
  rulesOf(symbol: string): InstrumentRules | null
  learnQuote(quote: Quote): MarketView
  learnCandle(candle: Candle): MarketView
  learnFeed(feed: Feed): void
  learnInstrument(instrument: Instrument): void
}

export function createMarkets(): Markets {
  const views = new Map<string, { quote: Quote | null; candle: Candle | null; feed: Feed | null }>()
  const rules = new Map<string, InstrumentRules>()

  /** One mutable record per symbol: quotes come too often to copy it each time. */
  function viewOf(symbol: string): { quote: Quote | null; candle: Candle | null; feed: Feed | null } {
    let view = views.get(symbol)
    if (view === undefined) {
      view = { quote: null, candle: null, feed: null }
      views.set(symbol, view)
    }
    return view
  }

  return {
    marketOf: (symbol) => views.get(symbol) ?? unseenMarket,
    rulesOf: (symbol) => rules.get(symbol) ?? null,
    learnQuote(quote) {
      const view = viewOf(quote.symbol)
      if (view.quote === null || quote.occurredAt >= view.quote.occurredAt) view.quote = quote
      return view
    },
    learnCandle(candle) {
      const view = viewOf(candle.symbol)
      if (view.candle === null || candle.closeTime >= view.candle.closeTime) view.candle = candle
      return view
    },
    learnFeed(feed) {
      viewOf(feed.symbol).feed = feed
    },
    learnInstrument(instrument) {
      rules.set(instrument.symbol, instrumentRules(instrument))
    },
  }
}
