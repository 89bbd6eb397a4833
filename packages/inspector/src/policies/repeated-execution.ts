import { positive } from '../limit-amount.js'
import { definePolicy, type SituationPolicy } from '../policy.js'
import type { RecentEntry, RiskView } from '../situation.js'

export interface RepeatedExecutionOptions {
  /** Entries that one strategy may be given … */
  readonly count: number
  /** … within any stretch of so many milliseconds; at most one day. */
  readonly perMs: number
}

/**
 * Stops a strategy that goes round in circles: once so many entries of one strategy within the window have filled, nothing new is
 * opened until a named operator has looked and resumes; counting then begins anew. Code `inspector.policy.repeated-execution`.
 *
 * `orderRate` slows an account down; this asks for a person.
 *
 * @example
 * repeatedExecution({ count: 5, perMs: 600_000 })
 */
export function repeatedExecution(options: RepeatedExecutionOptions): SituationPolicy {
  const most = positive(options.count, 'repeatedExecution count')
  const perMs = positive(Math.min(options.perMs, 86_400_000), 'repeatedExecution perMs')

  /** Entries that count now, by strategy. */
  function countsOf(recent: readonly RecentEntry[], risk: RiskView, now: number): ReadonlyMap<string, number> {
    const from = Math.max(now - perMs, risk.resumedAt ?? Number.NEGATIVE_INFINITY)
    const counts = new Map<string, number>()
    for (const { strategyId, approvedAt } of recent) {
      if (approvedAt > from) counts.set(strategyId, (counts.get(strategyId) ?? 0) + 1)
    }
    return counts
  }

  return definePolicy({
    code: 'inspector.policy.repeated-execution',
    judges: 'situation',
    check({ intent, recent, risk, now }) {
      if (intent === null) return null
      const would = (countsOf(recent, risk, now).get(intent.strategyId) ?? 0) + 1
      if (would <= most) return null
      const message = `${intent.strategyId} would have ${would} entries in ${perMs} ms; after ${most} a person has to look.`
      return { limit: most, observed: would, message }
    },
    watch({ recent, risk, now }) {
      // An entry that only waits has executed nothing, and is not taken back for having been approved.
      const filled = recent.filter(({ filledAt }) => filledAt !== null)
      for (const [strategyId, count] of countsOf(filled, risk, now)) {
        if (count < most) continue
        const message = `${strategyId} had ${count} entries in ${perMs} ms: nothing new until a person has looked and resumes.`
        return { type: 'standDown', until: null, limit: most, observed: count, message }
      }
      return null
    },
  })
}
