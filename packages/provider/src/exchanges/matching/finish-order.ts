import type { Reason } from '@barfinex/core'
import type { MatchingState } from './matching-state.js'
import { leaveGroup } from './order-group.js'
import { refusal } from './order-refusal.js'
import type { PriceLadder } from './price-ladder.js'
import type { SymbolMarket } from './symbol-market.js'
import type { TradingAccount } from './trading-account.js'
import type { WorkingOrder } from './working-order.js'

/** Puts an order on a ladder, a limit to rest or a trigger to sleep; or into a set, to trail or to wait for the open. */
export function place(
  market: SymbolMarket,
  order: WorkingOrder,
  where: PriceLadder | Set<WorkingOrder>,
  ticks = Number.NaN,
): void {
  if (where instanceof Set) where.add(order)
  else where.add(ticks, order)
  market.workingCount += 1
  if (order.order.reduceOnly) order.account.reducing.add(order)
}

/** Takes an order from where it was put: it no longer rests, sleeps, trails or waits. */
export function withdraw(market: SymbolMarket, order: WorkingOrder): void {
  if (order.ladder !== null) order.ladder.remove(order)
  else if (!market.trailing.delete(order) && !market.waiting.delete(order)) return
  market.workingCount -= 1
  order.account.reducing.delete(order)
}

/** Ends an order: off the book, out of its group, and whatever was set aside for it is free again. */
export function finish(
  state: MatchingState,
  market: SymbolMarket,
  order: WorkingOrder,
  final: 'filled' | 'canceled' | 'expired',
  reason: Reason | null = null,
): void {
  withdraw(market, order)
  order.state = final
  order.updatedAt = state.now
  const { account } = order
  order.lock?.remove(order)
  updateOrderMargin(order, 0n)
  leaveGroup(order)
  account.close(order)
  if (final !== 'filled') state.emitState(order, final, reason)
}

/** Brings the margin that an order ties up to what its remainder needs. */
export function updateOrderMargin(order: WorkingOrder, notional: bigint): void {
  if (notional === order.marginNotional) return
  order.account.position(order.grid).addOrder(order.isBuy, notional - order.marginNotional)
  order.marginNotional = notional
}

/** Cancels the other orders of its group, which may never be joined again. Called before its first fill. */
export function cancelSiblings(state: MatchingState, market: SymbolMarket, order: WorkingOrder): void {
  const { ocoGroup } = order.order
  if (ocoGroup === null) return
  const { account } = order
  account.spend(ocoGroup)
  const group = account.groups.get(ocoGroup)
  if (group === undefined) return
  for (const sibling of [...group.orders]) {
    if (sibling === order) continue
    const message = `Order ${order.order.clientOrderId} of its group came first.`
    finish(state, market, sibling, 'canceled', refusal('exchange.order.oco-canceled', message))
  }
}

/** Ends the reduce-only orders of an account that have nothing left to reduce. */
export function cancelIdleReducers(state: MatchingState, market: SymbolMarket, account: TradingAccount): void {
  if (account.reducing.size === 0) return
  for (const order of [...account.reducing]) {
    if (order.grid !== market.grid) continue
    if (account.reducibleSteps(market.grid, order.isBuy) > 0) continue
    finish(state, market, order, 'canceled', nothingToReduce())
  }
}

export function nothingToReduce(): Reason {
  return refusal('exchange.order.nothing-to-reduce', 'The order may only reduce, and nothing is left to reduce.')
}
