import { positive } from '../limit-amount.js'
import { definePolicy, type SituationPolicy } from '../policy.js'

/** Orders one more entry brings: itself, its stop and its target. */
const ordersPerEntry = 3

/**
 * Limits how many orders the account may have at the exchange, over all symbols. Stop and target of everything that is open or may still
 * be filled are counted whether they rest yet or not, so their share is reserved: an entry never takes the place of a stop.
 * Code `inspector.policy.max-open-orders`. The limit of one symbol is `sizing.maxOrderCount`.
 *
 * @example
 * maxOpenOrders(60)
 */
export function maxOpenOrders(count: number): SituationPolicy {
  const most = positive(count, 'maxOpenOrders')
  return definePolicy({
    code: 'inspector.policy.max-open-orders',
    judges: 'situation',
    check({ exposure }) {
      let would = ordersPerEntry
      for (const { orderCount } of exposure.symbols.values()) would += orderCount
      if (would <= most) return null
      const message = `${would} orders would be open with stops and targets; at most ${most} are allowed.`
      return { limit: most, observed: would, message }
    },
  })
}
