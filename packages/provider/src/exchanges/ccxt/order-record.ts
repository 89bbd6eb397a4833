import { type Decimal, decimal, type OrderState, type OrderType } from '@barfinex/core'
import type { OrderRecord } from '../exchange.js'
import type { OrderReply, OrderStatus } from './reply-schemas.js'

/** Digits after the point to which a mean fill price is shown. */
const averageDigits = 12

const types: Readonly<Record<OrderReply['type'], OrderType>> = {
  MARKET: 'market',
  LIMIT: 'limit',
  LIMIT_MAKER: 'limit',
  STOP_LOSS: 'stopMarket',
  STOP_LOSS_LIMIT: 'stopLimit',
  TAKE_PROFIT: 'takeProfitMarket',
  TAKE_PROFIT_LIMIT: 'takeProfitLimit',
}

const states: Readonly<Record<OrderStatus, OrderState>> = {
  NEW: 'accepted',
  // A leg of a list that waits for another one: it is there, and nothing can fill it yet.
  PENDING_NEW: 'accepted',
  PARTIALLY_FILLED: 'partiallyFilled',
  FILLED: 'filled',
  CANCELED: 'canceled',
  PENDING_CANCEL: 'pendingCancel',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
}

/** The exchange's record of an order in our words. */
export function orderRecordOf(reply: OrderReply, symbol: string): OrderRecord {
  const filled = decimal(reply.executedQty)
  return {
    clientOrderId: reply.clientOrderId,
    exchangeOrderId: reply.orderId,
    symbol,
    side: reply.side === 'BUY' ? 'buy' : 'sell',
    type: types[reply.type],
    state: stateOf(reply),
    quantity: reply.origQty,
    filledQuantity: filled.toString(),
    averagePrice: averageOf(decimal(reply.cummulativeQuoteQty), filled),
    limitPrice: orNull(reply.price),
    triggerPrice: orNull(reply.stopPrice),
    reduceOnly: false,
    updatedAt: reply.updateTime,
  }
}

/** True for types that sleep until a price is reached. */
export function isConditional(type: OrderReply['type']): boolean {
  return type.startsWith('STOP_') || type.startsWith('TAKE_')
}

function stateOf({ status, type, isWorking }: OrderReply): OrderState {
  return status === 'NEW' && isConditional(type) && isWorking === true ? 'triggered' : states[status]
}

/** The exchange writes a price that there is none of as zero. */
function orNull(price: string | undefined): string | null {
  return price === undefined || decimal(price).isZero ? null : price
}

function averageOf(cost: Decimal, filled: Decimal): string | null {
  return filled.isZero ? null : cost.dividedBy(filled, averageDigits, 'halfEven').toString()
}
