import { type Decimal, type InstrumentRules, roundQuantity } from '@barfinex/core'
import { closingSide, netQuantity, openingSide } from './lot.js'
import { cancels, type LotView, type Step, sum, working } from './lot-view.js'
import type { Plan } from './plan-protection.js'
import type { ProtectionPlan } from './protection-plan.js'
import { exitLimit } from './protective-order.js'
import { isSellable } from './sellable.js'

/** Exits of one lot after which a person is told, and the pace slows down. */
export const manyExits = 5

/**
 * Sells what is open, again and again until nothing is. The stop stays until then, and as large as what is left, so the lot is
 * never without both: `stops` are the steps that see to it. On spot the protective orders hold what is to be sold, so there they
 * go first.
 */
export function planLeaving(
  view: LotView,
  rules: InstrumentRules,
  plan: ProtectionPlan,
  open: Decimal,
  stops: readonly Step[],
): Plan {
  const { lot, now } = view
  const isSpot = rules.instrument.kind === 'spot' || rules.instrument.kind === 'stock'
  const inTheWay = isSpot ? working(view, 'stop', 'target') : working(view, 'target')
  const steps = [...cancels(inTheWay, now), ...(isSpot ? [] : stops.filter(({ type }) => type !== 'leave'))]
  const missing = open.minus(sum(working(view, 'exit')))
  // A pause of the exchange ends with a message; a cancel too.
  if (rules.instrument.status !== 'trading' || (isSpot && inTheWay.length > 0)) return { steps, askAgainAt: null }
  return exitPlan(view, rules, plan, steps, { type: 'exit', side: closingSide(lot), quantity: missing })
}

/** More was closed than was open: two exits have raced. What that has opened the wrong way is closed again. */
export function planCorrection(view: LotView, rules: InstrumentRules, plan: ProtectionPlan): Plan {
  const { lot, now } = view
  const against = working(view, 'stop', 'target', 'exit').filter(({ order }) => order.side === closingSide(lot))
  const steps = cancels([...against, ...working(view, 'entry')], now)
  const pending = sum(working(view, 'exit').filter(({ order }) => order.side === openingSide(lot)))
  const missing = roundQuantity(rules, netQuantity(lot).abs()).minus(pending)
  return exitPlan(view, rules, plan, steps, { type: 'exit', side: openingSide(lot), quantity: missing })
}

function exitPlan(
  { lot, market, now }: LotView,
  rules: InstrumentRules,
  plan: ProtectionPlan,
  steps: readonly Step[],
  exit: Extract<Step, { type: 'exit' }>,
): Plan {
  const pauseMs = lot.attempts.exit < manyExits ? plan.exitRetryMs : plan.exitRetryMs * 10
  const dueAt = lot.exitTriedAt === null ? now : lot.exitTriedAt + pauseMs
  if (!isSellable(rules, exit.quantity, lot.stopPrice)) return { steps, askAgainAt: null }
  if (now < dueAt) return { steps, askAgainAt: dueAt }
  const price = exitLimit(lot, market, plan.collar, exit.side).plus(rules.tick)
  const quantity = exit.quantity.min(mostAtOnce(rules, price) ?? exit.quantity)
  return { steps: [...steps, { ...exit, quantity }], askAgainAt: now + pauseMs }
}

/** What one order may leave by: a position that has grown beyond the largest order is left in several. */
function mostAtOnce(rules: InstrumentRules, price: Decimal): Decimal | null {
  const { maxQuantity, maxNotional } = rules
  const byNotional =
    maxNotional === null ? null : roundQuantity(rules, maxNotional.dividedBy(price, 16, 'towardZero')).max(rules.step)
  if (maxQuantity === null || byNotional === null) return maxQuantity ?? byNotional
  return maxQuantity.min(byNotional)
}
