import type { Decimal, InstrumentRules } from '@barfinex/core'
import { restingQuantity } from '../tracked-order.js'
import { cancels, joinableGroup, joinNewest, type LotView, type Step, shrink, sum, working } from './lot-view.js'
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
  if (!isSellable(rules, missing, lot.stopPrice) || targets.length >= plan.maxStops) {
    const joined = joinNewest(targets)
    return joined === null ? repeated : [...repeated, joined]
  }
  const quantity = rules.maxQuantity === null ? missing : missing.min(rules.maxQuantity)
  const own = isPaired ? group : joinableGroup(view, 'target')
  const { kind } = rules.instrument
  // On spot a stop holds what it is to sell: beside it, outside its group, a target would sell the same once more; and where it
  // came first, it would hold what the stop needs.
  if ((kind === 'spot' || kind === 'stock') && (own === null || !isStanding(view, own))) return repeated
  return [...repeated, { type: 'target', quantity, group: own ?? `${group.slice(0, 24)}-t` }]
}

/** A stop of this group rests at the exchange. */
function isStanding(view: LotView, group: string): boolean {
  return working(view, 'stop').some((it) => it.order.ocoGroup === group && restingQuantity(it).isPositive)
}
