import { Decimal } from '@barfinex/core'
import type { TrackedOrder } from './tracked-order.js'

/**
 * What working orders that may only reduce are to sell of a symbol, in base. Orders of one group sell once, and those of `exceptGroup`
 * sell together with whoever asks. Orders on their way out, or whose fate is not known, are not counted: should what was to
 * protect be gone, what is open must not wait for an answer about it.
 */
export function promisedSales(orders: Iterable<TrackedOrder>, symbol: string, exceptGroup: string | null): Decimal {
  const sales = new Map<string, Decimal>()
  for (const { order, quantity, filled, isUncertain, isCancelWanted } of orders) {
    const { ocoGroup } = order
    if (order.symbol !== symbol || order.side !== 'sell' || !order.reduceOnly || isUncertain || isCancelWanted) continue
    if (ocoGroup !== null && ocoGroup === exceptGroup) continue
    const key = ocoGroup ?? order.clientOrderId
    sales.set(key, quantity.minus(filled).max(sales.get(key) ?? Decimal.zero))
  }
  return [...sales.values()].reduce((total, it) => total.plus(it), Decimal.zero)
}
