import {
  type Balances,
  Decimal,
  decimal,
  type Fill,
  type Instrument,
  type InstrumentRules,
  instrumentRules,
  type Position,
  unrealizedPnl,
} from '@barfinex/core'
import type { Payment } from '../exchanges/exchange.js'
import { ledgerDigits } from '../exchanges/matching/instrument-grid.js'
import { RecentIds } from '../market/recent-ids.js'
import { PositionFold } from './position-fold.js'

/** Fill ids remembered to count each fill once. */
const rememberedFills = 50_000

/** True where holdings are balances; elsewhere results are settled against margin. */
export function isCash(instrument: Instrument): boolean {
  return instrument.kind === 'spot' || instrument.kind === 'stock'
}

/**
 * The money of one account, exact: what it had plus what its fills did. Every fill counts once by its id and the order in which
 * fills arrive does not matter.
 *
 * Cash instruments move base and quote; contracts move the settling asset by what closes. A fee leaves the asset it is
 * paid in; paid in the base of a cash instrument it also shrinks the position, which is what was received.
 */
export class AccountFold {
  private readonly rules = new Map<string, InstrumentRules>()
  private newestFill: string | null = null
  private readonly positions = new Map<string, PositionFold>()
  private readonly opening = new Map<string, Decimal>()
  private readonly flows = new Map<string, Decimal>()
  private readonly counted = new RecentIds(rememberedFills)
  private readonly digits: ReadonlyMap<string, number>

  constructor(
    readonly quoteAsset: string,
    instruments: readonly Instrument[],
  ) {
    this.digits = ledgerDigits(instruments)
    for (const instrument of instruments) this.rules.set(instrument.symbol, instrumentRules(instrument))
  }

  /** Takes changed rules of an instrument that is known. */
  learn(instrument: Instrument): void {
    if (this.rules.has(instrument.symbol)) this.rules.set(instrument.symbol, instrumentRules(instrument))
  }

  /** Symbols whose fills are counted. */
  get symbols(): readonly string[] {
    return [...this.rules.keys()]
  }

  rulesOf(symbol: string): InstrumentRules | undefined {
    return this.rules.get(symbol)
  }

  /** The fill that was counted last; `null` before the first. */
  get lastFillId(): string | null {
    return this.newestFill
  }

  /** True once this fill has been counted. */
  has(fillId: string): boolean {
    return this.counted.has(fillId)
  }

  /** Counts a fill; false when it has been counted before or its symbol is not ours. */
  add(fill: Fill): boolean {
    const rules = this.rules.get(fill.symbol)
    if (rules === undefined || this.counted.has(fill.fillId)) return false
    this.counted.add(fill.fillId)
    this.newestFill = fill.fillId
    const { instrument } = rules
    const price = decimal(fill.price)
    const quantity = decimal(fill.quantity)
    const fee = decimal(fill.fee)
    const isBuy = fill.side === 'buy'
    const isFeeInBase = isCash(instrument) && fill.feeAsset === instrument.base
    this.move(fill.feeAsset, fee.negated())
    if (isCash(instrument)) {
      const notional = price.times(quantity)
      this.move(instrument.base, isBuy ? quantity : quantity.negated())
      this.move(instrument.quote, isBuy ? notional.negated() : notional)
    }
    this.foldOf(fill.symbol).add({
      side: fill.side,
      price,
      quantity: isFeeInBase ? (isBuy ? quantity.minus(fee) : quantity.plus(fee)) : quantity,
      // Fees in a third asset have no price here; they are in its balance and in no position.
      feeQuote: isFeeInBase
        ? fee.times(price)
        : fill.feeAsset === instrument.quote || fill.feeAsset === instrument.settle
          ? fee
          : Decimal.zero,
      occurredAt: fill.occurredAt,
      tradeId: fill.fillId,
    })
    return true
  }

  /** Counts a payment; false when it has been counted before. */
  pay({ paymentId, asset, amount }: Payment): boolean {
    const id = `payment ${paymentId}`
    if (this.counted.has(id)) return false
    this.counted.add(id)
    this.move(asset, decimal(amount))
    return true
  }

