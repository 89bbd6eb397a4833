import type { Side } from '@barfinex/core'
import { wake } from './execute-order.js'
import { fillMaker } from './follow-market.js'
import type { MatchingState } from './matching-state.js'
import type { SymbolMarket } from './symbol-market.js'
import { trailTo } from './trailing-stop.js'
import type { WorkingOrder } from './working-order.js'

/**
 * What is known of the inside of a bar once it is over. `bid…` and `ask…` are equal where the tape has one price;
 * where it has both, a sell meets the bids and a buy the asks.
 */
export interface BarRange {
  readonly open: number
  readonly close: number
  readonly bidLow: number
  readonly bidHigh: number
  readonly askLow: number
  readonly askHigh: number
  /** What a woken market order loses against its trigger: half the spread, in price. */
  readonly halfSpread: number
  /** Quantity that our orders may trade inside the bar, in base. */
  readonly liquidity: number
}

/** The bar in ticks, every bound moved inwards. */
interface TickRange {
  readonly open: number
  readonly close: number
  readonly halfSpread: number
  /** Bounds that an order of a side meets. */
  low(side: Side): number
  high(side: Side): number
}

/**
 * Lets a bar's range pass over the working orders. The path inside is not known, so the unfavourable one is taken:
 * stops before targets. A stop trades at its trigger and half the spread beyond, a limit only when the price went
 * through it and not when it was merely touched, nothing outside the range and no more than the bar's liquidity.
 */
export function crossBar(state: MatchingState, market: SymbolMarket, bar: BarRange): void {
  if (market.workingCount === 0) return
  const range = tickRange(market, bar)
  market.external.bids.clear()
  market.external.asks.clear()
  if (isOutOfReach(market, range)) return
  const stops = hitStops(market, range)
  const targets = hitTargets(market, range)
  const limits = hitLimits(market, range)
  if (isAmbiguous(stops, [...targets, ...limits])) state.ambiguousBarCount += 1

  let left = market.grid.stepsBelow(bar.liquidity)
  for (const order of [...stops, ...targets]) {
    if (order.isLive && left > 0) left = wakeInside(state, market, range, order, left)
  }
  for (const order of limits) {
    if (!order.isLive || left === 0) continue
    const { side } = order.order
    const ticks = Math.min(Math.max(order.limitTicks, range.low(side)), range.high(side))
    left -= fillMaker(state, market, order, ticks, left)
  }
  market.external.bids.clear()
  market.external.asks.clear()
}

/** True when nothing can be met: the usual case, so it is asked before anything is collected. */
function isOutOfReach(market: SymbolMarket, range: TickRange): boolean {
  const high = Math.max(range.high('buy'), range.high('sell'))
  const low = Math.min(range.low('buy'), range.low('sell'))
  return (
    market.trailing.size === 0 &&
    (market.rising.best()?.ticks ?? Number.POSITIVE_INFINITY) > high &&
    (market.falling.best()?.ticks ?? Number.NEGATIVE_INFINITY) < low &&
    (market.bids.best()?.ticks ?? Number.NEGATIVE_INFINITY) <= low &&
    (market.asks.best()?.ticks ?? Number.POSITIVE_INFINITY) >= high
  )
}

/** Wakes one order at its trigger against what the bar still offers there; returns what is left of that. */
function wakeInside(
  state: MatchingState,
  market: SymbolMarket,
  range: TickRange,
  order: WorkingOrder,
  left: number,
): number {
  const { side } = order.order
  const slipped = order.triggerTicks + (side === 'buy' ? range.halfSpread : -range.halfSpread)
  const { bids, asks } = market.external
  bids.clear()
  asks.clear()
  market.external.facing(side).push(Math.min(Math.max(slipped, range.low(side)), range.high(side)), left)
  wake(state, market, order)
  return market.external.facing(side).bestSteps
}

/** Stops in the order in which a price leaving the open would meet them. */
function hitStops(market: SymbolMarket, range: TickRange): readonly WorkingOrder[] {
  const hit: WorkingOrder[] = []
  for (const order of sleeping(market)) {
    if (isStop(order) && isReached(order, range)) hit.push(order)
  }
  for (const order of market.trailing) {
    if (isReached(order, range) || trailsIntoClose(order, range)) hit.push(order)
  }
  const distance = (order: WorkingOrder) => Math.abs(order.triggerTicks - range.open)
  return hit.sort((a, b) => distance(a) - distance(b))
}

function hitTargets(market: SymbolMarket, range: TickRange): readonly WorkingOrder[] {
  return [...sleeping(market)].filter((order) => isTarget(order) && isReached(order, range))
}

/** Resting limits that the price went through. */
function hitLimits(market: SymbolMarket, range: TickRange): readonly WorkingOrder[] {
  const hit: WorkingOrder[] = []
  for (const side of ['buy', 'sell'] as const) {
    for (const level of market.beside(side).fromBest()) {
      const isThrough = side === 'buy' ? range.low(side) < level.ticks : range.high(side) > level.ticks
      if (!isThrough) break
      for (let order = level.first; order !== null; order = order.next) hit.push(order)
    }
  }
  return hit
}

/** True when one account had both a stop and a target in reach: only the unknown path says which came first. */
function isAmbiguous(stops: readonly WorkingOrder[], targets: readonly WorkingOrder[]): boolean {
  return stops.some((stop) =>
    targets.some((target) => target.account === stop.account && target.order.side === stop.order.side),
  )
}

function* sleeping(market: SymbolMarket): Generator<WorkingOrder> {
  for (const ladder of [market.rising, market.falling]) {
    for (const level of ladder.fromBest()) {
      for (let order = level.first; order !== null; order = order.next) yield order
    }
  }
}

function isStop(order: WorkingOrder): boolean {
  return order.order.type === 'stopMarket' || order.order.type === 'stopLimit'
}

function isTarget(order: WorkingOrder): boolean {
  return order.order.type === 'takeProfitMarket' || order.order.type === 'takeProfitLimit'
}

function isReached(order: WorkingOrder, range: TickRange): boolean {
  const { side } = order.order
  const isRising = isTarget(order) ? side === 'sell' : side === 'buy'
  return isRising ? range.high(side) >= order.triggerTicks : range.low(side) <= order.triggerTicks
}

/**
 * The bar's favourable extreme moves a trailing stop. Whether the price then came back to the new trigger is certain
 * only when the close lies behind it; else the stop just moves.
 */
function trailsIntoClose(order: WorkingOrder, range: TickRange): boolean {
  const { side } = order.order
  trailTo(order, side === 'buy' ? range.low(side) : range.high(side))
  return side === 'buy' ? range.close >= order.triggerTicks : range.close <= order.triggerTicks
}

function tickRange(market: SymbolMarket, bar: BarRange): TickRange {
  const { grid } = market
  const inside = (low: number, high: number) => {
    const from = grid.ticksAbove(low)
    const to = grid.ticksBelow(high)
    // A bar narrower than a tick holds no price of the grid: the nearest one stands for it.
    return from <= to ? { from, to } : { from: grid.ticksNear(low), to: grid.ticksNear(low) }
  }
  const bids = inside(bar.bidLow, bar.bidHigh)
  const asks = inside(bar.askLow, bar.askHigh)
  return {
    open: grid.ticksNear(bar.open),
    close: grid.ticksNear(bar.close),
    halfSpread: bar.halfSpread === 0 ? 0 : grid.ticksAbove(bar.halfSpread),
    low: (side) => (side === 'buy' ? asks : bids).from,
    high: (side) => (side === 'buy' ? asks : bids).to,
  }
}
