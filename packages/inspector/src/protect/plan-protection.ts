import { Decimal, derivedId, type InstrumentRules, roundQuantity, roundTriggerPrice } from '@barfinex/core'
import { touchPrice } from '../market-view.js'
import { restingQuantity, type TrackedOrder } from '../tracked-order.js'
import { closingSide, type ExitReason, type Lot, netQuantity, wasMoved } from './lot.js'
import {
  cancel,
  cancelDueAt,
  cancels,
  earliest,
  joinableGroup,
  joinNewest,
  type LotView,
  type Step,
  shrink,
  sum,
  working,
} from './lot-view.js'
import { planCorrection, planLeaving } from './plan-leaving.js'
import { planTargets } from './plan-targets.js'
import type { ProtectionPlan } from './protection-plan.js'
import { isSellable } from './sellable.js'

/** What to do now, and when to ask again if nothing happens before; `null` for not by ourselves. */
export interface Plan {
  readonly steps: readonly Step[]
  readonly askAgainAt: number | null
}

/**
 * Decides what a lot needs now. A pure function of what rests and what is open, so it gives the same answer after a restart.
 *
 * Growing adds a stop and a target for what is not covered yet: nothing that rests is touched, so cover never shrinks and never
 * exceeds the position. Shrinking and moving cancel first and place when the cancel is acknowledged: two stops together never
 * exceed the position, and for one cancel plus one submit that part is not covered, which the naked time counts.
 */
export function planProtection(view: LotView, plan: ProtectionPlan): Plan {
  const { lot, rules, now } = view
  if (rules === null) return { steps: [], askAgainAt: null }
  const net = netQuantity(lot)
  const isSpot = rules.instrument.kind === 'spot' || rules.instrument.kind === 'stock'
  if (net.isNegative && !isSpot && isSellable(rules, net.abs(), lot.stopPrice)) return planCorrection(view, rules, plan)
  const entries = working(view, 'entry')
  // An intent's expiry ends its entry; once something was closed, the rest would open anew what was just left.
  const isEntryOver = lot.leaving !== null || lot.closed.quantity.isPositive || now >= lot.intent.expiresAt
  const open = roundQuantity(rules, net.max(Decimal.zero))
  if (!isSellable(rules, open, lot.stopPrice)) {
    const rest = [...(isEntryOver ? entries : []), ...working(view, 'stop', 'target', 'exit')]
    const expiry = entries.length > 0 && !isEntryOver ? lot.intent.expiresAt : null
    return { steps: cancels(rest, now), askAgainAt: earliest(cancelDueAt(rest), expiry) }
  }
  const limitAt = plan.maxHoldingMs === null || lot.openedAt === null ? null : lot.openedAt + plan.maxHoldingMs
  if (lot.leaving === null && limitAt !== null && now >= limitAt) {
    const message = `Held for ${plan.maxHoldingMs} ms: the position is left.`
    return { steps: [leave('timeLimit', 'inspector.protection.time-limit', message)], askAgainAt: null }
  }
  const group = derivedId(lot.intent.intentId, 'group', String(lot.attempts.stop), String(lot.attempts.target))
  const stops = stopSteps(view, rules, plan, open, group)
  const { steps, askAgainAt } =
    lot.leaving === null
      ? planCover(view, rules, plan, open, stops, group)
      : planLeaving(view, rules, plan, open, stops)
  return {
    steps: [...(isEntryOver ? cancels(entries, now) : []), ...steps],
    askAgainAt: earliest(
      askAgainAt,
      lot.leaving === null ? limitAt : null,
      cancelDueAt(entries),
      entries.length > 0 && !isEntryOver ? lot.intent.expiresAt : null,
    ),
  }
}

