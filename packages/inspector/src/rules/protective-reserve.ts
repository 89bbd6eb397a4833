import { allowed, exposureOf, type Rule, refused } from './rule.js'

const code = 'inspector.rule.protective-reserve'

/** Orders one more entry brings: itself, its stop and its target. */
const ordersPerEntry = 3

/** An entry leaves room for its own protection under the exchange's count of open orders. */
export const protectiveReserve: Rule = {
  code,
  judges: 'situation',
  check(situation) {
    const { maxOrderCount } = situation
    const wanted = exposureOf(situation).orderCount + ordersPerEntry
    if (wanted <= maxOrderCount) return allowed
    const message = `${situation.symbol} would have ${wanted} orders with stop and target; ${maxOrderCount} are allowed.`
    return refused(code, message, maxOrderCount, wanted)
  },
}
