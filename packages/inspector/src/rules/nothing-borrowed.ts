import { Decimal, decimal } from '@barfinex/core'
import { allowed, exposureOf, type Rule, refused } from './rule.js'

const code = 'inspector.rule.short-not-held'

/** On spot and stock nothing is sold that is not held: neither by an intent to be short nor by an order that is too large. */
export const nothingBorrowed: Rule = {
  code,
  judges: 'order',
  check(proposal) {
    const { rules, order, quantity, intent, account } = proposal
    if (rules === null) return refused(code, `The trading rules of ${order.symbol} are not known.`, true, null)
    const { kind, base } = rules.instrument
    if (kind !== 'spot' && kind !== 'stock') return allowed
    if (intent?.direction === 'short') {
      return refused(code, `${order.symbol} is ${kind}: it cannot be sold short.`, 'long', 'short')
    }
    if (order.side === 'buy') return allowed
    const balance = account?.balances.find(({ asset }) => asset === base)
    const owned = balance === undefined ? Decimal.zero : decimal(balance.total)
    const held = owned.max(exposureOf(proposal).signedQuantity)
    if (!quantity.greaterThan(held)) return allowed
    const message = `Selling ${quantity} ${base} needs as much; ${held} are held.`
    return refused(code, message, held.toString(), quantity.toString())
  },
}