  /** Takes the exchange's totals: whatever they differ by from our own was there before, or came from outside. */
  adoptTotals(totals: ReadonlyMap<string, Decimal>): void {
    for (const asset of new Set([...this.totals().keys(), ...totals.keys()])) {
      const difference = (totals.get(asset) ?? Decimal.zero).minus(this.total(asset))
      this.opening.set(asset, (this.opening.get(asset) ?? Decimal.zero).plus(difference))
    }
  }

  /** Takes the exchange's word for a position; `averagePrice` is `null` when it is flat. */
  adoptPosition(symbol: string, signedQuantity: Decimal, averagePrice: Decimal | null, at: number): void {
    this.foldOf(symbol).adopt({
      signedQuantity,
      openCost: averagePrice === null ? Decimal.zero : averagePrice.times(signedQuantity.abs()),
      openedAt: signedQuantity.isZero ? null : at,
    })
  }

  position(symbol: string): Position {
    return this.foldOf(symbol).position
  }

  /** Positions that were ever touched, by symbol. */
  allPositions(): readonly Position[] {
    return [...this.positions.values()].map((fold) => fold.position).sort((a, b) => (a.symbol < b.symbol ? -1 : 1))
  }

  total(asset: string): Decimal {
    return this.totals().get(asset) ?? Decimal.zero
  }

  totals(): ReadonlyMap<string, Decimal> {
    const totals = new Map(this.opening)
    for (const [asset, amount] of this.flows) totals.set(asset, (totals.get(asset) ?? Decimal.zero).plus(amount))
    for (const { position } of this.positions.values()) {
      const instrument = this.rules.get(position.symbol)?.instrument
      if (instrument === undefined || isCash(instrument)) continue
      const { settle } = instrument
      totals.set(settle, (totals.get(settle) ?? Decimal.zero).plus(position.realizedPnl))
    }
    return totals
  }

  /** Balances with what working orders promise set aside. */
  balances(locked: ReadonlyMap<string, Decimal>): Balances {
    return new Map(
      [...this.totals()].map(([asset, total]) => [asset, { asset, total, locked: locked.get(asset) ?? Decimal.zero }]),
    )
  }

  /** Everything owned in the quote asset at the prices given. What has no price counts nothing: see {@link unpriced}. */
  equity(priceOf: (symbol: string) => Decimal | null): Decimal {
    let equity = Decimal.zero
    for (const [asset, total] of this.totals()) {
      if (asset === this.quoteAsset) equity = equity.plus(total)
      else {
        const price = total.isZero ? null : priceOf(`${asset}/${this.quoteAsset}`)
        if (price !== null) equity = equity.plus(total.times(price))
      }
    }
    for (const { position } of this.positions.values()) {
      const instrument = this.rules.get(position.symbol)?.instrument
      if (instrument === undefined || isCash(instrument) || position.signedQuantity.isZero) continue
      const price = priceOf(position.symbol)
      if (price !== null) equity = equity.plus(unrealizedPnl(position, price))
    }
    return equity
  }

  /** Assets and symbols held that are traded here and have no price yet. What is not traded here never has one. */
  unpriced(priceOf: (symbol: string) => Decimal | null): string[] {
    const found: string[] = []
    for (const [asset, total] of this.totals()) {
      const symbol = `${asset}/${this.quoteAsset}`
      if (!total.isZero && this.rules.has(symbol) && priceOf(symbol) === null) found.push(asset)
    }
    for (const { position } of this.positions.values()) {
      const { symbol, signedQuantity } = position
      const instrument = this.rules.get(symbol)?.instrument
      if (instrument === undefined || isCash(instrument) || signedQuantity.isZero) continue
      if (priceOf(symbol) === null) found.push(symbol)
    }
    return found
  }

  private foldOf(symbol: string): PositionFold {
    let fold = this.positions.get(symbol)
    if (fold === undefined) {
      const settle = this.rules.get(symbol)?.instrument.settle ?? this.quoteAsset
      fold = new PositionFold(symbol, { digits: this.digits.get(settle) ?? 8, rounding: 'towardZero' })
      this.positions.set(symbol, fold)
    }
    return fold
  }

  private move(asset: string, amount: Decimal): void {
    this.flows.set(asset, (this.flows.get(asset) ?? Decimal.zero).plus(amount))
  }
}
