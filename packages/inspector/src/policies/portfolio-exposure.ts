import type { Decimal } from '@barfinex/core'
import { amountQuote, limitAmount } from '../limit-amount.js'
import { definePolicy, type OrderPolicy } from '../policy.js'
import type { Situation } from '../situation.js'

/**
 * Limits the sum of all positions, longs and shorts added up, approved entries counted as filled, in quote or as a share of
 * equity. Code `inspector.policy.portfolio-exposure`.
 *
 * @example
 * portfolioExposure('150%')
 */
export function portfolioExposure(limit: string): OrderPolicy {
  const amount = limitAmount(limit, 'portfolioExposure')
  const mostOf = (situation: Situation): Decimal => amountQuote(amount, situation.risk.equityQuote, 'Equity')
  return definePolicy({
    code: 'inspector.policy.portfolio-exposure',
    judges: 'order',
    check(proposal) {
      const most = mostOf(proposal)
      const would = committed(proposal).plus(proposal.notional)
      if (!would.greaterThan(most)) return null
      const message = `All positions together would be worth ${would}; at most ${most} are allowed.`
      return { limit: most.toString(), observed: would.toString(), message }
    },
    room: (situation) => mostOf(situation).minus(committed(situation)),
  })
}

function committed({ exposure }: Situation): Decimal {
  if (exposure.positionsQuote === null) throw new Error('an open position has no price')
  return exposure.positionsQuote.plus(exposure.reservedQuote)
}
