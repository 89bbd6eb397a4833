import { availableNotional } from '../funds.js'
import { allowed, type Rule, refused } from './rule.js'

const code = 'inspector.rule.funds'

/** The account can pay for it, fees of entering and leaving included, after everything that is promised already. */
export const fundsAvailable: Rule = {
  code,
  judges: 'order',
  check(proposal) {
    const available = availableNotional(proposal)
    const { notional } = proposal
    if (!notional.greaterThan(available)) return allowed
    const message = `The order is worth ${notional}; ${available} can be spent, fees kept aside.`
    return refused(code, message, available.toString(), notional.toString())
  },
}
