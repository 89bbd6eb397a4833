import { decimal } from '@barfinex/core'
import { positive } from '../limit-amount.js'
import { definePolicy, type OrderPolicy } from '../policy.js'

/**
 * Wants at least so much reward for each unit of risk, after taker fees on every leg, computed here from the order's own price:
 * `(distance to target - fees) / (distance to stop + fees)`. Code `inspector.policy.min-reward-to-risk`.
 *
 * @example
 * minRewardToRisk(1.5)
 */
export function minRewardToRisk(ratio: number): OrderPolicy {
  const limit = positive(ratio, 'minRewardToRisk')
  return definePolicy({
    code: 'inspector.policy.min-reward-to-risk',
    judges: 'order',
    check({ intent, rules, price }) {
      if (intent === null || rules === null) throw new Error('the intent or the trading rules are not known')
      const target = decimal(intent.targetPrice)
      const stop = decimal(intent.stopPrice)
      const reward = target
        .minus(price)
        .abs()
        .minus(rules.takerFee.times(price.plus(target)))
      const risk = price
        .minus(stop)
        .abs()
        .plus(rules.takerFee.times(price.plus(stop)))
      const observed = reward.toNumber() / risk.toNumber()
      if (!Number.isFinite(observed)) throw new Error(`the ratio is ${observed}`)
      if (observed >= limit) return null
      const shown = Math.round(observed * 1e4) / 1e4
      return { limit, observed: shown, message: `Reward to risk after fees is ${shown}; at least ${limit} is wanted.` }
    },
  })
}
