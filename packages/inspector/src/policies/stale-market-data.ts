import { positive } from '../limit-amount.js'
import { newestAt } from '../market-view.js'
import { definePolicy, type SituationPolicy } from '../policy.js'

/**
 * Opens nothing on old data: the newest quote or closed candle must not be older than so many milliseconds, and the feed must be
 * live. Code `inspector.policy.stale-market-data`.
 */
export function staleMarketData(maxAgeMs: number): SituationPolicy {
  const limit = positive(maxAgeMs, 'staleMarketData')
  return definePolicy({
    code: 'inspector.policy.stale-market-data',
    judges: 'situation',
    check({ market, symbol, now }) {
      const { feed } = market
      if (feed === null || feed.state !== 'live') {
        const observed = feed?.state ?? null
        const message = `The feed of ${symbol} is ${observed ?? 'not known'} (${feed?.code ?? 'no state yet'}).`
        return { limit: 'live', observed, message }
      }
      const seenAt = newestAt(market)
      if (seenAt === null) throw new Error(`nothing was heard of ${symbol} yet`)
      const observed = now - seenAt
      if (observed <= limit) return null
      return { limit, observed, message: `The newest data of ${symbol} is ${observed} ms old; the limit is ${limit}.` }
    },
  })
}
