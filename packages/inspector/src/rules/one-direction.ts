import { allowed, exposureOf, type Rule, refused } from './rule.js'

const code = 'inspector.rule.opposite-position'

/**
 * Positions net: an entry against an open one would close it while believing to open. Leave first. Entries that are approved
 * and not yet filled count as filled: two strategies that disagree within one latency must not both get through.
 */
export const oneDirection: Rule = {
  code,
  judges: 'order',
  check(proposal) {
    const { signedQuantity, promisedQuantity } = exposureOf(proposal)
    const { side } = proposal.order
    const against = [signedQuantity, promisedQuantity].find((it) => !it.isZero && it.isPositive !== (side === 'buy'))
    if (against === undefined) return allowed
    const direction = against.isPositive ? 'long' : 'short'
    const is = against === signedQuantity ? 'is' : 'is about to be'
    const message = `${proposal.symbol} ${is} ${direction} ${against.abs()}; a ${side} entry is against it.`
    return refused(code, message, direction, side)
  },
}
