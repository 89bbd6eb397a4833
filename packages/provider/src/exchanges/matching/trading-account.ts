import type { FundsLock } from './funds-lock.js'
import type { InstrumentGrid } from './instrument-grid.js'
import { MarginPosition } from './margin-position.js'
import { RecentRecords } from './recent-records.js'
import type { WorkingOrder } from './working-order.js'

/** One asset of one account, in ledger units. */
export class Balance {
  total = 0n
  /** Set aside for working orders. */
  locked = 0n
  /** Set aside for contract positions and the orders that would enlarge them. */
  margin = 0n

  constructor(readonly asset: string) {}

  get free(): bigint {
    return this.total - this.locked - this.margin
  }
}

/** One participant: balances, positions and orders. */
export class TradingAccount {
  readonly balances = new Map<string, Balance>()
  readonly positions = new Map<string, MarginPosition>()
  readonly open = new Map<string, WorkingOrder>()
  /** Finished orders, the newest `closedLimit` of them. */
  readonly closed: RecentRecords<WorkingOrder>
  /** Working orders that may only reduce; they end when there is nothing left to reduce. */
  readonly reducing = new Set<WorkingOrder>()
  /** True when it pays spot fees in the engine's fee coin while it holds enough. */
  paysFeeCoin = false
  readonly groups = new Map<string, { readonly orders: Set<WorkingOrder>; lock: FundsLock | null }>()
  /** Groups of which one order has filled or woken: nothing may join them any more. */
  private readonly spentGroups: RecentRecords<true>

  constructor(
    readonly id: string,
    private readonly leverage: bigint,
    closedLimit: number,
  ) {
    this.closed = new RecentRecords(closedLimit)
    this.spentGroups = new RecentRecords(closedLimit)
  }

  balance(asset: string): Balance {
    let balance = this.balances.get(asset)
    if (balance === undefined) {
      balance = new Balance(asset)
      this.balances.set(asset, balance)
    }
    return balance
  }

  position(grid: InstrumentGrid): MarginPosition {
    let position = this.positions.get(grid.symbol)
    if (position === undefined) {
      position = new MarginPosition(grid, this.leverage, this.balance(grid.instrument.settle))
      this.positions.set(grid.symbol, position)
    }
    return position
  }

  /** Steps by which an order of this side can shrink what is held: contracts, or free holdings of a spot asset. */
  reducibleSteps(grid: InstrumentGrid, isBuy: boolean): number {
    if (grid.isMargined) {
      const steps = this.positions.get(grid.symbol)?.steps ?? 0
      return isBuy ? Math.max(0, -steps) : Math.max(0, steps)
    }
    return isBuy ? 0 : grid.stepsIn(this.balances.get(grid.instrument.base)?.free ?? 0n)
  }

  close(order: WorkingOrder): void {
    const { clientOrderId } = order.order
    this.open.delete(clientOrderId)
    this.closed.set(clientOrderId, order)
  }

  spend(group: string): void {
    this.spentGroups.set(group, true)
  }

  isSpent(group: string): boolean {
    return this.spentGroups.has(group)
  }
}
