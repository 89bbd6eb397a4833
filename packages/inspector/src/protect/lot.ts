import {
  type Cause,
  Decimal,
  decimal,
  type ExecutionIntent,
  type Fill,
  type Order,
  type OrderPurpose,
  type TradeOutcome,
} from '@barfinex/core'

export type ExitReason = TradeOutcome['exitReason']

/** Quantity and notional of some fills, exact. */
export interface Sum {
  readonly quantity: Decimal
  readonly notional: Decimal
}

/**
 * What one intent has opened: its entry, its way out, and everything needed to protect it and to tell how it ended.
 * Several lots make up the position of a symbol, each with its own stop and target.
 */
export interface Lot {
  readonly intent: ExecutionIntent
  readonly entryOrderId: string
  /** What led to it: messages about it carry its trail. */
  readonly cause: Cause
  /** Fills of the entry order. */
  readonly entered: Sum
  /** Fills on the opening side, corrections included. */
  readonly opened: Sum
  /** Fills on the closing side. */
  readonly closed: Sum
  /** Closed quantity by the purpose of the orders that closed it. */
  readonly closedBy: Readonly<Record<OrderPurpose, Decimal>>
  /** What earlier lots of the symbol have left and this one has taken along, with its cost. */
  readonly carried: Sum
  /** Base asset that fees took away, in base. */
  readonly lostToFees: Decimal
  /** Everything paid in fees, converted to quote at the fill's price where it was paid in base. */
  readonly fees: Decimal
  /** Asset of a fee that could not be converted and is not in `fees`; `null` when there is none. */
  readonly unpricedFeeAsset: string | null
  /** Where the stop belongs now; it only ever moves towards profit. */
  readonly stopPrice: Decimal
  /** Trigger of the first stop: the intent's price on the tick grid; `null` before there was one. */
  readonly firstTrigger: string | null
  /** Best price seen since it opened, for the side that would close it; `null` before the first. */
  readonly bestPrice: number | null
  readonly openedAt: number | null
  readonly lastFillAt: number | null
  /** Set once the lot is to be left: it is then sold, not protected. */
  readonly leaving: ExitReason | null
  /** Orders made so far, by purpose: the next one's attempt. */
  readonly attempts: Readonly<Record<OrderPurpose, number>>
  /** Stops refused in a row. */
  readonly stopFailures: number
  /** When the last of them was; `null` before the first. */
  readonly stopRefusedAt: number | null
  /** The exchange takes no further stop beside those that rest: all is covered by one. */
  readonly joinsStops: boolean
  readonly targetFailures: number
  /** Instants at which a resting stop was lost without our doing. */
  readonly stopLosses: readonly number[]
  /** The stops that were lost so. */
  readonly missedStops: readonly string[]
  /** Given up for the sake of the stop. */
  readonly withoutTarget: boolean
  /** When the last exit was tried. */
  readonly exitTriedAt: number | null
}

const nothing: Sum = Object.freeze({ quantity: Decimal.zero, notional: Decimal.zero })

export function openLot(intent: ExecutionIntent, entryOrderId: string, cause: Cause): Lot {
  const zero = Decimal.zero
  return {
    intent,
    entryOrderId,
    cause,
    entered: nothing,
    opened: nothing,
    closed: nothing,
    closedBy: { entry: zero, stop: zero, target: zero, exit: zero },
    carried: nothing,
    lostToFees: zero,
    fees: zero,
    unpricedFeeAsset: null,
    stopPrice: decimal(intent.stopPrice),
    firstTrigger: null,
    bestPrice: null,
    openedAt: null,
    lastFillAt: null,
    leaving: null,
    attempts: { entry: 1, stop: 0, target: 0, exit: 0 },
    stopFailures: 0,
    stopRefusedAt: null,
    joinsStops: false,
    targetFailures: 0,
    stopLosses: [],
    missedStops: [],
    withoutTarget: false,
    exitTriedAt: null,
  }
}

