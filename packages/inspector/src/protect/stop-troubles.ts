import { isFinal, isResting, type OrderPurpose, type Reason } from '@barfinex/core'
import { hasMoved, isGroupDone, type TrackedOrder } from '../tracked-order.js'
import { type Lot, netQuantity } from './lot.js'
import { type Correction, correctionOf } from './stop-correction.js'

/** What an order event changes about a lot, beside quantities. */
export interface Trouble {
  readonly lot: Lot
  /** Protecting has become pointless: why. */
  readonly leave: Reason | null
  readonly warning: Reason | null
}

/** Refusals of a stop after which the target makes way, whatever they say: on spot it may hold what the stop needs. */
const refusalsBeforeTargetGoes = 2
const refusalsOfTarget = 3
/** As long as a difference to the ledger has to last, and its account to arrive. */
const laterMs = 500

/** Counts what goes wrong with stops and targets; an acknowledged stop forgives the refusals before it. */
export function afterOrderEvent(lot: Lot, before: TrackedOrder, after: TrackedOrder): Trouble {
  const { purpose } = after.order
  const calm: Trouble = { lot, leave: null, warning: null }
  if (purpose === 'stop' && isResting(after.state) && lot.stopFailures > 0) {
    return { ...calm, lot: { ...lot, stopFailures: 0, stopRefusedAt: null } }
  }
  if (isFinal(before.state) || !isFinal(after.state) || !netQuantity(lot).isPositive) return calm
  const why = `${after.reason?.code ?? 'no code'}: ${after.reason?.message ?? 'no reason was given'}`
  if (after.state === 'rejected' || after.state === 'denied') {
    const message = `A ${purpose} was ${after.state}, ${why}`.slice(0, 500)
    const correction = correctionOf(after.reason)
    if (purpose === 'stop' && correction === 'never') {
      return { ...calm, leave: { code: 'inspector.protection.would-trigger', message } }
    }
    const warning = purpose === 'entry' ? null : { code: `inspector.protection.${purpose}-refused`, message }
    return { ...calm, lot: afterRefusal(lot, purpose, after.since, correction), warning }
  }
  const wasLost = purpose === 'target' && after.state !== 'filled' && after.cancelAskedAt === null
  return wasLost && !isGroupDone(after) ? { ...calm, lot: afterRefusal(lot, purpose, after.since) } : calm
}

/** Counts a refusal of an order of this purpose, and takes from it what the next try has to do otherwise. */
export function afterRefusal(lot: Lot, purpose: OrderPurpose, at: number, correction: Correction = 'again'): Lot {
  const isHeldBack = correction === 'alone' || correction === 'joined' || correction === 'later'
  // Not the exchange's doing, and not counted against the stop: whoever is naked for too long is left all the same.
  if (purpose === 'stop' && correction === 'later') return { ...lot, stopRefusedAt: at + laterMs }
  if (purpose === 'stop') {
    const stopFailures = lot.stopFailures + 1
    return {
      ...lot,
      stopFailures,
      stopRefusedAt: at,
      joinsStops: lot.joinsStops || correction === 'joined',
      withoutTarget: lot.withoutTarget || isHeldBack || stopFailures >= refusalsBeforeTargetGoes,
    }
  }
  if (purpose !== 'target') return lot
  const targetFailures = lot.targetFailures + 1
  return {
    ...lot,
    targetFailures,
    withoutTarget: lot.withoutTarget || isHeldBack || targetFailures >= refusalsOfTarget,
  }
}

/** When a stop may be tried again after a refusal: at once the first time, later after a pause. */
export function stopDueAt(lot: Lot, retryMs: number): number {
  const pauses = Math.max(0, lot.stopFailures - 1)
  return lot.stopRefusedAt === null ? Number.NEGATIVE_INFINITY : lot.stopRefusedAt + pauses * retryMs
}

/**
 * A stop that ended although nobody of ours asked for it and no order of its group has filled or fired. Judged when the instant
 * is over, because an exchange may cancel the siblings before it reports the fill that is the reason.
 */
export function lostStop(
  lot: Lot,
  orders: readonly TrackedOrder[],
): { readonly tracked: TrackedOrder; readonly seen: readonly string[] } | null {
  for (const tracked of orders) {
    const { order, state, cancelAskedAt } = tracked
    if (order.purpose !== 'stop' || cancelAskedAt !== null || lot.missedStops.includes(order.clientOrderId)) continue
    if ((state !== 'canceled' && state !== 'expired') || isGroupDone(tracked)) continue
    const isSpent = orders.some(
      (it) => (it === tracked || (order.ocoGroup !== null && it.order.ocoGroup === order.ocoGroup)) && hasMoved(it),
    )
    if (!isSpent) return { tracked, seen: [...lot.missedStops, order.clientOrderId] }
  }
  return null
}
