import type { OrderState } from '../flow/5-order.js'
import { BarfinexError } from '../runtime/error.js'

/** States that never change again. */
const finals: ReadonlySet<OrderState> = new Set(['denied', 'filled', 'canceled', 'rejected', 'expired'])

/**
 * Where an order may go from each state. `uncertain` may become anything an exchange can say, but only the exchange says it;
 * `pendingCancel` keeps every way open that a fill can still take, because a cancel is a wish.
 */
const next: Readonly<Record<OrderState, readonly OrderState[]>> = {
  initialized: ['denied', 'submitted'],
  denied: [],
  submitted: [
    'accepted',
    'triggered',
    'partiallyFilled',
    'filled',
    'pendingCancel',
    'canceled',
    'rejected',
    'expired',
    'uncertain',
  ],
  accepted: ['triggered', 'partiallyFilled', 'filled', 'pendingCancel', 'canceled', 'rejected', 'expired', 'uncertain'],
  triggered: ['partiallyFilled', 'filled', 'pendingCancel', 'canceled', 'rejected', 'expired', 'uncertain'],
  partiallyFilled: ['partiallyFilled', 'triggered', 'filled', 'pendingCancel', 'canceled', 'expired', 'uncertain'],
  pendingCancel: ['accepted', 'triggered', 'partiallyFilled', 'filled', 'canceled', 'rejected', 'expired', 'uncertain'],
  uncertain: ['accepted', 'triggered', 'partiallyFilled', 'filled', 'pendingCancel', 'canceled', 'rejected', 'expired'],
  filled: [],
  canceled: [],
  rejected: [],
  expired: [],
}

/** True when nothing more can happen to the order. */
export function isFinal(state: OrderState): boolean {
  return finals.has(state)
}

/** True when the order can still be filled, as far as we know: `uncertain` and `submitted` can. */
export function isWorking(state: OrderState): boolean {
  return !finals.has(state) && state !== 'initialized'
}

/** True when the exchange has acknowledged the order and it rests there. */
export function isResting(state: OrderState): boolean {
  return state === 'accepted' || state === 'triggered' || state === 'partiallyFilled'
}

export function canTransition(from: OrderState, to: OrderState): boolean {
  return next[from].includes(to)
}

/** Asserts a transition: an illegal one is a defect of ours, so the process should stop (`order.transition-illegal`). */
export function assertTransition(from: OrderState, to: OrderState, clientOrderId: string): void {
  if (!canTransition(from, to)) {
    throw new BarfinexError(
      'order.transition-illegal',
      `Order ${clientOrderId} cannot go from ${from} to ${to}. This is a defect: stop and report it.`,
      { details: { clientOrderId, from, to } },
    )
  }
}
