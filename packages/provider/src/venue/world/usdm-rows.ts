import type { VenueReply } from '../venue-world.js'
import { plainText, quotient } from './amount.js'
import type { Execution, Moment } from './order-register.js'
import type { OwnTrade, VenueOrder } from './venue-order.js'

/** An order on perpetuals, as every call of `/fapi/v1/order` shows it. */
export function usdmOrderRow(order: VenueOrder): VenueReply {
  const { draft } = order
  return {
    orderId: order.orderId,
    symbol: draft.listed.rules.id,
    status: order.status,
    clientOrderId: draft.clientOrderId,
    price: plainText(draft.price ?? 0n),
    avgPrice: plainText(quotient(order.paid, order.executed)),
    origQty: plainText(draft.quantity),
    executedQty: plainText(order.executed),
    cumQuote: plainText(order.paid),
    timeInForce: draft.timeInForce,
    type: draft.type,
    reduceOnly: draft.reduceOnly,
    closePosition: false,
    side: draft.side,
    positionSide: 'BOTH',
    stopPrice: plainText(draft.stopPrice ?? 0n),
    workingType: 'CONTRACT_PRICE',
    priceProtect: false,
    origType: draft.type,
    priceMatch: 'NONE',
    selfTradePreventionMode: draft.selfTradePrevention,
    goodTillDate: 0,
    time: order.placedAt,
    updateTime: order.updatedAt,
  }
}

export function usdmTradeRow(trade: OwnTrade): VenueReply & { readonly id: number; readonly time: number } {
  const { order } = trade
  const isBuy = order.draft.side === 'BUY'
  return {
    symbol: order.draft.listed.rules.id,
    id: trade.tradeId,
    orderId: order.orderId,
    side: order.draft.side,
    price: plainText(trade.price),
    qty: plainText(trade.quantity),
    realizedPnl: plainText(trade.realized),
    quoteQty: plainText(trade.quote),
    commission: trade.commission,
    commissionAsset: trade.commissionAsset,
    time: trade.time,
    positionSide: 'BOTH',
    buyer: isBuy,
    maker: trade.isMaker,
  }
}

/** The event `ORDER_TRADE_UPDATE`. */
export function orderTradeUpdate(order: VenueOrder, execution: Execution, moment: Moment): VenueReply {
  const { draft } = order
  const { trade, type } = execution
  return {
    e: 'ORDER_TRADE_UPDATE',
    E: moment.time,
    T: moment.time,
    o: {
      s: draft.listed.rules.id,
      c: draft.clientOrderId,
      S: draft.side,
      o: draft.type,
      f: draft.timeInForce,
      q: plainText(draft.quantity),
      p: plainText(draft.price ?? 0n),
      ap: plainText(quotient(moment.paid, moment.executed)),
      sp: plainText(draft.stopPrice ?? 0n),
      x: type === 'TRADE_PREVENTION' ? 'EXPIRED' : type,
      X: moment.status,
      i: order.orderId,
      l: plainText(trade?.quantity ?? 0n),
      z: plainText(moment.executed),
      L: plainText(trade?.price ?? 0n),
      ...(trade === undefined ? {} : { N: trade.commissionAsset, n: trade.commission }),
      T: moment.time,
      t: trade?.tradeId ?? 0,
      b: '0',
      a: '0',
      m: trade?.isMaker ?? false,
      R: draft.reduceOnly,
      wt: 'CONTRACT_PRICE',
      ot: draft.type,
      ps: 'BOTH',
      cp: false,
      rp: plainText(trade?.realized ?? 0n),
      pP: false,
      si: 0,
      ss: 0,
      V: draft.selfTradePrevention,
      pm: 'NONE',
      gtd: 0,
    },
  }
}
