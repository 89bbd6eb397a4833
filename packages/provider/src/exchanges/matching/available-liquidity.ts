import type { Side } from '@barfinex/core'
import type { MatchingState } from './matching-state.js'
import type { SymbolMarket } from './symbol-market.js'
import type { TradingAccount } from './trading-account.js'
import type { WorkingOrder } from './working-order.js'

/** How much an order would get at once, and for what. */
export interface Available {
  readonly steps: number
  /** Price times quantity of what it would get, in ledger units of quote. */
  readonly notional: bigint
}

/**
 * Walks the market as an order would, without touching it: price by price, and at one price in the order of time.
 * Exact, because fill-or-kill must not promise what it cannot keep: it counts what reduce-only makers can still give,
 * one order per group, and stops where self-trade prevention would.
 */
export function availableLiquidity(
  state: MatchingState,
  market: SymbolMarket,
  taker: { readonly account: TradingAccount; readonly side: Side; readonly steps: number; readonly limitTicks: number },
): Available {
  const { grid } = market
  const isBuy = taker.side === 'buy'
  const makers = new MakerCount(market)
  const external = market.external.facing(taker.side).levels()
  const ladder = market.facing(taker.side).fromBest()
  let outside = external.next()
  let level = ladder.next()
  let steps = 0
  let notional = 0n

  while (steps < taker.steps) {
    const outsideTicks = outside.done ? Number.NaN : outside.value.ticks
    const levelTicks = level.done ? Number.NaN : level.value.ticks
    const ticks = betterOf(outsideTicks, levelTicks, isBuy)
    if (Number.isNaN(ticks)) break
    if (isBuy ? ticks > taker.limitTicks : ticks < taker.limitTicks) break
    let left = outsideTicks === ticks && !outside.done ? outside.value.steps : 0
    let found = 0
    let taken = 0
    let stop = false
    if (levelTicks === ticks && !level.done) {
      for (let maker = level.value.first; maker !== null; maker = maker.next) {
        const ahead = maker.stepsAhead < 0 ? left : Math.min(left, Math.max(0, maker.stepsAhead - taken))
        found += ahead
        taken += ahead
        left -= ahead
        if (maker.account === taker.account) {
          if (state.selfTradePrevention === 'expireMaker') continue
          stop = true
          break
        }
        found += makers.count(maker, taker.steps - steps - found)
        if (steps + found >= taker.steps) break
      }
      level = ladder.next()
    }
    if (!stop) found += left
    if (outsideTicks === ticks) outside = external.next()
    const got = Math.min(found, taker.steps - steps)
    steps += got
    notional += grid.notional(ticks, got)
    if (stop) break
  }
  return { steps, notional }
}

/** The better of two prices for a taker, either of which may be missing. */
export function betterOf(a: number, b: number, isBuy: boolean): number {
  if (Number.isNaN(a)) return b
  if (Number.isNaN(b)) return a
  return isBuy ? Math.min(a, b) : Math.max(a, b)
}

/** What makers can give, counting each account's position and each group only once. */
class MakerCount {
  private readonly given = new Map<TradingAccount, number>()
  private readonly groups = new Set<string>()

  constructor(private readonly market: SymbolMarket) {}

  count(maker: WorkingOrder, wanted: number): number {
    const { account, order } = maker
    const group = order.ocoGroup === null ? null : `${account.id}/${order.ocoGroup}`
    if (group !== null && this.groups.has(group)) return 0
    const before = this.given.get(account) ?? 0
    const reducible = account.reducibleSteps(this.market.grid, maker.isBuy) - before
    const most = order.reduceOnly ? Math.max(0, reducible) : maker.remaining
    const steps = Math.min(maker.remaining, most, wanted)
    if (steps === 0) return 0
    if (group !== null) this.groups.add(group)
    if (order.reduceOnly || this.market.grid.isMargined) this.given.set(account, before + steps)
    return steps
  }
}
