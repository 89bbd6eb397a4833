import type { VenueReply } from '../venue-world.js'
import { amountText, padded } from './amount.js'
import type { Execution, Moment } from './order-register.js'
import type { VenueOrder } from './venue-order.js'

/** The `executionReport` of spot. `executionId` counts the reports of the venue. */
export function executionReport(
  order: VenueOrder,
  execution: Execution,
  moment: Moment,
  executionId: number,
): VenueReply {
  const { draft } = order
  const { trade, type, reason } = execution
  const isCancel = type === 'CANCELED'
  return {
    e: 'executionReport',
    E: moment.time,
    s: draft.listed.rules.id,
    c: isCancel ? (execution.cancelId ?? draft.clientOrderId) : draft.clientOrderId,
    S: draft.side,
    o: draft.type,
    f: draft.timeInForce,
    q: amountText(draft.quantity),
    p: amountText(draft.price ?? 0n),
    P: amountText(draft.stopPrice ?? 0n),
    ...(draft.trailingDelta === null ? {} : { d: draft.trailingDelta, D: order.placedAt }),
    F: '0.00000000',
    g: order.listId,
    C: isCancel ? draft.clientOrderId : '',
    x: type,
    X: moment.status,
    r: type === 'REJECTED' ? (reason ?? 'NONE') : 'NONE',
    i: order.orderId,
    l: amountText(trade?.quantity ?? 0n),
    z: amountText(moment.executed),
    L: amountText(trade?.price ?? 0n),
    n: trade === undefined ? '0' : padded(trade.commission),
    N: trade?.commissionAsset ?? null,
    T: moment.time,
    t: trade?.tradeId ?? -1,
    I: executionId,
    w: moment.isWorking && (moment.status === 'NEW' || moment.status === 'PARTIALLY_FILLED'),
    m: trade?.isMaker ?? false,
    M: false,
    O: order.placedAt,
    Z: amountText(moment.paid),
    Y: amountText(trade?.quote ?? 0n),
    Q: amountText(draft.quoteQuantity ?? 0n),
    ...(moment.isWorking ? { W: moment.workingTime } : {}),
    V: draft.selfTradePrevention,
    ...(type === 'EXPIRED' && reason !== undefined && reason !== 'NONE' ? { eR: reason } : {}),
  }
}
