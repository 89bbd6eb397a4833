import { allowed, exposureOf, type Rule, refused } from './rule.js'

const code = 'inspector.rule.not-reducing'

/** What protects or leaves may only shrink: by the open position, whatever the order is called. */
export const shrinksPosition: Rule = {
  code,
  judges: 'order',
  check(proposal) {
    const { order, quantity, effect, symbol } = proposal
    if (!order.reduceOnly) return refused(code, `A ${order.purpose} order must be reduce-only.`, true, false)
    if (effect === 'reduces') return allowed
    const { signedQuantity } = exposureOf(proposal)
    const message = `${symbol} is ${signedQuantity} open; ${order.side} ${quantity} would not only shrink it.`
    return refused(code, message, signedQuantity.toString(), quantity.toString())
  },
}
