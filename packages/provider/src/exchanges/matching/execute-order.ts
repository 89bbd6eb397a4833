import { availableLiquidity } from './available-liquidity.js'
import { cancelSiblings, finish, nothingToReduce, place, withdraw } from './finish-order.js'
import type { MatchingState } from './matching-state.js'
import { refusal } from './order-refusal.js'
import { isLimitType, wakesOnRise, wouldTake } from './refuse-order.js'
import { reserveAtMarket } from './reserve-funds.js'
import type { SymbolMarket } from './symbol-market.js'
import { type TakeEnd, takeLiquidity } from './take-liquidity.js'
import { trailTo } from './trailing-stop.js'
import type { WorkingOrder } from './working-order.js'

/** Lets an accepted order do what its type says: take, rest or sleep. */
export function execute(state: MatchingState, market: SymbolMarket, order: WorkingOrder): void {
  const { type } = order.order
  if (type === 'market') executeMarket(state, market, order)
  else if (type === 'limit') executeLimit(state, market, order)
  else if (type === 'trailingStopMarket') {
    place(market, order, market.trailing)
  } else {
    place(market, order, wakesOnRise(order.order) ? market.rising : market.falling, order.triggerTicks)
  }
}

/** Trading begins again: the orders that waited do what their type says, in the order in which they came. */
export function openSession(state: MatchingState, market: SymbolMarket): void {
  market.isOpen = true
  for (const order of [...market.waiting]) {
    if (!order.isLive) continue
    withdraw(market, order)
    const missing = order.order.type === 'market' ? reserveAtMarket(state, market, order) : null
    if (missing === null) execute(state, market, order)
    else finish(state, market, order, 'expired', missing)
  }
}

/** Wakes a sleeping order. Its siblings end first, so two orders of a group can never both trade. */
export function wake(state: MatchingState, market: SymbolMarket, order: WorkingOrder): void {
  withdraw(market, order)
  order.isTriggered = true
  order.state = 'triggered'
  state.emitState(order, 'triggered')
  cancelSiblings(state, market, order)
  if (isLimitType(order.order)) {
    executeLimit(state, market, order)
  } else {
    const missing = reserveAtMarket(state, market, order)
    if (missing === null) executeMarket(state, market, order)
    else finish(state, market, order, 'expired', missing)
  }
}

/** Wakes every order that the last price has reached, and those that their trades reach in turn. */
export function wakeDue(state: MatchingState, market: SymbolMarket): void {
  for (;;) {
    const { lastTicks } = market
    const rising = market.rising.best()
    const falling = market.falling.best()
    if (rising !== undefined && rising.ticks <= lastTicks) wake(state, market, rising.first as WorkingOrder)
    else if (falling !== undefined && falling.ticks >= lastTicks) wake(state, market, falling.first as WorkingOrder)
    else {
      const order = nextTrailing(market, lastTicks)
      if (order === undefined) return
      wake(state, market, order)
    }
  }
}

function nextTrailing(market: SymbolMarket, lastTicks: number): WorkingOrder | undefined {
  for (const order of market.trailing) {
    trailTo(order, lastTicks)
    if (order.isBuy ? lastTicks >= order.triggerTicks : lastTicks <= order.triggerTicks) return order
  }
  return undefined
}

function executeMarket(state: MatchingState, market: SymbolMarket, order: WorkingOrder): void {
  if (order.order.timeInForce === 'fok' && !canFillWhole(state, market, order)) return
  const end = takeLiquidity(state, market, order)
  if (endTaker(state, market, order, end)) return
  const message = 'Nobody offers any more: the rest of the market order ends.'
  finish(state, market, order, 'expired', refusal('exchange.order.no-liquidity', message))
}

function executeLimit(state: MatchingState, market: SymbolMarket, order: WorkingOrder): void {
  const { timeInForce, side, postOnly, limitPrice } = order.order
  // At once it would have been refused; an order that slept or waited meets another market.
  if (postOnly && wouldTake(market, side, order.limitTicks)) {
    const message = `The post-only order would trade at once at ${limitPrice}.`
    finish(state, market, order, 'expired', refusal('exchange.order.would-take', message))
    return
  }
  if (timeInForce === 'fok' && !canFillWhole(state, market, order)) return
  const end = takeLiquidity(state, market, order)
  if (endTaker(state, market, order, end)) return
  if (timeInForce === 'gtc') {
    order.stepsAhead = market.external.beside(side).stepsAt(order.limitTicks)
    place(market, order, market.beside(side), order.limitTicks)
  } else {
    const message = 'The rest of the order could not be filled at once.'
    finish(state, market, order, 'expired', refusal('exchange.order.ioc-remainder', message))
  }
}

/** Ends an order that stopped for another reason than a lack of offers; false when it goes on. */
function endTaker(state: MatchingState, market: SymbolMarket, order: WorkingOrder, end: TakeEnd): boolean {
  if (end === 'exhausted') return false
  if (end === 'selfTrade') {
    const message = 'It would have traded with another order of the same account.'
    finish(state, market, order, 'expired', refusal('exchange.order.self-trade', message))
  } else if (end === 'nothingToReduce') {
    finish(state, market, order, 'canceled', nothingToReduce())
  }
  return true
}

function canFillWhole(state: MatchingState, market: SymbolMarket, order: WorkingOrder): boolean {
  const { grid, account, remaining, limitTicks, isBuy } = order
  const { side, reduceOnly } = order.order
  const { steps } = availableLiquidity(state, market, { account, side, steps: remaining, limitTicks })
  if (steps >= remaining && (!reduceOnly || account.reducibleSteps(grid, isBuy) >= remaining)) return true
  const message = `Only ${grid.quantityText(steps)} of ${grid.quantityText(remaining)} could be filled at once.`
  finish(state, market, order, 'expired', refusal('exchange.order.fok-unfillable', message))
  return false
}
