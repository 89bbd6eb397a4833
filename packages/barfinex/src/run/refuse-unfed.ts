import { BarfinexError, type Timeframe, timeframeMs } from '@barfinex/core'
import { type Strategy, warmUpNeed } from '@barfinex/detector'
import type { ExchangeFactory } from '@barfinex/provider'

/**
 * Refuses strategies that a recorded market cannot feed, with `options.invalid`: candles are made of shorter ones, never of longer
 * ones, so a strategy of a finer timeframe would wait to the end and judge nothing. A market with trades can feed all.
 */
export async function refuseUnfed(strategies: readonly Strategy[], exchange: ExchangeFactory): Promise<void> {
  const opened = await exchange.create()
  const { trades, candleTimeframes } = opened.capabilities
  await opened.close()
  if (trades) return
  for (const strategy of strategies) {
    for (const { timeframe } of warmUpNeed(strategy)) {
      if (candleTimeframes.some((it) => canMake(it, timeframe))) continue
      const held = candleTimeframes.length === 0 ? 'no common timeframe' : `candles of ${candleTimeframes.join(', ')}`
      const message = `The strategy ${strategy.id} reads ${timeframe} candles, and the tape holds ${held}, of which these cannot be made. Take a finer tape or another strategy.`
      throw new BarfinexError('options.invalid', message)
    }
  }
}

/** Weeks and months are made of anything up to a day. */
function canMake(held: Timeframe, wanted: Timeframe): boolean {
  if (held === wanted) return true
  if (wanted === '1w' || wanted === '1M') return timeframeMs(held) <= timeframeMs('1d')
  return timeframeMs(held) < timeframeMs(wanted) && timeframeMs(wanted) % timeframeMs(held) === 0
}
