import { Decimal } from '@barfinex/core'
import { chargeFor } from './charge-fee.js'
import { cancelIdleReducers, cancelSiblings, finish, updateOrderMargin } from './finish-order.js'
import { book, type MatchingState } from './matching-state.js'
import type { SymbolMarket } from './symbol-market.js'
import type { WorkingOrder } from './working-order.js'

/** Two of our participants trade; the taker's event comes first. */
export function trade(
  state: MatchingState,
  market: SymbolMarket,
  taker: WorkingOrder,
  maker: WorkingOrder,
  ticks: number,
  steps: number,
): void {
  const tradeId = nextTradeId(state)
  execute(state, market, taker, ticks, steps, 'taker', tradeId)
  execute(state, market, maker, ticks, steps, 'maker', tradeId)
  market.lastTicks = ticks
  settle(state, market, taker)
  settle(state, market, maker)
}

/** A participant trades with somebody outside, whose side is kept in the external sums. */
export function tradeOutside(
  state: MatchingState,
  market: SymbolMarket,
  order: WorkingOrder,
  ticks: number,
  steps: number,
  liquidity: 'maker' | 'taker',
): void {
  execute(state, market, order, ticks, steps, liquidity, nextTradeId(state))
  const { grid } = market
  const paid = grid.notional(ticks, steps)
  const sign = order.isBuy ? 1n : -1n
  book(state.external, grid.instrument.quote, sign * paid)
  if (!grid.isMargined) book(state.external, grid.instrument.base, -sign * grid.baseAmount(steps))
  settle(state, market, order)
}

function nextTradeId(state: MatchingState): string {
  state.tradeCount += 1
  return `${state.idPrefix}t${state.tradeCount}`
}

/** Moves the money of one side and reports the fill. */
function execute(
  state: MatchingState,
  market: SymbolMarket,
  order: WorkingOrder,
  ticks: number,
  steps: number,
  liquidity: 'maker' | 'taker',
  tradeId: string,
): void {
  if (order.filledSteps === 0) cancelSiblings(state, market, order)
  const { grid } = market
  const { account, isBuy } = order
  const { base, quote } = grid.instrument
  const notional = grid.notional(ticks, steps)

  order.filledSteps += steps
  order.filledNotional += notional
  order.updatedAt = state.now
  if (order.remaining > 0) order.state = 'partiallyFilled'
  if (grid.isMargined) {
    account.position(grid).apply(isBuy, ticks, steps)
    if (order.marginNotional !== 0n) updateOrderMargin(order, grid.notional(order.reserveTicks, order.remaining))
  } else {
    const amount = grid.baseAmount(steps)
    account.balance(base).total += isBuy ? amount : -amount
    account.balance(quote).total += isBuy ? -notional : notional
    if (isBuy) order.reserve -= state.isQuoteFee ? notional + grid.fee(notional, liquidity) : notional
  }
  const charge = chargeFor(state, market, order, ticks, steps, liquidity)
  account.balance(charge.asset).total -= charge.units
  book(state.fees, charge.asset, charge.units)
  order.lock?.update()

  state.emit({
    type: 'fill',
    account: account.id,
    clientOrderId: order.order.clientOrderId,
    exchangeOrderId: order.exchangeOrderId,
    symbol: grid.symbol,
    tradeId,
    price: grid.priceText(ticks),
    quantity: grid.quantityText(steps),
    fee: Decimal.ofUnits(charge.units, charge.digits).toString(),
    feeAsset: charge.asset,
    liquidity,
    occurredAt: state.now,
  })
}

/** What follows from a fill: a full one ends the order, a flat position ends those that could only reduce it. */
function settle(state: MatchingState, market: SymbolMarket, order: WorkingOrder): void {
  if (order.remaining === 0) finish(state, market, order, 'filled')
  cancelIdleReducers(state, market, order.account)
}
