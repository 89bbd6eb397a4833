import { Decimal } from '@barfinex/core'
import { allowed, exposureOf, type Rule, refused } from './rule.js'

const code = 'inspector.rule.sold-twice'

/**
 * On spot and stock nobody cuts an order to what is open, as contracts do: what is held and not yet promised to another stop, target or
 * exit is all that one more may sell. Orders of one group share what they sell. Contracts are reduce-only at the exchange.
 */
export const soldOnce: Rule = {
  code,
  judges: 'order',
  check(proposal) {
    const { rules, order, quantity } = proposal
    if (rules === null || order.side !== 'sell') return allowed
    const { kind, base } = rules.instrument
    if (kind !== 'spot' && kind !== 'stock') return allowed
    // What was not bought here is its owner's: the balance of the asset is no reason to sell more.
    const { signedQuantity: held, closingQuantities } = exposureOf(proposal)
    let promised = Decimal.zero
    for (const [key, closing] of closingQuantities) if (key !== order.ocoGroup) promised = promised.plus(closing)
    const free = held.minus(promised)
    if (!quantity.greaterThan(free)) return allowed
    const message = `${held} ${base} are open and ${promised} promised to other orders; ${quantity} cannot be sold.`
    return refused(code, message, free.toString(), quantity.toString())
  },
}
