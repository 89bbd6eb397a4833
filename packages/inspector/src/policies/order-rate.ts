import { positive } from '../limit-amount.js'
import { definePolicy, type SituationPolicy } from '../policy.js'
import type { RecentEntry } from '../situation.js'

export interface OrderRateOptions {
  /** Entries that may be approved … */
  readonly count: number
  /** … within any stretch of so many milliseconds; at most one day. */
  readonly perMs: number
}

/**
 * Limits how many entries are approved in any stretch of time. From four fifths of the limit on it asks for fewer signals.
 * Stops, targets, exits and cancels are never counted. Code `inspector.policy.order-rate`.
 *
 * @example
 * orderRate({ count: 10, perMs: 3_600_000 })
 */
export function orderRate(options: OrderRateOptions): SituationPolicy {
  const most = positive(options.count, 'orderRate count')
  const perMs = positive(Math.min(options.perMs, 86_400_000), 'orderRate perMs')

  /** How many of the newest entries are still inside the window. */
  function insideCount(recent: readonly RecentEntry[], now: number): number {
    let count = 0
    while (count < recent.length && (recent[recent.length - 1 - count] as RecentEntry).approvedAt > now - perMs)
      count += 1
    return count
  }

  return definePolicy({
    code: 'inspector.policy.order-rate',
    judges: 'situation',
    check({ recent, now }) {
      const would = insideCount(recent, now) + 1
      if (would <= most) return null
      return { limit: most, observed: would, message: `${would} entries in ${perMs} ms; at most ${most} are allowed.` }
    },
    watch({ recent, now }) {
      const within = insideCount(recent, now)
      const oldest = recent[recent.length - within]
      if (oldest === undefined || within < Math.max(2, Math.ceil(most * 0.8))) return null
      const message = `${within} of at most ${most} entries in ${perMs} ms are used.`
      return { type: 'throttle', until: oldest.approvedAt + perMs, limit: most, observed: within, message }
    },
  })
}
