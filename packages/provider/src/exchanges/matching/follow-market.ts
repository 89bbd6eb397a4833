import type { Side } from '@barfinex/core'
import { wakeDue } from './execute-order.js'
import type { QuotedLevels } from './external-book.js'
import { finish, nothingToReduce } from './finish-order.js'
import type { MatchingState } from './matching-state.js'
import { tradeOutside } from './settle-fill.js'
import type { SymbolMarket } from './symbol-market.js'
import { makerSteps, shortenQueue } from './take-liquidity.js'
import type { WorkingOrder } from './working-order.js'

/** What a resting order gets when the market moves through it: its own price, or the (better) price of the market. */
export type CrossingPrice = 'limit' | 'market'

/** The offers of others have changed: resting orders they have moved through fill, as far as their quantity goes. */
export function showBook(
  state: MatchingState,
  market: SymbolMarket,
  bids: QuotedLevels,
  asks: QuotedLevels,
  crossingPrice: CrossingPrice,
): void {
  const { external, grid } = market
  external.bids.replace(grid, bids)
  external.asks.replace(grid, asks)
  if (market.workingCount === 0) return
  fillCrossed(state, market, 'buy', crossingPrice)
  fillCrossed(state, market, 'sell', crossingPrice)
  meetQueue(market, 'buy')
  meetQueue(market, 'sell')
}

/**
 * Somebody traded outside. The passive side's orders at a better price than the print would have come first, so they
 * get its quantity; at the price itself those displayed before us do.
 */
export function printTrade(
  state: MatchingState,
  market: SymbolMarket,
  price: number,
  quantity: number,
  takerSide: Side,
): void {
  const { grid } = market
  const passive: Side = takerSide === 'buy' ? 'sell' : 'buy'
  const ticks = grid.ticksNear(price)
  const ladder = market.beside(passive)
  let left = grid.stepsBelow(quantity)
  while (left > 0) {
    const level = ladder.best()
    if (level === undefined || (passive === 'buy' ? level.ticks < ticks : level.ticks > ticks)) break
    const order = level.first as WorkingOrder
    if (level.ticks === ticks) {
      if (order.stepsAhead < 0) order.stepsAhead = Math.max(0, market.external.beside(passive).stepsAt(ticks))
      if (order.stepsAhead > 0) {
        const ahead = Math.min(left, order.stepsAhead)
        shortenQueue(level, ahead)
        left -= ahead
        continue
      }
    }
    left -= fillMaker(state, market, order, level.ticks, left)
  }
  market.lastTicks = ticks
  wakeDue(state, market)
}

/** Fills a resting order from outside as far as it goes; returns the steps that were traded. */
export function fillMaker(
  state: MatchingState,
  market: SymbolMarket,
  order: WorkingOrder,
  ticks: number,
  most: number,
): number {
  const steps = Math.min(most, makerSteps(market, order))
  if (steps === 0) finish(state, market, order, 'canceled', nothingToReduce())
  else tradeOutside(state, market, order, ticks, steps, 'maker')
  return steps
}

function fillCrossed(state: MatchingState, market: SymbolMarket, side: Side, crossingPrice: CrossingPrice): void {
  const ladder = market.beside(side)
  const external = market.external.facing(side)
  for (;;) {
    const level = ladder.best()
    const outside = external.bestTicks
    if (level === undefined || Number.isNaN(outside)) return
    if (side === 'buy' ? level.ticks < outside : level.ticks > outside) return
    const ticks = crossingPrice === 'limit' ? level.ticks : outside
    const steps = fillMaker(state, market, level.first as WorkingOrder, ticks, external.bestSteps)
    if (steps > 0) external.take(steps)
  }
}

/** Displayed quantity at our best price bounds what can still stand before us: it only ever shrinks. */
function meetQueue(market: SymbolMarket, side: Side): void {
  const level = market.beside(side).best()
  if (level === undefined) return
  const displayed = market.external.beside(side).stepsAt(level.ticks)
  if (displayed < 0) return
  for (let order = level.first; order !== null; order = order.next) {
    if (order.stepsAhead < 0 || order.stepsAhead > displayed) order.stepsAhead = displayed
  }
}
