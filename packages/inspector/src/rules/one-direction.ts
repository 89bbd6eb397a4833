import { allowed, exposureOf, type Rule, refused } from './rule.js'

const code = 'inspector.rule.opposite-position'

/** Positions net: an entry against an open one would close it while believing to open. Leave first. */
export const oneDirection: Rule = {
  code,
  judges: 'order',
  check(proposal) {
    const { signedQuantity } = exposureOf(proposal)
    const { side } = proposal.order
    if (signedQuantity.isZero || signedQuantity.isPositive === (side === 'buy')) return allowed
    const open = signedQuantity.isPositive ? 'long' : 'short'
    const message = `${proposal.symbol} is ${open} ${signedQuantity.abs()}; a ${side} entry is against it.`
    return refused(code, message, open, side)
  },
}
