import { Decimal, type Order } from '@barfinex/core'
import type { TrackedOrder } from './tracked-order.js'

/** An order that the exchange has not acknowledged by then has probably never arrived, in milliseconds. */
const arrivalMs = 3_000

/**
 * How much of a cash symbol working orders may still sell that would sell it beside this one, in base. Orders that the exchange itself
 * joins (`isJoined`: it ends the others of a group when one fills) sell the same thing once; where it does not, a target beside the stop of
 * its group sells what the stop does, however much is open: `null`. A stop does not wait for an exit, which may be lost on its way:
 * cover comes first, and an exit cannot rest. Nor does anything wait long for an order that is missing at the exchange: what it was
 * to cover would be without cover as long. What an ended order (`unsettled`) has sold by the exchange's word counts until its fills say so.
 */
export function promisedSales(
  order: Pick<Order, 'symbol' | 'purpose' | 'ocoGroup'>,
  working: Iterable<TrackedOrder>,
  unsettled: Iterable<TrackedOrder>,
  isJoined: boolean,
  now: number,
): Decimal | null {
  let alone = Decimal.zero
  const groups = new Map<string, Decimal>()
  // These have sold already, and it is not known yet what for.
  for (const { order: other, filled, reported } of unsettled) {
    if (other.symbol === order.symbol && other.side === 'sell') alone = alone.plus(reported.minus(filled))
  }
  for (const { order: other, quantity, filled, isAcknowledged, submittedAt } of working) {
    if (other.symbol !== order.symbol || other.side !== 'sell') continue
    if (!isAcknowledged && now - submittedAt >= arrivalMs) continue
    if (!isJoined && order.purpose === 'target' && order.ocoGroup !== null && other.ocoGroup === order.ocoGroup)
      return null
    if (order.purpose === 'stop' && other.purpose === 'exit') continue
    const rest = quantity.minus(filled)
    if (!isJoined || other.ocoGroup === null) alone = alone.plus(rest)
    else if (other.ocoGroup !== order.ocoGroup) {
      groups.set(other.ocoGroup, rest.max(groups.get(other.ocoGroup) ?? Decimal.zero))
    }
  }
  return [...groups.values()].reduce((sum, it) => sum.plus(it), alone)
}
