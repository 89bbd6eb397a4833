import { type InstrumentGrid, larger } from './instrument-grid.js'
import type { Balance } from './trading-account.js'

/**
 * A netted contract position and the margin it ties up.
 *
 * Cost is kept as the exact sum of what was paid, not as a mean price, so closing in parts never loses a unit: the last
 * part takes whatever cost is left. Margin is the larger exposure that position and working orders of one side could
 * reach, over the leverage.
 */
export class MarginPosition {
  /** Above zero long, below zero short. */
  steps = 0
  /** What the open quantity was bought for; below zero for a short. In ledger units of the settling asset. */
  cost = 0n
  /** Result of everything closed, before fees. */
  realized = 0n
  private buyOrders = 0n
  private sellOrders = 0n
  private margin = 0n

  constructor(
    readonly grid: InstrumentGrid,
    private leverage: bigint,
    private readonly balance: Balance,
  ) {}

  /** Executes a part: books the result of what it closes and opens the rest. */
  apply(isBuy: boolean, ticks: number, steps: number): void {
    const sign = isBuy ? 1 : -1
    const closing = Math.sign(this.steps) === -sign ? Math.min(steps, Math.abs(this.steps)) : 0
    if (closing > 0) {
      const held = Math.abs(this.steps)
      const released = closing === held ? this.cost : (this.cost * BigInt(closing)) / BigInt(held)
      const paid = this.grid.notional(ticks, closing)
      const result = (isBuy ? -paid : paid) - released
      this.cost -= released
      this.steps += sign * closing
      this.realized += result
      this.balance.total += result
    }
    const opening = steps - closing
    if (opening > 0) {
      const paid = this.grid.notional(ticks, opening)
      this.cost += isBuy ? paid : -paid
      this.steps += sign * opening
    }
    this.updateMargin()
  }

  /** Counts a working order's notional, or takes it back with a negative one. */
  addOrder(isBuy: boolean, notional: bigint): void {
    if (isBuy) this.buyOrders += notional
    else this.sellOrders += notional
    this.updateMargin()
  }

  /** Margin that one more order would need on top of what is tied up; 0 or less when it only shrinks the exposure. */
  extraMargin(isBuy: boolean, notional: bigint): bigint {
    const buys = isBuy ? this.buyOrders + notional : this.buyOrders
    const sells = isBuy ? this.sellOrders : this.sellOrders + notional
    return this.marginOf(buys, sells) - this.margin
  }

  /** Loss or gain at a price, not yet realised. */
  unrealized(ticks: number): bigint {
    if (this.steps === 0 || Number.isNaN(ticks)) return 0n
    const worth = this.grid.notional(ticks, Math.abs(this.steps))
    return (this.steps > 0 ? worth : -worth) - this.cost
  }

  /** Margin on top of what is tied up, were the leverage this. */
  marginAt(leverage: bigint): bigint {
    return this.marginOf(this.buyOrders, this.sellOrders, leverage) - this.margin
  }

  lever(leverage: bigint): void {
    this.leverage = leverage
    this.updateMargin()
  }

  private updateMargin(): void {
    const margin = this.marginOf(this.buyOrders, this.sellOrders)
    this.balance.margin += margin - this.margin
    this.margin = margin
  }

  private marginOf(buys: bigint, sells: bigint, leverage = this.leverage): bigint {
    const long = magnitude(this.cost + buys)
    const short = magnitude(this.cost - sells)
    return (larger(long, short) + leverage - 1n) / leverage
  }
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}
