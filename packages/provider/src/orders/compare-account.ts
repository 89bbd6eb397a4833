import { Decimal, decimal, isResting, type Position } from '@barfinex/core'
import type { AccountSnapshot, OrderRecord } from '../exchanges/exchange.js'
import type { TrackedOrder } from './tracked-order.js'

/** One thing in which the ledger and the exchange do not agree. */
export interface Difference {
  readonly kind: 'balance' | 'position' | 'missing-order' | 'unknown-order' | 'order-fill' | 'order-terms'
  /** Asset, symbol or client order id. */
  readonly key: string
  /** Symbol it is about; `null` for a balance. */
  readonly symbol: string | null
  readonly ours: string
  readonly theirs: string
}

export interface LedgerView {
  readonly totals: ReadonlyMap<string, Decimal>
  /** Contract positions; cash instruments have none at the exchange. */
  readonly contracts: readonly Position[]
  readonly openOrders: readonly TrackedOrder[]
  isKnownOrder(clientOrderId: string): boolean
  /** Whether the exchange knows orders of this symbol that can only reduce; on a cash market it has no such thing. */
  knowsReduceOnly(symbol: string): boolean
}

/** Mean prices may differ by this share: exchanges round theirs. */
const priceTolerance = decimal('0.0001')

/**
 * Holds the ledger against the exchange's own view, both ways and to the last digit. Orders on their way (submitted, being
 * canceled, uncertain) are not held against it: their fate is asked for one by one.
 */
export function compareAccount(ours: LedgerView, theirs: AccountSnapshot): readonly Difference[] {
  return [...balances(ours, theirs), ...positions(ours, theirs), ...orders(ours, theirs)]
}

function balances({ totals }: LedgerView, theirs: AccountSnapshot): Difference[] {
  const reported = new Map(theirs.balances.map((balance) => [balance.asset, decimal(balance.total)]))
  return [...new Set([...totals.keys(), ...reported.keys()])].sort().flatMap((asset): Difference[] => {
    const mine = totals.get(asset) ?? Decimal.zero
    const other = reported.get(asset) ?? Decimal.zero
    if (mine.equals(other)) return []
    return [{ kind: 'balance', key: asset, symbol: null, ours: mine.toString(), theirs: other.toString() }]
  })
}

function positions({ contracts }: LedgerView, theirs: AccountSnapshot): Difference[] {
  const mine = new Map(contracts.map((position) => [position.symbol, position]))
  const reported = new Map(theirs.positions.map((position) => [position.symbol, position]))
  return [...new Set([...mine.keys(), ...reported.keys()])].sort().flatMap((symbol): Difference[] => {
    const position = mine.get(symbol)
    const other = reported.get(symbol)
    const held = position?.signedQuantity ?? Decimal.zero
    const quantity = decimal(other?.quantity ?? '0')
    const signed = other?.side === 'short' ? quantity.negated() : quantity
    const isSame = held.equals(signed) && (held.isZero || isNear(position, decimal(other?.averagePrice ?? '0')))
    if (isSame) return []
    const price = position === undefined || held.isZero ? '' : ` at cost ${position.openCost}`
    return [
      {
        kind: 'position',
        key: symbol,
        symbol,
        ours: `${held}${price}`,
        theirs: other === undefined ? '0' : `${signed} at ${other.averagePrice}`,
      },
    ]
  })
}

function isNear(position: Position | undefined, averagePrice: Decimal): boolean {
  if (position === undefined) return false
  const cost = averagePrice.times(position.signedQuantity.abs())
  const off = cost.minus(position.openCost).abs()
  return off.compare(position.openCost.times(priceTolerance)) <= 0
}

function orders(ours: LedgerView, theirs: AccountSnapshot): Difference[] {
  const reported = new Map(theirs.openOrders.map((record) => [record.clientOrderId, record]))
  const differences: Difference[] = []
  for (const tracked of ours.openOrders) {
    const { order, state, filled } = tracked
    if (!isResting(state)) continue
    const record = reported.get(order.clientOrderId)
    const { clientOrderId, symbol } = order
    if (record === undefined) {
      differences.push({ kind: 'missing-order', key: clientOrderId, symbol, ours: state, theirs: 'none' })
    } else if (!filled.equals(decimal(record.filledQuantity))) {
      const { filledQuantity } = record
      differences.push({
        kind: 'order-fill',
        key: clientOrderId,
        symbol,
        ours: filled.toString(),
        theirs: filledQuantity,
      })
    }
    if (record === undefined) continue
    const [mine, other] = [order, record].map((it) => termsOf(it, tracked, ours.knowsReduceOnly(symbol)))
    if (mine === other) continue
    differences.push({ kind: 'order-terms', key: clientOrderId, symbol, ours: mine ?? '', theirs: other ?? '' })
  }
  for (const record of theirs.openOrders) {
    if (!isOurs(ours, record)) {
      const { clientOrderId, symbol, state } = record
      differences.push({ kind: 'unknown-order', key: clientOrderId, symbol, ours: 'none', theirs: state })
    }
  }
  return differences
}

/** An order we hold for final cannot rest there: then it is as unknown as one we have never seen. */
function isOurs({ openOrders, isKnownOrder }: LedgerView, record: OrderRecord): boolean {
  return isKnownOrder(record.clientOrderId) && openOrders.some((it) => it.order.clientOrderId === record.clientOrderId)
}

/** What makes an order protect: its side, where it wakes, and that it cannot open. As text, so that it can be shown. */
function termsOf(
  { side, triggerPrice, reduceOnly }: Pick<OrderRecord, 'side' | 'triggerPrice' | 'reduceOnly'>,
  { order, isTriggered }: TrackedOrder,
  knowsReduceOnly: boolean,
): string {
  // A stop that follows the price, or has woken, is where it was sent to no more.
  const isFixed = order.trailingBps === null && !isTriggered
  const trigger = isFixed && triggerPrice !== null ? ` at ${decimal(triggerPrice)}` : ''
  return `${side}${trigger}${knowsReduceOnly && reduceOnly ? ' reduce-only' : ''}`
}
