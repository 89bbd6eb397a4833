import type { Decimal, InstrumentRules } from '@barfinex/core'
import { restingQuantity } from '../tracked-order.js'
import { cancel, cancels, joinableGroup, type LotView, type Step, shrink, sum, working } from './lot-view.js'
import type { ProtectionPlan } from './protection-plan.js'
import { isSellable } from './sellable.js'

/**
 * Keeps targets as large as the open quantity. A target is a chance, not a protection: it is placed after the stop, in its
 * group, and given up when it stands in the stop's way.
 */
export function planTargets(
  view: LotView,
  rules: InstrumentRules,
  plan: ProtectionPlan,
  open: Decimal,
  isPaired: boolean,
  group: string,
): readonly Step[] {
  const { lot, now } = view
  const targets = working(view, 'target')
  const staying = targets.filter((target) => target.cancelAskedAt === null)
  const covered = sum(staying)
  if (covered.greaterThan(open)) return shrink(staying, covered.minus(open))
  const going = targets.filter((target) => target.cancelAskedAt !== null)
  const repeated = cancels(going, now)
  const missing = open.minus(covered).minus(sum(going))
  if (!missing.isPositive || rules.instrument.status !== 'trading') return repeated
  const last = staying.at(-1)
  const fits = isSellable(rules, missing, lot.stopPrice)
  if (last !== undefined && (!fits || staying.length >= plan.maxStops)) {
    return restingQuantity(last).isPositive ? [...repeated, cancel(last)] : repeated
  }
  if (!fits) return repeated
  const quantity = rules.maxQuantity === null ? missing : missing.min(rules.maxQuantity)
  const joined = isPaired ? group : joinableGroup(view, 'target')
  return [...repeated, { type: 'target', quantity, group: joined ?? `${group.slice(0, 24)}-t` }]
}
