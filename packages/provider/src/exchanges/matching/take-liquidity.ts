import { betterOf } from './available-liquidity.js'
import { finish, nothingToReduce } from './finish-order.js'
import type { MatchingState } from './matching-state.js'
import { refusal } from './order-refusal.js'
import type { PriceLevel } from './price-ladder.js'
import { trade, tradeOutside } from './settle-fill.js'
import type { SymbolMarket } from './symbol-market.js'
import type { WorkingOrder } from './working-order.js'

/** Why an order stopped taking: it is done, nothing is left at its price, its own order stood in the way, or it may take no more. */
export type TakeEnd = 'done' | 'exhausted' | 'selfTrade' | 'nothingToReduce'

/**
 * Lets an order take what others offer, best price first and at one price in the order of time: whoever was displayed
 * before one of our makers came is served before it, the rest after.
 */
export function takeLiquidity(state: MatchingState, market: SymbolMarket, taker: WorkingOrder): TakeEnd {
  const { isBuy } = taker
  const { reduceOnly, side } = taker.order
  const ladder = market.facing(side)
  const external = market.external.facing(side)
  for (;;) {
    if (!taker.isLive) return 'done'
    const wanted = reduceOnly
      ? Math.min(taker.remaining, taker.account.reducibleSteps(market.grid, isBuy))
      : taker.remaining
    if (wanted === 0) return 'nothingToReduce'
    const level = ladder.best()
    const ticks = betterOf(external.bestTicks, level === undefined ? Number.NaN : level.ticks, isBuy)
    if (Number.isNaN(ticks)) return 'exhausted'
    if (isBuy ? ticks > taker.limitTicks : ticks < taker.limitTicks) return 'exhausted'

    const outside = external.bestTicks === ticks ? external.bestSteps : 0
    const maker = level !== undefined && level.ticks === ticks ? level.first : null
    if (maker !== null && maker.stepsAhead < 0) maker.stepsAhead = outside
    if (maker === null || (maker.stepsAhead > 0 && outside > 0)) {
      const steps = Math.min(wanted, outside, maker === null ? outside : maker.stepsAhead)
      external.take(steps)
      if (maker !== null) shortenQueue(level as PriceLevel, steps)
      market.lastTicks = ticks
      tradeOutside(state, market, taker, ticks, steps, 'taker')
      continue
    }
    if (maker.account === taker.account) {
      if (state.selfTradePrevention !== 'expireTaker') finish(state, market, maker, 'expired', selfTrade(taker))
      if (state.selfTradePrevention !== 'expireMaker') return 'selfTrade'
      continue
    }
    const offered = makerSteps(market, maker)
    if (offered === 0) finish(state, market, maker, 'canceled', nothingToReduce())
    else trade(state, market, taker, maker, ticks, Math.min(wanted, offered))
  }
}

/** What a resting order can give now. */
export function makerSteps(market: SymbolMarket, maker: WorkingOrder): number {
  if (!maker.order.reduceOnly) return maker.remaining
  return Math.min(maker.remaining, maker.account.reducibleSteps(market.grid, maker.isBuy))
}

/** The quantity displayed before the orders of a level has shrunk. */
export function shortenQueue(level: PriceLevel, steps: number): void {
  for (let order = level.first; order !== null; order = order.next) {
    if (order.stepsAhead > 0) order.stepsAhead = Math.max(0, order.stepsAhead - steps)
  }
}

export function selfTrade(other: WorkingOrder) {
  return refusal(
    'exchange.order.self-trade',
    `It would have traded with order ${other.order.clientOrderId} of the same account.`,
  )
}
