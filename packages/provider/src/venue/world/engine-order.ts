import type { Order, OrderType } from '@barfinex/core'
import { plainText } from './amount.js'
import type { OrderDraft } from './order-draft.js'

const engineTypes: Readonly<Record<string, OrderType>> = {
  LIMIT: 'limit',
  LIMIT_MAKER: 'limit',
  MARKET: 'market',
  STOP_LOSS: 'stopMarket',
  STOP_LOSS_LIMIT: 'stopLimit',
  TAKE_PROFIT: 'takeProfitMarket',
  TAKE_PROFIT_LIMIT: 'takeProfitLimit',
  // The names of the perpetuals; `TAKE_PROFIT` rests there and is named apart when it is read.
  STOP: 'stopLimit',
  STOP_MARKET: 'stopMarket',
  TAKE_PROFIT_MARKET: 'takeProfitMarket',
  TRAILING_STOP_MARKET: 'trailingStopMarket',
}

/** The order as the engine takes it. Its id there is the venue's own, because clients may use theirs again. */
export function engineOrder(draft: OrderDraft, engineId: string, group: string | null): Order {
  const { listed, timeInForce, trailingDelta } = draft
  const isResting = draft.price !== null
  const named = engineTypes[draft.type] as OrderType
  const type =
    trailingDelta !== null
      ? 'trailingStopMarket'
      : isResting && named === 'takeProfitMarket'
        ? 'takeProfitLimit'
        : named
  const postOnly = draft.type === 'LIMIT_MAKER' || timeInForce === 'GTX'
  return {
    clientOrderId: engineId,
    symbol: listed.rules.symbol,
    side: draft.side === 'BUY' ? 'buy' : 'sell',
    type,
    quantity: plainText(draft.quantity),
    limitPrice: draft.price === null ? null : plainText(draft.price),
    triggerPrice: draft.stopPrice === null ? null : plainText(draft.stopPrice),
    trailingBps: trailingDelta === null ? null : String(trailingDelta),
    timeInForce: timeInForce === 'IOC' ? 'ioc' : timeInForce === 'FOK' ? 'fok' : 'gtc',
    reduceOnly: draft.reduceOnly,
    postOnly,
    ocoGroup: group,
    purpose: 'entry',
    intentId: engineId,
    attempt: 0,
  }
}
