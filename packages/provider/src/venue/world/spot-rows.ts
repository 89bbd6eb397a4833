import type { VenueReply } from '../venue-world.js'
import { amountText, padded } from './amount.js'
import type { OwnTrade, VenueOrder } from './venue-order.js'

/** The row of `GET order`. */
export function spotOrderRow(order: VenueOrder): VenueReply {
  const { draft } = order
  return {
    symbol: draft.listed.rules.id,
    orderId: order.orderId,
    orderListId: order.listId,
    clientOrderId: draft.clientOrderId,
    ...amounts(order),
    stopPrice: amountText(draft.stopPrice ?? 0n),
    ...(draft.trailingDelta === null ? {} : { trailingDelta: draft.trailingDelta }),
    icebergQty: '0.00000000',
    time: order.placedAt,
    updateTime: order.updatedAt,
    isWorking: order.isWorking,
    workingTime: order.workingTime,
    selfTradePreventionMode: draft.selfTradePrevention,
  }
}

/** The reply to a new order, as short or as long as the client wants it. */
export function placedReply(order: VenueOrder): VenueReply {
  const { draft } = order
  const short = {
    symbol: draft.listed.rules.id,
    orderId: order.orderId,
    orderListId: order.listId,
    clientOrderId: draft.clientOrderId,
    transactTime: order.updatedAt,
  }
  if (draft.responseType === 'ACK') return short
  const result = {
    ...short,
    ...amounts(order),
    ...(draft.stopPrice === null ? {} : { stopPrice: amountText(draft.stopPrice) }),
    ...(draft.trailingDelta === null ? {} : { trailingDelta: draft.trailingDelta, trailingTime: order.placedAt }),
    workingTime: order.workingTime,
    selfTradePreventionMode: draft.selfTradePrevention,
  }
  if (draft.responseType === 'RESULT') return result
  return {
    ...result,
    fills: order.trades.map((trade) => ({
      price: amountText(trade.price),
      qty: amountText(trade.quantity),
      commission: padded(trade.commission),
      commissionAsset: trade.commissionAsset,
      tradeId: trade.tradeId,
    })),
  }
}

/** The reply to a cancel: the order under `origClientOrderId`, the cancel under `clientOrderId`. */
export function canceledReply(order: VenueOrder, cancelId: string): VenueReply {
  const { draft } = order
  return {
    symbol: draft.listed.rules.id,
    origClientOrderId: draft.clientOrderId,
    orderId: order.orderId,
    orderListId: order.listId,
    clientOrderId: cancelId,
    transactTime: order.updatedAt,
    ...amounts(order),
    ...(draft.stopPrice === null ? {} : { stopPrice: amountText(draft.stopPrice) }),
    selfTradePreventionMode: draft.selfTradePrevention,
  }
}

/** The row of `GET myTrades`. */
export function spotTradeRow(trade: OwnTrade): VenueReply & { readonly id: number; readonly time: number } {
  const { order } = trade
  return {
    symbol: order.draft.listed.rules.id,
    id: trade.tradeId,
    orderId: order.orderId,
    orderListId: order.listId,
    price: amountText(trade.price),
    qty: amountText(trade.quantity),
    quoteQty: amountText(trade.quote),
    commission: padded(trade.commission),
    commissionAsset: trade.commissionAsset,
    time: trade.time,
    isBuyer: order.draft.side === 'BUY',
    isMaker: trade.isMaker,
    isBestMatch: true,
  }
}

function amounts(order: VenueOrder): VenueReply {
  const { draft } = order
  return {
    price: amountText(draft.price ?? 0n),
    origQty: amountText(draft.quantity),
    executedQty: amountText(order.executed),
    origQuoteOrderQty: amountText(draft.quoteQuantity ?? 0n),
    cummulativeQuoteQty: amountText(order.paid),
    status: order.status,
    timeInForce: draft.timeInForce,
    type: draft.type,
    side: draft.side,
  }
}
