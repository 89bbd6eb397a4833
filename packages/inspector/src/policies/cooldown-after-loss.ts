import { positive } from '../limit-amount.js'
import { definePolicy, type SituationPolicy } from '../policy.js'

/** Rests for so many milliseconds after a losing trade. Code `inspector.policy.cooldown-after-loss`. */
export function cooldownAfterLoss(pauseMs: number): SituationPolicy {
  const limit = positive(pauseMs, 'cooldownAfterLoss')
  return definePolicy({
    code: 'inspector.policy.cooldown-after-loss',
    judges: 'situation',
    check({ risk, now }) {
      if (risk.lastLossAt === null) return null
      const observed = now - risk.lastLossAt
      if (observed >= limit) return null
      return { limit, observed, message: `The last loss was ${observed} ms ago; entries rest for ${limit} ms.` }
    },
  })
}
