import type { Decimal, Envelope, Order, OrderEvent, OrderState, Reason } from '@barfinex/core'

/** An order at the scripted exchange. */
export interface ScriptedOrder {
  readonly order: Order
  state: OrderState
  filled: Decimal
  sequence: number
  readonly cause: Envelope
}

/** What the order side says of it now. */
export function scriptedEvent(scripted: ScriptedOrder, account: string, at: number, reason: Reason | null): OrderEvent {
  const { order, state, filled, sequence } = scripted
  return {
    account,
    clientOrderId: order.clientOrderId,
    exchangeOrderId: `x-${order.clientOrderId}`,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    purpose: order.purpose,
    intentId: order.intentId,
    state,
    sequence,
    quantity: order.quantity,
    filledQuantity: filled.toString(),
    averagePrice: null,
    limitPrice: order.limitPrice,
    triggerPrice: order.triggerPrice,
    reduceOnly: order.reduceOnly,
    ocoGroup: order.ocoGroup,
    reason,
    occurredAt: at,
  }
}
