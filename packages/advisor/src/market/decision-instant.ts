import { type Clock, closeTimeOf, type Signal } from '@barfinex/core'
import type { MarketWatch } from './market-watch.js'

/** How far the exchange's clock may be ahead of the machine's before what it shows is not believed, in milliseconds. */
const aheadLimitMs = 1_000

/**
 * The instant a decision is made at. On the machine's clock what has arrived has happened, though the exchange's clock is a
 * little ahead of ours: then it is the instant of the newest quote or close. A virtual clock knows no other clock.
 */
export function decisionInstant(clock: Clock, watch: MarketWatch, { symbol, timeframe }: Signal): number {
  const now = clock.now()
  if (clock.kind === 'virtual') return now
  const seen = watch.symbol(symbol)
  const lastOpen = seen?.series.get(timeframe)?.ring.lastOpenTime ?? null
  const shown = Math.max(seen?.quote?.occurredAt ?? 0, lastOpen === null ? 0 : closeTimeOf(timeframe, lastOpen))
  return Math.max(now, Math.min(shown, now + aheadLimitMs))
}
