import { Decimal, decimal, type Instrument, isFinal, type Order, type OrderState } from '@barfinex/core'
import type { ExchangeReport } from '../exchanges/exchange.js'
import { isCash } from '../orders/account-fold.js'

/** An order as the venue has it. */
export interface VenueOrder {
  readonly order: Order
  readonly takenAt: number
  /** Middle of the market when it came; 0 before the first quote. */
  readonly marketPrice: number
  state: OrderState
  filled: Decimal
}

/** A time during which something was open and no stop or exit for all of it stood at the venue. */
export interface NakedStretch {
  readonly symbol: string
  readonly from: number
  /** `null` while it lasts. */
  readonly to: number | null
  /** Most that was open without cover. */
  readonly quantity: string
}

type Fill = Extract<ExchangeReport, { type: 'fill' }>

/**
 * What really happened at the venue, told by the engine's own events and by nothing the system under test says: orders, fills,
 * positions, and for how long something open was not covered. Times are those of the test's clock.
 */
export class VenueTruth {
  readonly orders = new Map<string, VenueOrder>()
  readonly fills: Fill[] = []
  /** Positions that were turned around by an order which should only have closed them. */
  readonly reversals: string[] = []
  /** Ids that came more than once. */
  readonly repeated: string[] = []
  private readonly positions = new Map<string, Decimal>()
  private readonly naked = new Map<string, { from: number; quantity: Decimal }>()
  private readonly stretches: NakedStretch[] = []
  private instruments: readonly Instrument[]
  /** Largest step each symbol has had: what was sold by it may have left that much. */
  private readonly steps = new Map<string, Decimal>()

  constructor(instruments: readonly Instrument[]) {
    this.instruments = instruments
    for (const { symbol, stepSize } of instruments) this.steps.set(symbol, decimal(stepSize))
  }

  /** From now on these are the rules. */
  rule(instrument: Instrument): void {
    const { symbol, stepSize } = instrument
    this.steps.set(symbol, decimal(stepSize).max(this.steps.get(symbol) ?? Decimal.zero))
    this.instruments = this.instruments.map((it) => (it.symbol === symbol ? instrument : it))
  }

  taken(order: Order, marketPrice: number, at: number): void {
    if (this.orders.has(order.clientOrderId)) {
      this.repeated.push(order.clientOrderId)
      return
    }
    this.orders.set(order.clientOrderId, { order, takenAt: at, marketPrice, state: 'submitted', filled: Decimal.zero })
  }

  /** Folds the events of one act of the venue, then looks at what is covered. */
  fold(reports: readonly ExchangeReport[], prices: ReadonlyMap<string, number>, at: number): void {
    for (const report of reports) {
      const known = this.orders.get(report.clientOrderId)
      if (known === undefined) continue
      if (report.type === 'fill') this.fill(known, report)
      else if (report.type !== 'uncertain' && report.type !== 'cancelRejected') known.state = report.type
    }
    for (const instrument of this.instruments) this.watch(instrument, prices.get(instrument.symbol) ?? 0, at)
  }

  /** Open quantity, above zero long. */
  position(symbol: string): Decimal {
    return this.positions.get(symbol) ?? Decimal.zero
  }

  /** Every stretch without full cover, the present one too. */
  nakedStretches(): readonly NakedStretch[] {
    const open = [...this.naked].map(([symbol, { from, quantity }]) => ({
      symbol,
      from,
      to: null,
      quantity: quantity.toString(),
    }))
    return [...this.stretches, ...open]
  }

  private fill(known: VenueOrder, fill: Fill): void {
    this.fills.push(fill)
    known.filled = known.filled.plus(decimal(fill.quantity))
    known.state = known.filled.compare(decimal(known.order.quantity)) >= 0 ? 'filled' : 'partiallyFilled'
    const instrument = this.instruments.find((it) => it.symbol === fill.symbol)
    if (instrument === undefined) return
    const quantity = decimal(fill.quantity)
    const before = this.position(fill.symbol)
    let after = known.order.side === 'buy' ? before.plus(quantity) : before.minus(quantity)
    if (isCash(instrument) && fill.feeAsset === instrument.base) after = after.minus(decimal(fill.fee))
    this.positions.set(fill.symbol, after)
    const isTurned = (before.isPositive && after.isNegative) || (before.isNegative && after.isPositive)
    if (isTurned || (before.isZero && known.order.purpose !== 'entry')) {
      this.reversals.push(
        `${fill.clientOrderId} (${known.order.purpose}) took ${fill.symbol} from ${before} to ${after}`,
      )
    }
  }

  private watch(instrument: Instrument, price: number, at: number): void {
    const { symbol } = instrument
    const position = this.position(symbol)
    const since = this.naked.get(symbol)
    if (position.isZero && since === undefined) return
    const uncovered = position.abs().minus(this.covered(symbol, position.isPositive ? 'sell' : 'buy'))
    const isOpen =
      uncovered.isPositive && uncovered.greaterThan(this.rest(instrument)) && !isDust(instrument, position.abs(), price)
    if (isOpen) {
      if (since === undefined) this.naked.set(symbol, { from: at, quantity: uncovered })
      else since.quantity = since.quantity.max(uncovered)
    } else if (since !== undefined) {
      this.naked.delete(symbol)
      if (at > since.from)
        this.stretches.push({ symbol, from: since.from, to: at, quantity: since.quantity.toString() })
    }
  }

  /** A fee taken from what was bought leaves less than a step of each entry that no order can cover. */
  private rest({ symbol }: Instrument): Decimal {
    let entries = Decimal.zero
    for (const { order, filled } of this.orders.values()) {
      if (order.symbol === symbol && order.purpose === 'entry' && filled.isPositive) entries = entries.plus(Decimal.one)
    }
    return entries.times(this.steps.get(symbol) ?? Decimal.zero)
  }

  /** Quantity of stops that stand, and of exits that are being filled, on the closing side. */
  private covered(symbol: string, side: Order['side']): Decimal {
    let covered = Decimal.zero
    for (const { order, state, filled } of this.orders.values()) {
      if (order.symbol !== symbol || order.side !== side || isFinal(state) || state === 'submitted') continue
      const isCover = order.type === 'stopMarket' || order.type === 'stopLimit' || order.purpose === 'exit'
      if (isCover) covered = covered.plus(decimal(order.quantity).minus(filled))
    }
    return covered
  }
}

/** Too little to be sold, so nothing can protect it. */
function isDust(instrument: Instrument, quantity: Decimal, price: number): boolean {
  const least = decimal(instrument.minQuantity).max(decimal(instrument.stepSize))
  if (quantity.lessThan(least)) return true
  return quantity.toNumber() * price < Number(instrument.minNotional) * 1.05
}
