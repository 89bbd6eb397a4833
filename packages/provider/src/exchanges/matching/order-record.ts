import { Decimal } from '@barfinex/core'
import type { OrderRecord } from '../exchange.js'
import type { WorkingOrder } from './working-order.js'

/** What the exchange's own records say of an order. */
export function recordOf(working: WorkingOrder): OrderRecord {
  const { order, grid, filledSteps } = working
  return {
    clientOrderId: order.clientOrderId,
    exchangeOrderId: working.exchangeOrderId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    state: working.state,
    quantity: order.quantity,
    filledQuantity: grid.quantityText(filledSteps),
    averagePrice: filledSteps === 0 ? null : meanPrice(working),
    limitPrice: order.limitPrice,
    triggerPrice: order.triggerPrice,
    reduceOnly: order.reduceOnly,
    updatedAt: working.updatedAt,
  }
}

function meanPrice({ grid, filledNotional, filledSteps }: WorkingOrder): string {
  const paid = Decimal.ofUnits(filledNotional, grid.quoteDigits)
  return paid.dividedBy(Decimal.from(grid.quantityText(filledSteps)), 12, 'halfEven').toString()
}
