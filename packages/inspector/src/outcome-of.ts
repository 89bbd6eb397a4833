import { type Decimal, decimal, derivedId, type TradeOutcome } from '@barfinex/core'
import { type ExitReason, type Lot, wasMoved } from './protect/lot.js'

/** Digits of mean prices and of results that a division is part of. */
const digits = 12

/**
 * How the lot ended, exact: gross result is money in minus money out on the price side, net takes the fees away.
 *
 * A remainder too small to be sold stays on the account with its share of the cost, until the next lot sells it along; that share alone is
 * rounded, half-even at 12 digits. `null` when nothing was closed, so that there is no result.
 */
export function outcomeOf(lot: Lot, accountId: string, closedAt: number): TradeOutcome | null {
  const { intent, opened, closed, entered } = lot
  if (!closed.quantity.isPositive || !entered.quantity.isPositive || lot.openedAt === null) return null
  const had = opened.quantity.plus(lot.carried.quantity)
  const paid = opened.notional.plus(lot.carried.notional)
  const isWhole = closed.quantity.equals(had)
  const cost = isWhole ? paid : paid.times(closed.quantity).dividedBy(had, digits, 'halfEven')
  const gained = closed.notional.minus(cost)
  const gross = intent.direction === 'long' ? gained : gained.negated()
  const net = gross.minus(lot.fees)
  const entryPrice = entered.notional.dividedBy(entered.quantity, digits, 'halfEven')
  const exitPrice = closed.notional.dividedBy(closed.quantity, digits, 'halfEven')
  const quantity = closed.quantity.min(entered.quantity)
  return {
    outcomeId: derivedId('outcome', accountId, intent.intentId),
    account: accountId,
    intentId: intent.intentId,
    decisionId: intent.decisionId,
    signalId: intent.signalId,
    strategyId: intent.strategyId,
    symbol: intent.symbol,
    direction: intent.direction,
    quantity: quantity.toString(),
    entryPrice: entryPrice.toString(),
    exitPrice: exitPrice.toString(),
    grossPnl: gross.toString(),
    fees: lot.fees.toString(),
    netPnl: net.toString(),
    resultR: resultR(net, entryPrice, quantity, lot),
    exitReason: exitReasonOf(lot),
    probability: intent.probability,
    regime: intent.regime,
    openedAt: lot.openedAt,
    closedAt,
  }
}

/** Net result over the risk first taken: distance from the mean entry to the first stop, else from the reference price. */
function resultR(net: Decimal, entryPrice: Decimal, quantity: Decimal, lot: Lot): number {
  const stop = decimal(lot.intent.stopPrice)
  const taken = entryPrice.minus(stop).abs()
  const distance = taken.isZero ? decimal(lot.intent.referencePrice).minus(stop).abs() : taken
  const result = net.toNumber() / distance.times(quantity).toNumber()
  return Number.isFinite(result) ? Math.round(result * 1e8) / 1e8 : 0
}

/** What closed most of it. A stop that had been moved by then is a trailing stop; an exit that is not ours was forced. */
function exitReasonOf(lot: Lot): ExitReason {
  const { stop, target, exit } = lot.closedBy
  if (exit.greaterThan(stop) && exit.greaterThan(target)) return lot.leaving ?? 'forceExit'
  if (target.greaterThan(stop)) return 'takeProfit'
  return wasMoved(lot) ? 'trailingStop' : 'stopLoss'
}
