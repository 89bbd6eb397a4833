import type { MarketView } from './situation.js'

export const unseenMarket: MarketView = Object.freeze({ quote: null, candle: null, feed: null })

/** Price a position is valued at: the mid of the newest quote, or the newest close when that is later; `null` when unseen. */
export function markPrice(market: MarketView): number | null {
  const { quote, candle } = market
  if (quote === null) return candle === null ? null : usable(candle.close)
  if (candle !== null && candle.closeTime > quote.occurredAt) return usable(candle.close)
  return usable((quote.bid + quote.ask) / 2)
}

/** Price at which one could sell (or buy) now: the touch, else the mark; `null` when unseen. */
export function touchPrice(market: MarketView, side: 'buy' | 'sell'): number | null {
  const { quote, candle } = market
  if (quote === null || (candle !== null && candle.closeTime > quote.occurredAt)) return markPrice(market)
  return usable(side === 'buy' ? quote.ask : quote.bid)
}

/** Instant of the newest thing known; `null` when unseen. */
export function newestAt(market: MarketView): number | null {
  const { quote, candle } = market
  if (quote === null) return candle?.closeTime ?? null
  return Math.max(quote.occurredAt, candle?.closeTime ?? 0)
}

function usable(price: number): number | null {
  return Number.isFinite(price) && price > 0 ? price : null
}
