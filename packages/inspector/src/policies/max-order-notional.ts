import { amountQuote, limitAmount } from '../limit-amount.js'
import { definePolicy, type OrderPolicy } from '../policy.js'

/**
 * Limits one order, in quote or as a share of equity. Code `inspector.policy.max-order-notional`.
 *
 * @example
 * maxOrderNotional('500')
 */
export function maxOrderNotional(limit: string): OrderPolicy {
  const amount = limitAmount(limit, 'maxOrderNotional')
  return definePolicy({
    code: 'inspector.policy.max-order-notional',
    judges: 'order',
    check({ notional, risk }) {
      const most = amountQuote(amount, risk.equityQuote, 'Equity')
      if (!notional.greaterThan(most)) return null
      const message = `The order is worth ${notional}; at most ${most} are allowed.`
      return { limit: most.toString(), observed: notional.toString(), message }
    },
    room: ({ risk }) => amountQuote(amount, risk.equityQuote, 'Equity'),
  })
}
