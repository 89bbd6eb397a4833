import type { Balance } from './trading-account.js'
import type { WorkingOrder } from './working-order.js'

/**
 * Funds set aside for an order, or once for all orders of a group that cancel each other: as much as the hungriest of
 * them needs. Every change sets aside or releases the exact difference.
 */
export class FundsLock {
  private amount = 0n
  private readonly orders = new Set<WorkingOrder>()

  constructor(
    readonly balance: Balance,
    private readonly isQuoteFee: boolean,
  ) {}

  /** Adds an order if the free funds suffice. */
  tryAdd(order: WorkingOrder): boolean {
    this.orders.add(order)
    if (this.required() - this.amount <= this.balance.free) {
      this.update()
      return true
    }
    this.orders.delete(order)
    return false
  }

  remove(order: WorkingOrder): void {
    if (this.orders.delete(order)) this.update()
  }

  /** Brings the amount to what the orders still need. */
  update(): void {
    const required = this.required()
    this.balance.locked += required - this.amount
    this.amount = required
  }

  /** What an order needs that is not here yet: more than is free means it cannot be taken. */
  missing(order: WorkingOrder): bigint {
    const need = requirement(order, this.isQuoteFee)
    return need > this.amount ? need - this.amount : 0n
  }

  private required(): bigint {
    let most = 0n
    for (const order of this.orders) {
      const need = requirement(order, this.isQuoteFee)
      if (need > most) most = need
    }
    return most
  }
}

function requirement(order: WorkingOrder, isQuoteFee: boolean): bigint {
  const { grid, remaining, reserveTicks } = order
  if (!order.isBuy) return grid.baseAmount(remaining)
  if (Number.isNaN(reserveTicks)) return order.reserve
  const notional = grid.notional(reserveTicks, remaining)
  return isQuoteFee ? notional + grid.worstFee(notional) : notional
}