/** Folds a fill that belongs to the lot. */
export function withLotFill(lot: Lot, fill: Fill): Lot {
  const quantity = decimal(fill.quantity)
  const price = decimal(fill.price)
  const part: Sum = { quantity, notional: price.times(quantity) }
  const isOpening = fill.side === openingSide(lot)
  const fee = feeOf(fill, price)
  return {
    ...lot,
    entered: fill.purpose === 'entry' && isOpening ? add(lot.entered, part) : lot.entered,
    opened: isOpening ? add(lot.opened, part) : lot.opened,
    closed: isOpening ? lot.closed : add(lot.closed, part),
    closedBy: isOpening ? lot.closedBy : { ...lot.closedBy, [fill.purpose]: lot.closedBy[fill.purpose].plus(quantity) },
    lostToFees: lot.lostToFees.plus(fee.base),
    fees: lot.fees.plus(fee.quote),
    unpricedFeeAsset: fee.unpriced ?? lot.unpricedFeeAsset,
    openedAt: lot.openedAt ?? fill.occurredAt,
    lastFillAt: fill.occurredAt,
  }
}

/** Folds an order that was made for the lot: the next one of its purpose is another, and a stop says where it belongs. */
export function withLotOrder(lot: Lot, order: Order, at: number): Lot {
  const attempts = { ...lot.attempts, [order.purpose]: Math.max(lot.attempts[order.purpose], order.attempt + 1) }
  if (order.purpose === 'exit') {
    const isLeaving = order.side === closingSide(lot)
    return { ...lot, attempts, exitTriedAt: at, leaving: lot.leaving ?? (isLeaving ? 'emergencyExit' : null) }
  }
  if (order.purpose !== 'stop' || order.triggerPrice === null) return { ...lot, attempts }
  const firstTrigger = lot.firstTrigger ?? order.triggerPrice
  const wasMoved = order.triggerPrice !== firstTrigger
  return { ...lot, attempts, firstTrigger, stopPrice: wasMoved ? decimal(order.triggerPrice) : lot.stopPrice }
}

/** Open quantity in the lot's direction; below zero when more was closed than was open. */
export function netQuantity(lot: Lot): Decimal {
  return lot.opened.quantity.plus(lot.carried.quantity).minus(lot.closed.quantity).minus(lot.lostToFees)
}

/** True once the stop is no longer where the intent wanted it. */
export function wasMoved(lot: Lot): boolean {
  return !lot.stopPrice.equals(decimal(lot.intent.stopPrice))
}

/** As a position: above zero long, below zero short. */
export function signedQuantity(lot: Lot): Decimal {
  const net = netQuantity(lot)
  return lot.intent.direction === 'long' ? net : net.negated()
}

export function openingSide(lot: Lot): 'buy' | 'sell' {
  return lot.intent.direction === 'long' ? 'buy' : 'sell'
}

export function closingSide(lot: Lot): 'buy' | 'sell' {
  return lot.intent.direction === 'long' ? 'sell' : 'buy'
}

function add(sum: Sum, part: Sum): Sum {
  return { quantity: sum.quantity.plus(part.quantity), notional: sum.notional.plus(part.notional) }
}

/** What a fee costs. The symbol says which asset is which: `BASE/QUOTE`, with `:SETTLE` behind it for contracts. */
function feeOf(
  fill: Fill,
  price: Decimal,
): { readonly quote: Decimal; readonly base: Decimal; readonly unpriced: string | null } {
  const fee = decimal(fill.fee)
  const { zero } = Decimal
  const [pair = '', settle] = fill.symbol.split(':')
  const [base, quote] = pair.split('/')
  if (fee.isZero || fill.feeAsset === quote) return { quote: fee, base: zero, unpriced: null }
  if (fill.feeAsset !== base) return { quote: zero, base: zero, unpriced: fill.feeAsset }
  return { quote: fee.times(price), base: settle === undefined ? fee : zero, unpriced: null }
}
