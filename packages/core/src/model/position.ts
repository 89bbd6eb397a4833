import type { PositionState } from '../flow/5-order.js'
import type { Side } from '../flow/primitives.js'
import { Decimal, type Rounding } from './decimal.js'

/** Digits after the point to which a mean entry price is kept. Results never use it: they use the exact cost. */
const averageDigits = 12

/** What is held of one symbol, exact. Build with {@link flatPosition}, change with {@link applyFill}. */
export interface Position {
  readonly symbol: string
  /** Above zero is long, below is short, in base. */
  readonly signedQuantity: Decimal
  /** What the open quantity cost (long) or brought (short), in quote, never negative. */
  readonly openCost: Decimal
  /** Result of everything closed, in quote, before fees. */
  readonly realizedPnl: Decimal
  readonly feesPaid: Decimal
  readonly openedAt: number | null
}

/** One execution as a position sees it. */
export interface PositionFill {
  readonly side: Side
  readonly price: Decimal
  /** In base, above zero. */
  readonly quantity: Decimal
  /** In quote. */
  readonly feeQuote: Decimal
  readonly occurredAt: number
}

export function flatPosition(symbol: string): Position {
  return {
    symbol,
    signedQuantity: Decimal.zero,
    openCost: Decimal.zero,
    realizedPnl: Decimal.zero,
    feesPaid: Decimal.zero,
    openedAt: null,
  }
}

/** How the cost of a part that closes is rounded. */
export interface CostRounding {
  readonly digits: number
  readonly rounding: Rounding
}

const usualRounding: CostRounding = { digits: averageDigits, rounding: 'halfEven' }

/**
 * Folds one fill at mean cost. A fill larger than the open quantity closes it and opens the rest the other way.
 *
 * When part of a position closes, its share of the cost is `openCost * closed / open`, rounded half-even at 12 digits unless
 * `costRounding` says otherwise (an account must round as its exchange does to agree with it to the last digit); closing the
 * rest takes what is left, so opening and closing always sum exactly: realised result equals money in minus money out.
 */
export function applyFill(
  position: Position,
  fill: PositionFill,
  costRounding: CostRounding = usualRounding,
): Position {
  const signed = fill.side === 'buy' ? fill.quantity : fill.quantity.negated()
  const before = position.signedQuantity
  const feesPaid = position.feesPaid.plus(fill.feeQuote)
  const isSameWay = before.isZero || before.isPositive === signed.isPositive
  if (isSameWay) {
    return {
      ...position,
      signedQuantity: before.plus(signed),
      openCost: position.openCost.plus(fill.price.times(fill.quantity)),
      feesPaid,
      openedAt: before.isZero ? fill.occurredAt : position.openedAt,
    }
  }
  const closing = fill.quantity.min(before.abs())
  const isWhole = closing.equals(before.abs())
  const cost = isWhole
    ? position.openCost
    : position.openCost.times(closing).dividedBy(before.abs(), costRounding.digits, costRounding.rounding)
  const proceeds = fill.price.times(closing)
  const gained = before.isPositive ? proceeds.minus(cost) : cost.minus(proceeds)
  const rest = fill.quantity.minus(closing)
  const after = before.plus(signed)
  return {
    symbol: position.symbol,
    signedQuantity: after,
    openCost: isWhole ? fill.price.times(rest) : position.openCost.minus(cost),
    realizedPnl: position.realizedPnl.plus(gained),
    feesPaid,
    openedAt: after.isZero ? null : rest.isZero ? position.openedAt : fill.occurredAt,
  }
}

/** Mean entry price to 12 digits, half-even; `null` when flat. */
export function averagePriceOf(position: Position): Decimal | null {
  if (position.signedQuantity.isZero) return null
  return position.openCost.dividedBy(position.signedQuantity.abs(), averageDigits, 'halfEven')
}

/** Result of the open quantity at `price`, in quote, before fees. */
export function unrealizedPnl(position: Position, price: Decimal): Decimal {
  const worth = price.times(position.signedQuantity.abs())
  return position.signedQuantity.isNegative ? position.openCost.minus(worth) : worth.minus(position.openCost)
}

/** As a message. */
export function positionMessage(position: Position): PositionState {
  const { signedQuantity } = position
  return {
    symbol: position.symbol,
    side: signedQuantity.isZero ? 'flat' : signedQuantity.isPositive ? 'long' : 'short',
    quantity: signedQuantity.abs().toString(),
    averagePrice: averagePriceOf(position)?.toString() ?? null,
    realizedPnl: position.realizedPnl.toString(),
    feesPaid: position.feesPaid.toString(),
    openedAt: position.openedAt,
  }
}
