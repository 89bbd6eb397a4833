import { positive } from '../limit-amount.js'
import { definePolicy, type SituationPolicy } from '../policy.js'

export interface DuplicateIntentOptions {
  /** How long an approved entry is remembered, in milliseconds; 60,000 when absent, at most one day. */
  readonly windowMs?: number
  /** Reference prices nearer than so many basis points count as the same; 10 when absent. */
  readonly priceBandBps?: number
}

/**
 * Refuses what looks like the same order again: same strategy, symbol and direction at nearly the same price within the window.
 * Code `inspector.policy.duplicate-intent`.
 */
export function duplicateIntent(options: DuplicateIntentOptions = {}): SituationPolicy {
  const windowMs = positive(Math.min(options.windowMs ?? 60_000, 86_400_000), 'duplicateIntent windowMs')
  const bandBps = positive(options.priceBandBps ?? 10, 'duplicateIntent priceBandBps')
  return definePolicy({
    code: 'inspector.policy.duplicate-intent',
    judges: 'situation',
    check({ intent, recent, now }) {
      if (intent === null) return null
      const price = Number(intent.referencePrice)
      if (!(price > 0)) throw new Error(`the reference price is ${intent.referencePrice}`)
      const twin = recent.findLast(
        (entry) =>
          entry.strategyId === intent.strategyId &&
          entry.symbol === intent.symbol &&
          entry.direction === intent.direction &&
          entry.approvedAt > now - windowMs &&
          (Math.abs(entry.referencePrice - price) / price) * 10_000 <= bandBps,
      )
      if (twin === undefined) return null
      const observed = now - twin.approvedAt
      const message = `The same entry was approved ${observed} ms ago; within ${windowMs} ms it counts as a duplicate.`
      return { limit: windowMs, observed, message }
    },
  })
}
