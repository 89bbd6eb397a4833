import type { Reason } from '@barfinex/core'
import { Decimal } from '@barfinex/core'
import { availableLiquidity } from './available-liquidity.js'
import { nothingToReduce, updateOrderMargin } from './finish-order.js'
import { FundsLock } from './funds-lock.js'
import type { MatchingState } from './matching-state.js'
import { type RefusalCode, refusal } from './order-refusal.js'
import type { SymbolMarket } from './symbol-market.js'
import type { Balance } from './trading-account.js'
import type { WorkingOrder } from './working-order.js'

/**
 * Sets aside what an order needs before it enters, or says what is missing.
 *
 * Spot orders lock what they would give: base for a sell, quote and the larger fee for a buy. Contracts need margin for
 * the exposure they add. Orders that may only reduce need neither: they take from what is free when they fill.
 */
export function reserveFunds(state: MatchingState, market: SymbolMarket, order: WorkingOrder): Reason | null {
  const { grid, account, isBuy } = order
  if (order.order.reduceOnly) return account.reducibleSteps(grid, isBuy) > 0 ? null : nothingToReduce()
  if (grid.isMargined) return reserveMargin(state, market, order)
  if (order.order.type === 'market' && isBuy) order.reserve = marketCost(state, market, order)
  const asset = isBuy ? grid.instrument.quote : grid.instrument.base
  const digits = isBuy ? grid.quoteDigits : grid.baseDigits
  const lock = groupLock(state, order, account.balance(asset))
  if (lock.tryAdd(order)) {
    order.lock = lock
    return null
  }
  return shortage('exchange.order.insufficient-funds', asset, lock.missing(order), lock.balance.free, digits)
}

/** An order that goes to the market later than it came needs what its execution costs now: sets it aside, or says what is missing. */
export function reserveAtMarket(state: MatchingState, market: SymbolMarket, order: WorkingOrder): Reason | null {
  const { grid, lock } = order
  updateOrderMargin(order, 0n)
  if (grid.isMargined && !order.order.reduceOnly) return reserveMargin(state, market, order)
  if (lock === null || !order.isBuy) return null
  order.reserve = marketCost(state, market, order)
  const missing = lock.missing(order)
  const { free, asset } = lock.balance
  if (missing > free) return shortage('exchange.order.insufficient-funds', asset, missing, free, grid.quoteDigits)
  lock.update()
  return null
}

function reserveMargin(state: MatchingState, market: SymbolMarket, order: WorkingOrder): Reason | null {
  const { grid, account, isBuy } = order
  const isMarket = Number.isNaN(order.reserveTicks)
  const notional = isMarket
    ? availableLiquidity(state, market, takerOf(order)).notional
    : grid.notional(order.reserveTicks, order.steps)
  const position = account.position(grid)
  const extra = position.extraMargin(isBuy, notional)
  if (extra > 0n) {
    const { settle } = grid.instrument
    const needed = extra + grid.worstFee(notional)
    const usable = account.balance(settle).free + openLoss(state, account, settle)
    if (needed > usable) {
      return shortage('exchange.order.insufficient-margin', settle, needed, usable, grid.quoteDigits)
    }
  }
  if (!isMarket) updateOrderMargin(order, notional)
  return null
}

/** Losses of open positions at the present price, below zero; gains do not count until they are taken. */
function openLoss(state: MatchingState, account: WorkingOrder['account'], settle: string): bigint {
  let loss = 0n
  for (const [symbol, position] of account.positions) {
    if (position.grid.instrument.settle !== settle) continue
    const result = position.unrealized(state.markets.get(symbol)?.markTicks ?? Number.NaN)
    if (result < 0n) loss += result
  }
  return loss
}

function marketCost(state: MatchingState, market: SymbolMarket, order: WorkingOrder): bigint {
  const { notional } = availableLiquidity(state, market, takerOf(order))
  return state.isQuoteFee ? notional + market.grid.worstFee(notional) : notional
}

function takerOf(order: WorkingOrder) {
  return { account: order.account, side: order.order.side, steps: order.remaining, limitTicks: order.limitTicks }
}

/** Orders of one group lock once: only one of them can fill. */
function groupLock(state: MatchingState, order: WorkingOrder, balance: Balance): FundsLock {
  const { ocoGroup } = order.order
  const group = ocoGroup === null ? undefined : order.account.groups.get(ocoGroup)
  if (group === undefined) return new FundsLock(balance, state.isQuoteFee)
  group.lock ??= new FundsLock(balance, state.isQuoteFee)
  return group.lock
}

function shortage(code: RefusalCode, asset: string, needed: bigint, usable: bigint, digits: number): Reason {
  const limit = Decimal.ofUnits(usable, digits).toString()
  const observed = Decimal.ofUnits(needed, digits).toString()
  return refusal(code, `The order needs ${observed} ${asset}, and ${limit} is free.`, limit, observed)
}
