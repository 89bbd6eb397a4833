import type { Order, OrderState } from '@barfinex/core'
import type { FundsLock } from './funds-lock.js'
import type { InstrumentGrid } from './instrument-grid.js'
import type { PriceLadder, PriceLevel } from './price-ladder.js'
import type { TradingAccount } from './trading-account.js'

/** An order at the exchange, from its acceptance on. */
export class WorkingOrder {
  readonly steps: number
  /** Ticks of the limit; `NaN` for market types. */
  readonly limitTicks: number
  /** Ticks of the trigger; `NaN` where there is none; moves with the market for a trailing stop. */
  triggerTicks: number
  /** Best price seen by a trailing stop; `NaN` before the first. */
  bestTicks = Number.NaN
  filledSteps = 0
  /** Price times quantity of all fills, in ledger units of quote. */
  filledNotional = 0n
  state: OrderState = 'accepted'
  /** True once a stop or take-profit type has woken. */
  isTriggered = false
  updatedAt: number
  /** Steps of others' displayed quantity that stand before it at its price; -1 while that is not known. */
  stepsAhead = -1
  /** Funds set aside for it at the exchange: everything but contracts and reduce-only orders. */
  lock: FundsLock | null = null
  /** For a market buy: what its execution was found to cost, less what has been paid. */
  reserve = 0n
  /** Notional by which it counts against margin; 0 where a lock or nothing is needed. */
  marginNotional = 0n

  ladder: PriceLadder | null = null
  level: PriceLevel | null = null
  previous: WorkingOrder | null = null
  next: WorkingOrder | null = null

  constructor(
    readonly account: TradingAccount,
    readonly grid: InstrumentGrid,
    readonly order: Order,
    readonly exchangeOrderId: string,
    now: number,
  ) {
    this.steps = grid.stepsOf(order.quantity)
    this.limitTicks = order.limitPrice === null ? Number.NaN : grid.ticksOf(order.limitPrice)
    this.triggerTicks = order.triggerPrice === null ? Number.NaN : grid.ticksOf(order.triggerPrice)
    this.updatedAt = now
  }

  get remaining(): number {
    return this.steps - this.filledSteps
  }

  get isBuy(): boolean {
    return this.order.side === 'buy'
  }

  /** False once it is filled, canceled or expired. */
  get isLive(): boolean {
    return this.state !== 'filled' && this.state !== 'canceled' && this.state !== 'expired'
  }

  /** Price at which funds or margin are set aside while it works; `NaN` once it takes whatever price there is. */
  get reserveTicks(): number {
    if (!Number.isNaN(this.limitTicks)) return this.limitTicks
    return this.isTriggered ? Number.NaN : this.triggerTicks
  }
}
