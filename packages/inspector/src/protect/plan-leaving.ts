import { type Decimal, type InstrumentRules, roundQuantity } from '@barfinex/core'
import { closingSide, openingSide } from './lot.js'
import { cancels, earliest, isUnclear, type LotView, openOf, type Step, sum, unclearAt, working } from './lot-view.js'
import type { Plan } from './plan-protection.js'
import type { ProtectionPlan } from './protection-plan.js'
import { exitLimit } from './protective-order.js'
import { isSellable } from './sellable.js'

/** However many exits are in doubt. */
const longestPauseMs = 120_000

/**
 * Sells what is open, again and again until nothing is. On contracts the stop stays until then, as large as what is left, so the lot
 * is never without both: `stops` are the steps that see to it. On spot the protective orders hold what is to be sold, so there they
 * go first; but nothing waits long for an answer about them, because Provider refuses to sell twice. And where the fate of
 * an exit is not known, or the next one is not due for long, the stop comes back meanwhile.
 */
export function planLeaving(
  view: LotView,
  rules: InstrumentRules,
  plan: ProtectionPlan,
  open: Decimal,
  stops: readonly Step[],
): Plan {
  const { lot, now } = view
  const { unclearAfterMs } = plan
  const isSpot = rules.instrument.kind === 'spot' || rules.instrument.kind === 'stock'
  const exits = working(view, 'exit')
  const staying = stops.filter(({ type }) => type !== 'leave')
  const targets = working(view, 'target')
  const restsUntil = exits.length === 0 ? exitDueAt(view, plan) : now
  if (isSpot && (exits.some((it) => isUnclear(it, now, unclearAfterMs)) || restsUntil > now + unclearAfterMs)) {
    return { steps: [...cancels(targets, now), ...staying], askAgainAt: restsUntil > now ? restsUntil : null }
  }
  const inTheWay = isSpot ? working(view, 'stop', 'target') : targets
  const steps = [...cancels(inTheWay, now), ...(isSpot ? [] : staying)]
  // A contract's exit can only reduce: where nobody else is there, one that may be lost is followed by another, under another id.
  const counted = isSpot || !view.isAlone ? exits : exits.filter((it) => !isUnclear(it, now, unclearAfterMs))
  const missing = open.minus(sum(counted))
  // A pause of the exchange ends with a message; a cancel too, or becomes unclear.
  const isWaiting = isSpot && inTheWay.some((it) => !isUnclear(it, now, unclearAfterMs))
  const clearsAt = unclearAt([...(isSpot ? inTheWay : []), ...exits], now, unclearAfterMs)
  if (rules.instrument.status !== 'trading' || isWaiting) return { steps, askAgainAt: clearsAt }
  const { steps: all, askAgainAt } = exitPlan(view, rules, plan, steps, closingSide(lot), missing)
  return { steps: all, askAgainAt: earliest(askAgainAt, clearsAt) }
}

/** More was closed than was open: two exits have raced. What that has opened the wrong way is closed again. */
export function planCorrection(view: LotView, rules: InstrumentRules, plan: ProtectionPlan): Plan {
  const { lot, now } = view
  const against = working(view, 'stop', 'target', 'exit').filter(({ order }) => order.side === closingSide(lot))
  const steps = cancels([...against, ...working(view, 'entry')], now)
  const pending = sum(working(view, 'exit').filter(({ order }) => order.side === openingSide(lot)))
  const missing = roundQuantity(rules, openOf(view).abs()).minus(pending)
  return exitPlan(view, rules, plan, steps, openingSide(lot), missing)
}

/** Exits in a row, counted back from the newest, that have sold nothing. Read from what is on record, so a restart counts the same. */
export function vainExits({ lot, orders }: Pick<LotView, 'lot' | 'orders'>): number {
  const useful = orders.filter(({ order, filled }) => order.purpose === 'exit' && filled.isPositive)
  const newest = Math.max(-1, ...useful.map(({ order }) => order.attempt))
  return lot.attempts.exit - 1 - newest
}

/**
 * Beyond the tries comes the market, once without a longer pause; what cannot be sold even there is tried ten times slower. With each exit
 * whose fate is not known the pause grows threefold: where nothing gets through, each of them is one more to be asked about afterwards.
 */
function exitPauseMs(view: LotView, plan: ProtectionPlan): number {
  const vain = vainExits(view)
  const isSlow = vain > plan.exitTries || (vain === plan.exitTries && !plan.exitBeyondCollar)
  const unclear = working(view, 'exit').filter((it) => isUnclear(it, view.now, plan.unclearAfterMs)).length
  const pauseMs = (isSlow ? plan.exitRetryMs * 10 : plan.exitRetryMs) * 3 ** Math.max(0, Math.min(unclear, 8) - 1)
  return Math.min(pauseMs, Math.max(longestPauseMs, plan.exitRetryMs * 10))
}

function exitDueAt(view: LotView, plan: ProtectionPlan): number {
  const { exitTriedAt } = view.lot
  return exitTriedAt === null ? view.now : exitTriedAt + exitPauseMs(view, plan)
}

function exitPlan(
  view: LotView,
  rules: InstrumentRules,
  plan: ProtectionPlan,
  steps: readonly Step[],
  side: 'buy' | 'sell',
  missing: Decimal,
): Plan {
  const { lot, market, now } = view
  const dueAt = exitDueAt(view, plan)
  if (!isSellable(rules, missing, lot.stopPrice)) return { steps, askAgainAt: null }
  if (now < dueAt) return { steps, askAgainAt: dueAt }
  const price = exitLimit(lot, market, plan.collar, side).plus(rules.tick)
  const quantity = missing.min(mostAtOnce(rules, price) ?? missing)
  const isAtMarket = plan.exitBeyondCollar && vainExits(view) >= plan.exitTries
  const exit: Step = { type: 'exit', side, quantity, isAtMarket }
  return { steps: [...steps, exit], askAgainAt: now + exitPauseMs(view, plan) }
}

/** What one order may leave by: a position that has grown beyond the largest order is left in several. */
function mostAtOnce(rules: InstrumentRules, price: Decimal): Decimal | null {
  const { maxQuantity, maxNotional } = rules
  const byNotional =
    maxNotional === null ? null : roundQuantity(rules, maxNotional.dividedBy(price, 16, 'towardZero')).max(rules.step)
  if (maxQuantity === null || byNotional === null) return maxQuantity ?? byNotional
  return maxQuantity.min(byNotional)
}
