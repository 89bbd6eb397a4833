import {
  assertTransition,
  type Cause,
  Decimal,
  decimal,
  isFinal,
  type Order,
  type OrderEvent,
  type OrderState,
  type Reason,
} from '@barfinex/core'
import type { ExchangeReport, OrderRecord } from '../exchanges/exchange.js'

/** Digits after the point to which a mean fill price is shown. */
const averageDigits = 12

type Ending = 'canceled' | 'expired' | 'rejected'

/**
 * What is known of one order: evidence, from which its state follows. Evidence only adds up, so reports may come twice, late and in
 * any order, and the end is the same. Immutable.
 */
export interface TrackedOrder {
  readonly account: string
  readonly order: Order
  /** The message that led to it: its events carry the same correlation. */
  readonly cause: Cause | null
  readonly exchangeOrderId: string | null
  readonly quantity: Decimal
  readonly filled: Decimal
  /** Executed in all by the exchange's word with the order's end; the fills may still be on their way. */
  readonly reported: Decimal
  /** What the fills came to, price times quantity. */
  readonly cost: Decimal
  readonly isAcknowledged: boolean
  readonly isTriggered: boolean
  /** The exchange, or we, said that it ends. Fills may still come in late. */
  readonly ending: Ending | 'denied' | null
  readonly isCancelWanted: boolean
  /** A submit without an answer: only the exchange's records resolve it. */
  readonly isUncertain: boolean
  readonly state: OrderState
  readonly reason: Reason | null
  /** Number of events so far; the newest one's sequence is one less. */
  readonly eventCount: number
  readonly submittedAt: number
  /** When its cancel was sent; `null` without one. */
  readonly cancelAt: number | null
  /** Exchange time of the newest change. */
  readonly changedAt: number
}

/** An order before its first event. */
export function initialized(account: string, order: Order, cause: Cause | null, at: number): TrackedOrder {
  return {
    account,
    order,
    cause,
    exchangeOrderId: null,
    quantity: decimal(order.quantity),
    filled: Decimal.zero,
    reported: Decimal.zero,
    cost: Decimal.zero,
    isAcknowledged: false,
    isTriggered: false,
    ending: null,
    isCancelWanted: false,
    isUncertain: false,
    state: 'initialized',
    reason: null,
    eventCount: 0,
    submittedAt: at,
    cancelAt: null,
    changedAt: at,
  }
}

/** It is about to be sent. */
export function submitted(order: TrackedOrder): TrackedOrder {
  return { ...order, state: 'submitted', eventCount: order.eventCount + 1 }
}

/** We do not send it. */
export function denied(order: TrackedOrder, reason: Reason): TrackedOrder {
  return advance(order, { ending: 'denied', reason }, order.changedAt)
}

/** Its cancel is about to be sent. */
export function cancelWanted(order: TrackedOrder, at: number): TrackedOrder {
  return advance(order, { isCancelWanted: true, cancelAt: at, reason: null }, at)
}

/** The cancel came to nothing: the order lives on, or, where the exchange has never spoken of it, nobody knows. */
export function cancelFailed(order: TrackedOrder, reason: Reason, at: number): TrackedOrder {
  if (!order.isCancelWanted) return order
  const isUncertain = !order.isAcknowledged && order.filled.isZero
  return advance(order, { isCancelWanted: false, isUncertain, reason }, at)
}

/** Folds what the exchange said about the order. Returns the same object when nothing changed. */
export function withReport(
  order: TrackedOrder,
  report: Exclude<ExchangeReport, { type: 'fill' | 'cancelRejected' }>,
): TrackedOrder {
  const { occurredAt } = report
  if (report.type === 'uncertain') {
    // A lost reply to a cancel leaves the order as it was: on its way out, or not.
    if (report.action === 'cancel' || order.isAcknowledged || !order.filled.isZero) return order
    return advance(order, { isUncertain: true, reason: report.reason }, occurredAt)
  }
  const known = { exchangeOrderId: report.exchangeOrderId ?? order.exchangeOrderId, isUncertain: false }
  switch (report.type) {
    case 'accepted':
      return advance(order, { ...known, isAcknowledged: true }, occurredAt)
    case 'triggered':
      return advance(order, { ...known, isAcknowledged: true, isTriggered: true }, occurredAt)
    case 'canceled':
    case 'expired':
    case 'rejected':
      return advance(
        order,
        {
          ...known,
          ending: order.ending ?? report.type,
          reason: report.reason ?? order.reason,
          reported: decimal(report.filledQuantity ?? '0').max(order.reported),
        },
        occurredAt,
      )
  }
}