function planCover(
  view: LotView,
  rules: InstrumentRules,
  plan: ProtectionPlan,
  open: Decimal,
  steps: Step[],
  group: string,
): Plan {
  const { lot, now } = view
  const stops = working(view, 'stop')
  const fired = stops.find((stop) => stop.wasTriggered)
  if (fired !== undefined && now >= fired.since + plan.triggeredMs) {
    const message = `The stop ${fired.order.clientOrderId} fired ${now - fired.since} ms ago and is not filled.`
    return { steps: [leave('emergencyExit', 'inspector.protection.stop-not-filled', message)], askAgainAt: null }
  }
  if (steps.some(({ type }) => type === 'leave')) return { steps, askAgainAt: null }
  const hasTarget = plan.target && !lot.withoutTarget && fired === undefined
  const isPaired = steps.some((step) => step.type === 'stop' && step.group === group)
  const targets = working(view, 'target')
  steps.push(...(hasTarget ? planTargets(view, rules, plan, open, isPaired, group) : cancels(targets, now)))
  const firedDue = fired === undefined ? null : fired.since + plan.triggeredMs
  return { steps, askAgainAt: earliest(firedDue, cancelDueAt([...stops, ...targets])) }
}

function stopSteps(view: LotView, rules: InstrumentRules, plan: ProtectionPlan, open: Decimal, group: string): Step[] {
  const { lot, now } = view
  const stops = working(view, 'stop')
  const staying = stops.filter((stop) => stop.cancelAskedAt === null)
  const going = stops.filter((stop) => stop.cancelAskedAt !== null)
  const steps = cancels(going, now)
  const trigger = roundTriggerPrice(rules, closingSide(lot), lot.stopPrice).toString()
  const stale = staying.filter((stop) => !stop.wasTriggered && stop.order.triggerPrice !== trigger)
  const covered = sum(staying)
  if (stale.length > 0 && stale.every((stop) => restingQuantity(stop).isPositive)) {
    steps.push(...stale.map(cancel))
  } else if (covered.greaterThan(open)) {
    steps.push(...shrink(staying, covered.minus(open)))
  } else {
    const missing = open.minus(covered).minus(sum(going))
    const placed = missing.isPositive ? placeStop(view, rules, plan, stops, missing, group) : null
    if (placed !== null) steps.push(placed)
  }
  return steps
}

/** A stop for what is missing, or why there can be none. */
function placeStop(
  view: LotView,
  rules: InstrumentRules,
  plan: ProtectionPlan,
  stops: readonly TrackedOrder[],
  missing: Decimal,
  group: string,
): Step | null {
  const { lot } = view
  if (rules.instrument.status !== 'trading') return null
  const fits = isSellable(rules, missing, lot.stopPrice)
  if (!fits || stops.length >= plan.maxStops) return joinNewest(stops)
  const late = whyNotStop(view, rules, plan)
  if (late !== null) return late
  const quantity = rules.maxQuantity === null ? missing : missing.min(rules.maxQuantity)
  return { type: 'stop', quantity, group: joinableGroup(view, 'stop') ?? group }
}

function whyNotStop({ lot, market, now }: LotView, rules: InstrumentRules, plan: ProtectionPlan): Step | null {
  const touch = touchPrice(market, closingSide(lot))
  const stop = roundTriggerPrice(rules, closingSide(lot), lot.stopPrice).toNumber()
  if (touch !== null && (lot.intent.direction === 'long' ? touch <= stop : touch >= stop)) {
    const message = `The price ${touch} has passed the stop ${stop}: it would fire at once.`
    // A stop that was overtaken while it was being moved has done its work; one that never rested has failed.
    return leave(wasMoved(lot) ? 'trailingStop' : 'emergencyExit', 'inspector.protection.would-trigger', message)
  }
  if (lot.stopFailures >= plan.maxStopFailures) {
    return leave(
      'emergencyExit',
      'inspector.protection.stop-refused',
      `The stop was refused ${lot.stopFailures} times in a row.`,
    )
  }
  const recent = recentLosses(lot, now)
  if (recent <= plan.maxStopLosses) return null
  return leave('emergencyExit', 'inspector.protection.stop-lost', `The stop was lost ${recent} times within a minute.`)
}

function recentLosses(lot: Lot, now: number): number {
  return lot.stopLosses.filter((at) => at > now - 60_000).length
}

function leave(because: ExitReason, code: string, message: string): Step {
  return { type: 'leave', because, code, message }
}
