import { type AccountState, Decimal, decimal, type InstrumentRules, type Order } from '@barfinex/core'
import { markPrice } from './market-view.js'
import { type Lot, signedQuantity } from './protect/lot.js'
import { isSellable } from './protect/sellable.js'
import type { Exposure, MarketView, SymbolExposure } from './situation.js'
import { isLive, openQuantity, type TrackedOrder } from './tracked-order.js'

/** Stop and target of what is open or may still be filled. */
const ordersToProtect = 2

/** What an exposure is made of. */
export interface ExposureSources {
  readonly account: AccountState | null
  readonly lots: Iterable<Lot>
  readonly orders: Iterable<TrackedOrder>
  readonly rulesOf: (symbol: string) => InstrumentRules | null
  readonly marketOf: (symbol: string) => MarketView
}

interface Row {
  lots: Decimal
  ledger: Decimal
  reserved: Decimal
  promised: Decimal
  entryCount: number
  /** Protective orders that live, and that every lot is entitled to. */
  protectiveCount: number
  stopCount: number
  entitledCount: number
  isLeaving: boolean
  closing: Map<string, Decimal>
  lowestSell: Decimal | null
  highestBuy: Decimal | null
}

/**
 * What the account holds and has promised. A fill moves from promise to position in one step, because both are folded from the
 * same fills. Where the ledger and our own count differ, the larger one counts; dust counts as nothing.
 */
export function exposureFrom({ account, lots, orders, rulesOf, marketOf }: ExposureSources): Exposure {
  const rows = new Map<string, Row>()
  const rowOf = (symbol: string): Row => {
    const row = rows.get(symbol) ?? emptyRow()
    rows.set(symbol, row)
    return row
  }
  for (const { symbol, side, quantity } of account?.positions ?? []) {
    if (side !== 'flat') rowOf(symbol).ledger = side === 'short' ? decimal(quantity).negated() : decimal(quantity)
  }
  for (const lot of lots) {
    const row = rowOf(lot.intent.symbol)
    row.lots = row.lots.plus(signedQuantity(lot))
    row.entitledCount += ordersToProtect
    row.isLeaving ||= lot.leaving !== null
  }
  for (const tracked of orders) {
    if (!isLive(tracked)) continue
    const row = rowOf(tracked.order.symbol)
    countPrice(row, tracked.order)
    if (tracked.order.purpose !== 'entry') {
      row.protectiveCount += 1
      if (tracked.order.purpose === 'stop') row.stopCount += 1
      countClosing(row, tracked)
      continue
    }
    const open = openQuantity(tracked)
    row.reserved = row.reserved.plus(open.times(tracked.price))
    row.promised = row.promised.plus(tracked.order.side === 'buy' ? open : open.negated())
    row.entryCount += 1
  }
  return summed(rows, rulesOf, marketOf)
}

function countClosing(row: Row, tracked: TrackedOrder): void {
  const { order, state, cancelAskedAt } = tracked
  if (state === 'uncertain' || cancelAskedAt !== null) return
  const key = order.ocoGroup ?? order.clientOrderId
  row.closing.set(key, openQuantity(tracked).max(row.closing.get(key) ?? Decimal.zero))
}

function countPrice(row: Row, { side, limitPrice }: Order): void {
  if (limitPrice === null) return
  const price = decimal(limitPrice)
  if (side === 'sell') row.lowestSell = row.lowestSell?.min(price) ?? price
  else row.highestBuy = row.highestBuy?.max(price) ?? price
}

function summed(
  rows: ReadonlyMap<string, Row>,
  rulesOf: ExposureSources['rulesOf'],
  marketOf: ExposureSources['marketOf'],
): Exposure {
  const symbols = new Map<string, SymbolExposure>()
  let positionsQuote: Decimal | null = Decimal.zero
  let reservedQuote = Decimal.zero
  let openCount = 0
  for (const [symbol, row] of rows) {
    const price = markPrice(marketOf(symbol))
    const held = withoutDust(larger(row.lots, row.ledger), rulesOf(symbol), price)
    const positionQuote = held.isZero
      ? Decimal.zero
      : price === null
        ? null
        : Decimal.fromNumber(price).times(held.abs())
    if (held.isZero && row.reserved.isZero && row.entitledCount === 0) continue
    symbols.set(symbol, {
      symbol,
      signedQuantity: held,
      positionQuote,
      reservedQuote: row.reserved,
      promisedQuantity: row.promised,
      isLeaving: row.isLeaving,
      closingQuantities: row.closing,
      lowestSell: row.lowestSell,
      highestBuy: row.highestBuy,
      stopCount: Math.max(row.stopCount, row.entitledCount / ordersToProtect),
      orderCount: row.entryCount + Math.max(row.protectiveCount, row.entitledCount),
    })
    positionsQuote = positionsQuote === null || positionQuote === null ? null : positionsQuote.plus(positionQuote)
    reservedQuote = reservedQuote.plus(row.reserved)
    if (!held.isZero || row.reserved.isPositive) openCount += 1
  }
  return { symbols, positionsQuote, reservedQuote, openCount }
}

function larger(lots: Decimal, ledger: Decimal): Decimal {
  return ledger.abs().greaterThan(lots.abs()) ? ledger : lots
}

/** A remainder that can neither be protected nor sold is held for nothing. */
function withoutDust(held: Decimal, rules: InstrumentRules | null, price: number | null): Decimal {
  if (held.isZero || rules === null || price === null) return held
  return isSellable(rules, held.abs(), Decimal.fromNumber(price)) ? held : Decimal.zero
}

function emptyRow(): Row {
  return {
    lots: Decimal.zero,
    ledger: Decimal.zero,
    reserved: Decimal.zero,
    promised: Decimal.zero,
    entryCount: 0,
    protectiveCount: 0,
    stopCount: 0,
    entitledCount: 0,
    isLeaving: false,
    closing: new Map(),
    lowestSell: null,
    highestBuy: null,
  }
}
