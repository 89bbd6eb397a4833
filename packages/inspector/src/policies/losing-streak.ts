import { positive } from '../limit-amount.js'
import { definePolicy, type SituationPolicy } from '../policy.js'

export interface LosingStreakOptions {
  /** How long entries rest after the loss that completed the streak, in milliseconds; 24 hours when absent. */
  readonly pauseMs?: number
}

/**
 * Rests after so many losing trades in a row, until the pause is over; then one more loss begins another pause. One loss before
 * that it asks for fewer signals. A trade without a loss ends the streak. Code `inspector.policy.losing-streak`.
 */
export function losingStreak(count: number, options: LosingStreakOptions = {}): SituationPolicy {
  const most = positive(count, 'losingStreak')
  const pauseMs = positive(options.pauseMs ?? 86_400_000, 'losingStreak pauseMs')
  const sentence = (streak: number): string => `${streak} trades in a row have lost; the limit is ${most}.`
  return definePolicy({
    code: 'inspector.policy.losing-streak',
    judges: 'situation',
    check({ risk, now }) {
      const { losingStreak: streak, lastLossAt } = risk
      if (streak < most) return null
      if (lastLossAt === null) throw new Error('the instant of the last loss is not known')
      return now >= lastLossAt + pauseMs ? null : { limit: most, observed: streak, message: sentence(streak) }
    },
    watch({ risk, now }) {
      const { losingStreak: streak, lastLossAt } = risk
      if (lastLossAt === null || now >= lastLossAt + pauseMs) return null
      const until = lastLossAt + pauseMs
      if (streak >= most) {
        return { type: 'standDown', until, limit: most, observed: streak, message: sentence(streak) }
      }
      if (streak < 1 || streak < most - 1) return null
      return { type: 'throttle', until, limit: most, observed: streak, message: sentence(streak) }
    },
  })
}
