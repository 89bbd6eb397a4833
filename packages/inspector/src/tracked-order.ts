import {
  Decimal,
  decimal,
  type Fill,
  isFinal,
  isResting,
  type Order,
  type OrderCommand,
  type OrderEvent,
  type OrderState,
  type Reason,
} from '@barfinex/core'

/** One of our orders from its approval to its end, folded from verdicts, commands, order events and fills. */
export interface TrackedOrder {
  readonly order: Order
  readonly quantity: Decimal
  /** Price at which it counts against headroom, quote per base. */
  readonly price: Decimal
  readonly state: OrderState
  /** Of the newest event; -1 before the first. */
  readonly sequence: number
  /** Sum of the fills seen, in base. */
  readonly filled: Decimal
  /** Filled quantity by the newest event: more than the fills seen means that fills are still on their way. */
  readonly reported: Decimal
  readonly reason: Reason | null
  /** Instant of the newest change of state. */
  readonly since: number
  /** From then on the seal of its submit is void: without any event by then, it never got anywhere. */
  readonly sealedUntil: number | null
  /** When we asked for it to be taken back, until somebody answers. */
  readonly cancelAskedAt: number | null
  /** How often we asked: each asking is an action of its own, with its own seal. */
  readonly cancelCount: number
  /** True from the moment a stop has fired: its group has spent itself. */
  readonly wasTriggered: boolean
  /** True once the exchange has said that it rests: a cancel of what was never acknowledged leaves nothing behind that covers. */
  readonly wasResting: boolean
}

/** An order that has just been approved. `price` values it against headroom. */
export function trackOrder(order: Order, price: Decimal, at: number): TrackedOrder {
  return {
    order,
    quantity: decimal(order.quantity),
    price,
    state: 'initialized',
    sequence: -1,
    filled: Decimal.zero,
    reported: Decimal.zero,
    reason: null,
    since: at,
    sealedUntil: null,
    cancelAskedAt: null,
    cancelCount: 0,
    wasTriggered: false,
    wasResting: false,
  }
}

export function withCommand(tracked: TrackedOrder, command: OrderCommand, at: number): TrackedOrder {
  if (command.type === 'submit') return { ...tracked, sealedUntil: command.approval.expiresAt }
  return { ...tracked, cancelAskedAt: at, cancelCount: tracked.cancelCount + 1 }
}

/**
 * Folds an order event; an old or repeated one changes nothing. `at` is when we learned of it: what is waited for is measured on our own
 * clock, which the exchange's need not agree with.
 */
export function withEvent(tracked: TrackedOrder, event: OrderEvent, at: number): TrackedOrder {
  if (event.sequence <= tracked.sequence) return tracked
  const reported = decimal(event.filledQuantity).max(tracked.reported)
  // What the ledger has called final stays so. Only our own conclusion from a void seal may turn out wrong.
  if (isFinal(tracked.state) && tracked.sequence >= 0) return { ...tracked, sequence: event.sequence, reported }
  // A cancel that the exchange refused, or that overtook its order, leaves the order as it was: it may be asked for again, at once only
  // the first times.
  const wasGoing =
    tracked.state === 'pendingCancel' || (tracked.state === 'uncertain' && tracked.cancelAskedAt !== null)
  const isRefused = wasGoing && isResting(event.state)
  return {
    ...tracked,
    state: event.state,
    sequence: event.sequence,
    reported,
    reason: event.reason ?? tracked.reason,
    since: event.state === tracked.state ? tracked.since : at,
    cancelAskedAt: isRefused && tracked.cancelCount < 3 ? null : tracked.cancelAskedAt,
    // A stop that found no liquidity has fired, whether or not that was said before.
    wasTriggered:
      tracked.wasTriggered || event.state === 'triggered' || event.reason?.code.endsWith('no-liquidity') === true,
    wasResting: tracked.wasResting || isResting(event.state),
  }
}

/** An order whose fate the seal's expiry has decided: it was never taken, and can never be. */
export function withExpiredSeal(tracked: TrackedOrder, at: number): TrackedOrder {
  return { ...tracked, state: 'denied', since: at }
}

export function withFill(tracked: TrackedOrder, fill: Fill): TrackedOrder {
  return { ...tracked, filled: tracked.filled.plus(decimal(fill.quantity)) }
}

/** True for an order that the exchange ended because another of its group has filled or fired: the group has spent itself. */
export function isGroupDone({ reason }: TrackedOrder): boolean {
  return reason?.code.endsWith('oco-canceled') === true
}

/** True once it has filled in part or whole, or fired, as far as anybody has said. */
export function hasMoved({ wasTriggered, filled, reported }: TrackedOrder): boolean {
  return wasTriggered || filled.isPositive || reported.isPositive
}

/** True until nothing more can come of it: final, and every fill that was reported has arrived. */
export function isLive(tracked: TrackedOrder): boolean {
  return !isFinal(tracked.state) || tracked.reported.greaterThan(tracked.filled)
}

/** What may still be executed or is executed and not yet booked, in base. */
export function openQuantity(tracked: TrackedOrder): Decimal {
  const most = isFinal(tracked.state) ? tracked.reported : tracked.quantity
  return most.minus(tracked.filled).max(Decimal.zero)
}

/** What still rests at the exchange, acknowledged by it, in base. A cancel that is only asked for has not taken it away. */
export function restingQuantity(tracked: TrackedOrder): Decimal {
  const rests = isResting(tracked.state) || (tracked.state === 'pendingCancel' && tracked.wasResting)
  return rests ? tracked.quantity.minus(tracked.filled.max(tracked.reported)).max(Decimal.zero) : Decimal.zero
}
