import { positive } from '../limit-amount.js'
import { markPrice } from '../market-view.js'
import { definePolicy, type Failure, type OrderPolicy } from '../policy.js'

export interface PriceCollarOptions {
  /** Furthest an order's price may lie from the mid of the newest quote, in basis points. */
  readonly maxDeviationBps: number
  /** Oldest quote that may serve as the reference, in milliseconds. */
  readonly maxQuoteAgeMs: number
}

/**
 * Keeps an order near a reference that is itself fresh. A limit is held to the collar by its limit, a market order by the price
 * its decision was made at and by the price it would meet now. Code `inspector.policy.price-collar`.
 *
 * @example
 * priceCollar({ maxDeviationBps: 50, maxQuoteAgeMs: 5_000 })
 */
export function priceCollar(options: PriceCollarOptions): OrderPolicy {
  const maxDeviationBps = positive(options.maxDeviationBps, 'priceCollar maxDeviationBps')
  const maxQuoteAgeMs = positive(options.maxQuoteAgeMs, 'priceCollar maxQuoteAgeMs')
  return definePolicy({
    code: 'inspector.policy.price-collar',
    judges: 'order',
    check({ market, order, intent, price, now }): Failure | null {
      const { quote } = market
      const mid = markPrice({ quote, candle: null, feed: null })
      if (quote === null || mid === null) throw new Error('there is no quote')
      const age = now - quote.occurredAt
      if (!(age <= maxQuoteAgeMs)) {
        const message = `The newest quote is ${age} ms old; at most ${maxQuoteAgeMs} ms are allowed.`
        return { limit: maxQuoteAgeMs, observed: age, message }
      }
      const meant = order.limitPrice === null && intent !== null ? Number(intent.referencePrice) : price.toNumber()
      const deviation = Math.max(deviationBps(price.toNumber(), mid), deviationBps(meant, mid))
      if (!Number.isFinite(deviation)) throw new Error(`the deviation is ${deviation}`)
      if (deviation <= maxDeviationBps) return null
      const observed = Math.round(deviation * 100) / 100
      const message = `The price is ${observed} bps from the mid ${mid}; at most ${maxDeviationBps} are allowed.`
      return { limit: maxDeviationBps, observed, message }
    },
  })
}

function deviationBps(price: number, mid: number): number {
  return (Math.abs(price - mid) / mid) * 10_000
}
