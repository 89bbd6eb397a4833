import type { Decimal } from '@barfinex/core'
import { amountQuote, limitAmount } from '../limit-amount.js'
import { definePolicy, type OrderPolicy } from '../policy.js'
import { exposureOf } from '../rules/rule.js'
import type { Situation } from '../situation.js'

/**
 * Limits what one symbol may hold, in quote or as a share of equity: the open position at the last price, approved entries
 * counted as filled, and the order. Code `inspector.policy.max-position-notional`.
 *
 * @example
 * maxPositionNotional('1000')
 */
export function maxPositionNotional(limit: string): OrderPolicy {
  const amount = limitAmount(limit, 'maxPositionNotional')
  const mostOf = (situation: Situation): Decimal => amountQuote(amount, situation.risk.equityQuote, 'Equity')
  return definePolicy({
    code: 'inspector.policy.max-position-notional',
    judges: 'order',
    check(proposal) {
      const most = mostOf(proposal)
      const would = committedTo(proposal).plus(proposal.notional)
      if (!would.greaterThan(most)) return null
      const message = `${proposal.symbol} would hold ${would} ${quoteOf(proposal)}; at most ${most} are allowed.`
      return { limit: most.toString(), observed: would.toString(), message }
    },
    room: (situation) => mostOf(situation).minus(committedTo(situation)),
  })
}

/** What the symbol holds and has promised; throws when the position has no price. */
function committedTo(situation: Situation): Decimal {
  const { positionQuote, reservedQuote } = exposureOf(situation)
  if (positionQuote === null) throw new Error(`the position in ${situation.symbol} has no price`)
  return positionQuote.plus(reservedQuote)
}

function quoteOf({ rules }: Situation): string {
  return rules?.instrument.quote ?? 'quote'
}
