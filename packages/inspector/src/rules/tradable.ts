import { brokenRules } from '@barfinex/core'
import { allowed, type Rule, refused } from './rule.js'

const code = 'inspector.rule.instrument'

/** The exchange's own rules, checked here first; an order it would refuse is not sent. */
export const tradable: Rule = {
  code,
  judges: 'order',
  check({ rules, symbol, order, price }) {
    if (rules === null) return refused(code, `The trading rules of ${symbol} are not known.`, true, null)
    const { kind, settle, quote } = rules.instrument
    if (settle !== quote && kind !== 'spot') {
      return refused(
        code,
        `${symbol} settles in ${settle}; only contracts settled in quote can be sized.`,
        quote,
        settle,
      )
    }
    return brokenRules(rules, order, price)
  },
}

/** As {@link tradable} for orders that protect or leave: a pause of the exchange is no reason to take protection away. */
export const protectable: Rule = {
  code,
  judges: 'order',
  check({ rules, symbol, order, price }) {
    if (rules === null) return refused(code, `The trading rules of ${symbol} are not known.`, true, null)
    const broken = brokenRules(rules, order, price).filter((reason) => reason.code !== 'order.rule.not-trading')
    return broken.length === 0 ? allowed : broken
  },
}