/** Folds one execution. The caller makes sure that each is folded once. */
export function withFill(
  order: TrackedOrder,
  fill: Pick<Extract<ExchangeReport, { type: 'fill' }>, 'exchangeOrderId' | 'price' | 'quantity' | 'occurredAt'>,
): TrackedOrder {
  const quantity = decimal(fill.quantity)
  return advance(
    order,
    {
      exchangeOrderId: fill.exchangeOrderId,
      isUncertain: false,
      filled: order.filled.plus(quantity),
      cost: order.cost.plus(decimal(fill.price).times(quantity)),
    },
    fill.occurredAt,
  )
}

/** Folds the exchange's own record of the order. Quantities come from fills alone. */
export function withRecord(order: TrackedOrder, record: OrderRecord): TrackedOrder {
  // Less was sent than was asked for, because less was there to reduce: filled there is the end of it here.
  const isCut = record.state === 'filled' && decimal(record.quantity).lessThan(order.quantity)
  const state = isCut ? 'canceled' : record.state
  const isEnding = state === 'canceled' || state === 'expired' || state === 'rejected'
  return advance(
    order,
    {
      exchangeOrderId: record.exchangeOrderId ?? order.exchangeOrderId,
      isUncertain: false,
      isAcknowledged: order.isAcknowledged || state !== 'rejected',
      isTriggered: order.isTriggered || state === 'triggered',
      ending: order.ending ?? (isEnding ? state : null),
    },
    record.updatedAt,
  )
}

/** The exchange has no record of the order, and never will: it did not arrive. */
export function neverArrived(order: TrackedOrder, reason: Reason, at: number): TrackedOrder {
  return advance(order, { ending: 'rejected', isUncertain: false, reason }, at)
}

/** The exchange had the order, and neither its open orders nor its records have it any more. */
export function lostThere(order: TrackedOrder, reason: Reason, at: number): TrackedOrder {
  return advance(order, { ending: order.ending ?? 'expired', isUncertain: false, reason }, at)
}

/** The order's newest event as a message. */
export function eventOf(tracked: TrackedOrder): OrderEvent {
  const { order, filled } = tracked
  return {
    account: tracked.account,
    clientOrderId: order.clientOrderId,
    exchangeOrderId: tracked.exchangeOrderId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    purpose: order.purpose,
    intentId: order.intentId,
    state: tracked.state,
    sequence: Math.max(0, tracked.eventCount - 1),
    quantity: order.quantity,
    filledQuantity: filled.max(tracked.reported).toString(),
    averagePrice: filled.isZero ? null : tracked.cost.dividedBy(filled, averageDigits, 'halfEven').toString(),
    limitPrice: order.limitPrice,
    triggerPrice: order.triggerPrice,
    reduceOnly: order.reduceOnly,
    ocoGroup: order.ocoGroup,
    reason: tracked.reason,
    occurredAt: tracked.changedAt,
  }
}

function advance(order: TrackedOrder, evidence: Partial<TrackedOrder>, at: number): TrackedOrder {
  const grown = { ...order, ...evidence }
  const state = stateOf(grown)
  const isNews =
    state !== order.state ||
    !grown.filled.equals(order.filled) ||
    !grown.reported.equals(order.reported) ||
    grown.exchangeOrderId !== order.exchangeOrderId
  if (!isNews && !hasChanged(order, evidence)) return order
  if (state !== order.state) assertTransition(order.state, state, order.order.clientOrderId)
  return {
    ...grown,
    state,
    eventCount: isNews ? order.eventCount + 1 : order.eventCount,
    changedAt: Math.max(order.changedAt, at),
  }
}

function hasChanged(order: TrackedOrder, evidence: Partial<TrackedOrder>): boolean {
  return (Object.keys(evidence) as (keyof TrackedOrder)[]).some(
    // What differs in its amount is news, and no object is the same as another one that says the same.
    (key) => key !== 'reported' && order[key] !== evidence[key],
  )
}

function stateOf(order: TrackedOrder): OrderState {
  // A final state stays, whatever contradicts it later; what was filled is counted all the same.
  if (isFinal(order.state)) return order.state
  if (order.filled.compare(order.quantity) >= 0) return 'filled'
  if (order.ending !== null) return order.ending
  if (order.isUncertain) return 'uncertain'
  if (order.isCancelWanted) return 'pendingCancel'
  if (order.filled.isPositive) return 'partiallyFilled'
  if (order.isTriggered) return 'triggered'
  return order.isAcknowledged ? 'accepted' : order.state === 'initialized' ? 'initialized' : 'submitted'
}
