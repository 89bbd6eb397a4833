import { allowed, exposureOf, type Rule, refused } from './rule.js'

const code = 'inspector.rule.protective-reserve'

/** Orders one more entry brings: itself, its stop and its target. */
const ordersPerEntry = 3

/** An entry leaves room for its own protection under the exchange's counts: of open orders, and of those that wait for a trigger. */
export const protectiveReserve: Rule = {
  code,
  judges: 'situation',
  check(situation) {
    const { maxOrderCount, rules } = situation
    const { orderCount, stopCount } = exposureOf(situation)
    const maxStopOrders = rules?.instrument.maxStopOrders
    if (maxStopOrders !== undefined && stopCount + 1 > maxStopOrders) {
      const message = `${situation.symbol} would need ${stopCount + 1} stops; the exchange takes ${maxStopOrders} at once.`
      return refused(code, message, maxStopOrders, stopCount + 1)
    }
    const wanted = orderCount + ordersPerEntry
    if (wanted <= maxOrderCount) return allowed
    const message = `${situation.symbol} would have ${wanted} orders with stop and target; ${maxOrderCount} are allowed.`
    return refused(code, message, maxOrderCount, wanted)
  },
}
