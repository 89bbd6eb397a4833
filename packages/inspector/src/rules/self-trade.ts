import { allowed, exposureOf, type Rule, refused } from './rule.js'

const code = 'inspector.rule.self-trade'

/** An entry does not meet an order of our own that waits on the other side, such as the target of a position it would add to. */
export const selfTrade: Rule = {
  code,
  judges: 'order',
  check(proposal) {
    const { order, price, symbol } = proposal
    const { lowestSell, highestBuy } = exposureOf(proposal)
    const own = order.side === 'buy' ? lowestSell : highestBuy
    if (own === null || (order.side === 'buy' ? price.lessThan(own) : price.greaterThan(own))) return allowed
    const message = `To ${order.side} ${symbol} at ${price} would meet our own order at ${own}.`
    return refused(code, message, own.toString(), price.toString())
  },
}
