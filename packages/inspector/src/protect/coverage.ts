import { Decimal, type Protection, roundQuantity } from '@barfinex/core'
import { restingQuantity } from '../tracked-order.js'
import type { Lot } from './lot.js'
import { type LotView, openOf, sum, working } from './lot-view.js'
import { isSellable } from './sellable.js'

/** How much of what one symbol holds is covered at the exchange. */
export interface Coverage {
  readonly status: Protection['status']
  /** Open quantity that can be protected, in base. */
  readonly open: Decimal
  readonly covered: Decimal
  readonly stopPrice: string | null
  readonly targetPrice: string | null
  readonly stopOrderId: string | null
  readonly targetOrderId: string | null
  /** Lots with open quantity that nothing covers. */
  readonly nakedLots: readonly Lot[]
}

/**
 * Reads the cover of one symbol from its lots: for each, what rests as stops or is being sold, but no more than it holds.
 * What has not been acknowledged covers nothing; where the exchange alone knows, the answer is `unknown`.
 */
export function coverageOf(views: readonly LotView[], isAccountKnown: boolean): Coverage {
  let open = Decimal.zero
  let covered = Decimal.zero
  let uncertain = Decimal.zero
  const nakedLots: Lot[] = []
  for (const view of views) {
    const held = protectable(view)
    const covering = working(view, 'stop', 'exit')
    const trusted = covering.filter(({ order }) => !view.doubted.has(order.clientOrderId))
    const resting = trusted.reduce((total, it) => total.plus(restingQuantity(it)), Decimal.zero)
    const doubtful = sum(covering.filter(({ state }) => state === 'uncertain'))
    open = open.plus(held)
    covered = covered.plus(resting.min(held))
    uncertain = uncertain.plus(doubtful.min(held))
    if (resting.lessThan(held)) nakedLots.push(view.lot)
  }
  const orders = views.flatMap((view) => working(view, 'stop', 'target'))
  const stop = orders.find(({ order }) => order.purpose === 'stop')
  const target = orders.find(({ order }) => order.purpose === 'target')
  return {
    status: statusOf(open, covered, uncertain, isAccountKnown),
    open,
    covered,
    stopPrice: stop?.order.triggerPrice ?? null,
    targetPrice: target?.order.limitPrice ?? null,
    stopOrderId: stop?.order.clientOrderId ?? null,
    targetOrderId: target?.order.clientOrderId ?? null,
    nakedLots,
  }
}

/** What of a lot can be protected: whole steps, unless it is dust. */
function protectable(view: LotView): Decimal {
  const { lot, rules } = view
  const held = openOf(view).max(Decimal.zero)
  if (rules === null) return held
  const whole = roundQuantity(rules, held)
  return isSellable(rules, whole, lot.stopPrice) ? whole : Decimal.zero
}

function statusOf(open: Decimal, covered: Decimal, uncertain: Decimal, isAccountKnown: boolean): Protection['status'] {
  if (open.isZero) return isAccountKnown ? 'flat' : 'unknown'
  if (!isAccountKnown) return 'unknown'
  if (!covered.lessThan(open)) return 'covered'
  if (!covered.plus(uncertain).lessThan(open)) return 'unknown'
  return covered.isPositive ? 'partial' : 'naked'
}
