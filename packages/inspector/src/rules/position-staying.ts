import { allowed, exposureOf, type Rule, refused } from './rule.js'

const code = 'inspector.rule.position-leaving'

/** Nothing is added to what is being left: the new order would trade with our own exit, or be sold with the rest. */
export const positionStaying: Rule = {
  code,
  judges: 'situation',
  check(situation) {
    if (!exposureOf(situation).isLeaving) return allowed
    return refused(code, `The position in ${situation.symbol} is being left.`, false, true)
  },
}
