import { Decimal, derivedId, type InstrumentRules, roundQuantity, roundTriggerPrice } from '@barfinex/core'
import { touchPrice } from '../market-view.js'
import { restingQuantity, type TrackedOrder } from '../tracked-order.js'
import { closingSide, type ExitReason, type Lot, netQuantity, wasMoved } from './lot.js'
import {
  cancel,
  cancelDueAt,
  cancels,
  earliest,
  isUnclear,
  joinableGroup,
  joinNewest,
  type LotView,
  openOf,
  type Step,
  shrink,
  siblingDueAt,
  sum,
  unclearAt,
  working,
} from './lot-view.js'
import { planCorrection, planLeaving } from './plan-leaving.js'
import { planTargets } from './plan-targets.js'
import type { ProtectionPlan } from './protection-plan.js'
import { isSellable } from './sellable.js'
import { stopDueAt } from './stop-troubles.js'

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
  const net = openOf(view)
  const isSpot = rules.instrument.kind === 'spot' || rules.instrument.kind === 'stock'
  if (net.isNegative && !isSpot && isSellable(rules, net.abs(), lot.stopPrice)) return planCorrection(view, rules, plan)
  const entries = working(view, 'entry')
  // An intent's expiry ends its entry; once something was closed, the rest would open anew what was just left.
  const hasClosed = lot.closed.quantity.isPositive || net.lessThan(netQuantity(lot))
  const isEntryOver = lot.leaving !== null || hasClosed || now >= lot.intent.expiresAt
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
  const reached = reachedTarget(lot, touchPrice(view.market, closingSide(lot)), plan)
  if (reached !== null && fired === undefined) return { steps: [reached], askAgainAt: null }
  const hasTarget = plan.target && !lot.withoutTarget && fired === undefined
  const isPaired = steps.some((step) => step.type === 'stop' && step.group === group)
  const targets = working(view, 'target')
  steps.push(...(hasTarget ? planTargets(view, rules, plan, open, isPaired, group) : cancels(targets, now)))
  const firedDue = fired === undefined ? null : fired.since + plan.triggeredMs
  const retryAt = placeStopAt(view, plan)
  const retryDue = now < retryAt ? retryAt : null
  const clearsAt = unclearAt(targets, now, plan.unclearAfterMs)
  return { steps, askAgainAt: earliest(firedDue, retryDue, clearsAt, cancelDueAt([...stops, ...targets])) }
}

/** Where the exchange holds no target beside the stop, the price is watched instead: at the target the position is left. */
export function reachedTarget(lot: Lot, touch: number | null, plan: ProtectionPlan): Step | null {
  if (!plan.target || !lot.withoutTarget || touch === null) return null
  const target = Number(lot.intent.targetPrice)
  if (lot.intent.direction === 'long' ? touch < target : touch > target) return null
  return leave(
    'takeProfit',
    'inspector.protection.target-reached',
    `The price ${touch} has reached the target ${target}.`,
  )
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
    if (missing.isPositive) steps.push(...placeStop(view, rules, plan, stops, missing, group))
  }
  return steps
}

/** Not earlier than after the pause that a refusal asks for, and after a fill has had the time to be told. */
function placeStopAt(view: LotView, plan: ProtectionPlan): number {
  const refusedUntil = stopDueAt(view.lot, plan.stopRetryMs)
  return Math.max(refusedUntil, siblingDueAt(view, plan.siblingMs) ?? refusedUntil)
}

/** A stop for what is missing, or what has to go before it, or why there can be none. */
function placeStop(
  view: LotView,
  rules: InstrumentRules,
  plan: ProtectionPlan,
  stops: readonly TrackedOrder[],
  missing: Decimal,
  group: string,
): readonly Step[] {
  const { lot, now } = view
  if (rules.instrument.status !== 'trading') return []
  const fits = isSellable(rules, missing, lot.stopPrice)
  if (!fits || stops.length >= (lot.joinsStops ? 1 : plan.maxStops)) {
    const joined = joinNewest(stops)
    return joined === null ? [] : [joined]
  }
  const late = whyNotStop(view, rules, plan)
  if (late !== null) return [late]
  if (now < placeStopAt(view, plan)) return []
  const quantity = rules.maxQuantity === null ? missing : missing.min(rules.maxQuantity)
  const joinable = joinableGroup(view, 'stop')
  const rivals = joinable === null ? rivalsOf(view, rules) : []
  const isWaiting = rivals.some((it) => !isUnclear(it, now, plan.unclearAfterMs))
  if (isWaiting) return cancels(rivals, now)
  return [...cancels(rivals, now), { type: 'stop', quantity, group: joinable ?? group }]
}

/**
 * Targets that hold what a new stop is to sell: on spot what rests is set aside, and only orders of one group share it. After a
 * target has filled in part its group is spent, so what is left of it goes, and comes back beside the new stop.
 */
function rivalsOf(view: LotView, rules: InstrumentRules): readonly TrackedOrder[] {
  const { kind } = rules.instrument
  if (kind !== 'spot' && kind !== 'stock') return []
  const paired = new Set(working(view, 'stop').map(({ order }) => order.ocoGroup))
  return working(view, 'target').filter(({ order }) => !paired.has(order.ocoGroup))
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
