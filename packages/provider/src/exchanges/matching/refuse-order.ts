import type { Order, Reason } from '@barfinex/core'
import { betterOf } from './available-liquidity.js'
import { refusal } from './order-refusal.js'
import type { SymbolMarket } from './symbol-market.js'
import type { TradingAccount } from './trading-account.js'

const limitTypes: ReadonlySet<string> = new Set(['limit', 'stopLimit', 'takeProfitLimit'])
const triggerTypes: ReadonlySet<string> = new Set(['stopMarket', 'stopLimit', 'takeProfitMarket', 'takeProfitLimit'])

/** True for the types that rest on the book once they work. */
export function isLimitType(order: Order): boolean {
  return limitTypes.has(order.type)
}

/** True when a rising market wakes the order, false when a falling one does. */
export function wakesOnRise(order: Order): boolean {
  const isStop = order.type === 'stopMarket' || order.type === 'stopLimit'
  return isStop === (order.side === 'buy')
}

/** True when a limit at this price would trade at once. */
export function wouldTake(market: SymbolMarket, side: Order['side'], limitTicks: number): boolean {
  const isBuy = side === 'buy'
  const best = betterOf(market.external.facing(side).bestTicks, market.facing(side).best()?.ticks ?? Number.NaN, isBuy)
  return isBuy ? limitTicks >= best : limitTicks <= best
}

/** Checks an order against the instrument's rules, the account's open orders and the market: `null` when it may enter. */
export function refuseOrder(market: SymbolMarket, account: TradingAccount, order: Order): Reason | null {
  const { instrument } = market.grid
  if (instrument.status !== 'trading') {
    return refusal('exchange.order.instrument-halted', `${order.symbol} is ${instrument.status}: no order is accepted.`)
  }
  if (account.open.has(order.clientOrderId)) {
    return refusal('exchange.order.duplicate-id', `An order ${order.clientOrderId} is open already.`)
  }
  return (
    refuseShape(order) ??
    refuseGrid(market, order) ??
    refuseSize(market, order) ??
    refuseGroup(account, order) ??
    refuseTiming(market, order)
  )
}

function refuseShape(order: Order): Reason | null {
  const wants = (field: string, isThere: boolean, isWanted: boolean) =>
    isThere === isWanted ? null : `a ${order.type} order ${isWanted ? 'needs' : 'has no'} ${field}`
  const fault =
    wants('limitPrice', order.limitPrice !== null, isLimitType(order)) ??
    wants('triggerPrice', order.triggerPrice !== null, triggerTypes.has(order.type)) ??
    wants('trailingBps', order.trailingBps !== null, order.type === 'trailingStopMarket') ??
    (order.postOnly && (!isLimitType(order) || order.timeInForce !== 'gtc')
      ? 'postOnly goes with a limit that is good till canceled'
      : null) ??
    (order.trailingBps !== null && !(Number(order.trailingBps) > 0 && Number(order.trailingBps) < 10_000)
      ? 'trailingBps lies between 0 and 10000'
      : null)
  return fault === null ? null : refusal('exchange.order.invalid', `The order contradicts itself: ${fault}.`)
}

function refuseGrid(market: SymbolMarket, order: Order): Reason | null {
  const { grid } = market
  const { tickSize, stepSize } = grid.instrument
  for (const price of [order.limitPrice, order.triggerPrice]) {
    if (price !== null && Number.isNaN(grid.ticksOf(price))) {
      return refusal('exchange.order.off-tick', `Price ${price} is not a multiple of ${tickSize}.`, tickSize, price)
    }
  }
  if (Number.isNaN(grid.stepsOf(order.quantity))) {
    const message = `Quantity ${order.quantity} is not a multiple of ${stepSize} above zero.`
    return refusal('exchange.order.off-step', message, stepSize, order.quantity)
  }
  return null
}

/** The least is not asked of orders that may only reduce, so that every remainder can be closed. */
function refuseSize(market: SymbolMarket, order: Order): Reason | null {
  const { grid } = market
  const { minQuantity, maxQuantity, minNotional, maxNotional } = grid.instrument
  const steps = grid.stepsOf(order.quantity)
  if (steps < grid.minSteps && !order.reduceOnly) {
    const message = `Quantity ${order.quantity} is below the least of ${minQuantity}.`
    return refusal('exchange.order.below-min-quantity', message, minQuantity, order.quantity)
  }
  if (steps > grid.maxSteps) {
    const message = `Quantity ${order.quantity} is above the most of ${maxQuantity}.`
    return refusal('exchange.order.above-max-quantity', message, maxQuantity, order.quantity)
  }
  const price = order.limitPrice ?? order.triggerPrice
  const ticks = price === null ? touchTicks(market, order.side) : grid.ticksOf(price)
  if (Number.isNaN(ticks)) return null
  const notional = grid.notional(ticks, steps)
  if (notional < grid.minNotional && !order.reduceOnly) {
    return refusal('exchange.order.below-min-notional', `The order is worth less than ${minNotional}.`, minNotional)
  }
  if (grid.maxNotional !== null && notional > grid.maxNotional) {
    return refusal('exchange.order.above-max-notional', `The order is worth more than ${maxNotional}.`, maxNotional)
  }
  return null
}

function refuseGroup(account: TradingAccount, order: Order): Reason | null {
  const { ocoGroup } = order
  if (ocoGroup === null) return null
  if (account.isSpent(ocoGroup)) {
    return refusal('exchange.order.oco-canceled', `Another order of group ${ocoGroup} has filled or woken already.`)
  }
  for (const sibling of account.groups.get(ocoGroup)?.orders ?? []) {
    if (sibling.order.symbol !== order.symbol || sibling.order.side !== order.side) {
      const message = `The orders of group ${ocoGroup} must have one symbol and one side.`
      return refusal('exchange.order.oco-mismatch', message)
    }
  }
  return null
}

function refuseTiming(market: SymbolMarket, order: Order): Reason | null {
  const { grid, lastTicks } = market
  if (order.postOnly && order.type === 'limit' && order.limitPrice !== null) {
    if (wouldTake(market, order.side, grid.ticksOf(order.limitPrice))) {
      return refusal('exchange.order.would-take', `A post-only order at ${order.limitPrice} would trade at once.`)
    }
  }
  if (order.type === 'trailingStopMarket' && Number.isNaN(lastTicks)) {
    return refusal(
      'exchange.order.no-market',
      'A trailing stop needs a last price to start from, and there is none yet.',
    )
  }
  if (order.triggerPrice !== null) {
    const trigger = grid.ticksOf(order.triggerPrice)
    if (wakesOnRise(order) ? lastTicks >= trigger : lastTicks <= trigger) {
      const last = grid.priceText(lastTicks)
      const message = `The trigger ${order.triggerPrice} is behind the last price ${last}: it would wake at once.`
      return refusal('exchange.order.would-trigger', message, order.triggerPrice, last)
    }
  }
  return null
}

/** Price a market order would begin at, else the last one; `NaN` when neither is known. */
function touchTicks(market: SymbolMarket, side: Order['side']): number {
  const best = betterOf(
    market.external.facing(side).bestTicks,
    market.facing(side).best()?.ticks ?? Number.NaN,
    side === 'buy',
  )
  return Number.isNaN(best) ? market.lastTicks : best
}
