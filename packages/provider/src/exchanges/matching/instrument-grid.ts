import type { Instrument } from '@barfinex/core'
import { digitsOf, scaledInteger, scaledText } from './scaled-integer.js'

/** Float noise that still counts as lying on the grid, in ticks. */
const tolerance = 1e-6

/** A share of an amount, in basis points, that rounds towards zero at the ledger's last digit. */
interface Rate {
  readonly numerator: bigint
  readonly denominator: bigint
}

/**
 * An instrument's prices in ticks, its quantities in steps and its money in ledger units: whole numbers all three,
 * so that nothing inside the engine is ever rounded but fees, and those in one stated direction.
 */
export class InstrumentGrid {
  readonly symbol: string
  /** True where results are settled against margin and a short is possible. */
  readonly isMargined: boolean
  readonly minSteps: number
  readonly maxSteps: number
  readonly minNotional: bigint
  readonly maxNotional: bigint | null
  private readonly tickDigits: number
  private readonly tickUnits: number
  private readonly tickScale: number
  private readonly ticksPerUnit: number
  private readonly stepDigits: number
  private readonly stepUnits: number
  private readonly stepScale: number
  private readonly stepsPerUnit: number
  private readonly quotePerTickStep: bigint
  private readonly basePerStep: bigint
  private readonly makerFee: Rate
  private readonly takerFee: Rate

  /** `quoteDigits` and `baseDigits` are the digits of the ledgers of both assets; see {@link ledgerDigits}. */
  constructor(
    readonly instrument: Instrument,
    readonly quoteDigits: number,
    readonly baseDigits: number,
  ) {
    this.symbol = instrument.symbol
    this.isMargined = instrument.kind !== 'spot' && instrument.kind !== 'stock'
    this.tickDigits = digitsOf(instrument.tickSize)
    this.tickUnits = scaledInteger(instrument.tickSize, this.tickDigits)
    this.tickScale = 10 ** this.tickDigits
    this.ticksPerUnit = this.tickScale / this.tickUnits
    this.stepDigits = digitsOf(instrument.stepSize)
    this.stepUnits = scaledInteger(instrument.stepSize, this.stepDigits)
    this.stepScale = 10 ** this.stepDigits
    this.stepsPerUnit = this.stepScale / this.stepUnits
    this.quotePerTickStep =
      BigInt(this.tickUnits) * BigInt(this.stepUnits) * 10n ** BigInt(quoteDigits - this.tickDigits - this.stepDigits)
    this.basePerStep = BigInt(this.stepUnits) * 10n ** BigInt(baseDigits - this.stepDigits)
    this.minSteps = Math.ceil(Number(instrument.minQuantity) * this.stepsPerUnit - tolerance)
    this.maxSteps =
      instrument.maxQuantity === null
        ? Number.MAX_SAFE_INTEGER
        : Math.floor(Number(instrument.maxQuantity) * this.stepsPerUnit + tolerance)
    this.minNotional = amountOf(instrument.minNotional, quoteDigits)
    this.maxNotional = instrument.maxNotional === null ? null : amountOf(instrument.maxNotional, quoteDigits)
    this.makerFee = rateOf(instrument.makerFeeBps)
    this.takerFee = rateOf(instrument.takerFeeBps)
  }

  /** Price text to ticks; `NaN` when it is malformed, zero or off the grid. */
  ticksOf(text: string): number {
    const ticks = scaledInteger(text, this.tickDigits) / this.tickUnits
    return Number.isInteger(ticks) && ticks > 0 ? ticks : Number.NaN
  }

  /** Quantity text to steps; `NaN` when it is malformed, zero or off the grid. */
  stepsOf(text: string): number {
    const steps = scaledInteger(text, this.stepDigits) / this.stepUnits
    return Number.isInteger(steps) && steps > 0 ? steps : Number.NaN
  }

  /** Market price to the tick at or below it, but never below the first tick. */
  ticksBelow(price: number): number {
    return Math.max(1, Math.floor(price * this.ticksPerUnit + tolerance))
  }

  /** Market price to the tick at or above it. */
  ticksAbove(price: number): number {
    return Math.max(1, Math.ceil(price * this.ticksPerUnit - tolerance))
  }

  /** Market price to the nearest tick. */
  ticksNear(price: number): number {
    return Math.max(1, Math.round(price * this.ticksPerUnit))
  }

  /** Market quantity to whole steps, rounded down. */
  stepsBelow(quantity: number): number {
    return Math.min(Number.MAX_SAFE_INTEGER, Math.floor(quantity * this.stepsPerUnit + tolerance))
  }

  /** Ledger units of base to whole steps, rounded down. */
  stepsIn(baseAmount: bigint): number {
    return baseAmount <= 0n ? 0 : Number(baseAmount / this.basePerStep)
  }

  /** The float nearest to a price on the grid. */
  price(ticks: number): number {
    return (ticks * this.tickUnits) / this.tickScale
  }

  /** The float nearest to a quantity on the grid. */
  quantity(steps: number): number {
    return (steps * this.stepUnits) / this.stepScale
  }

  priceText(ticks: number): string {
    return scaledText(ticks * this.tickUnits, this.tickDigits)
  }

  quantityText(steps: number): string {
    return scaledText(steps * this.stepUnits, this.stepDigits)
  }

  /** Price times quantity, exact, in ledger units of quote. */
  notional(ticks: number, steps: number): bigint {
    return BigInt(ticks) * BigInt(steps) * this.quotePerTickStep
  }

  /** Quantity in ledger units of base. */
  baseAmount(steps: number): bigint {
    return BigInt(steps) * this.basePerStep
  }

  /** Fee on an amount, in the same units, rounded down: so the fees of parts never exceed the fee of the whole. */
  fee(amount: bigint, liquidity: 'maker' | 'taker'): bigint {
    const rate = liquidity === 'maker' ? this.makerFee : this.takerFee
    return (amount * rate.numerator) / rate.denominator
  }

  /** The larger of both fees: what has to be set aside before it is known which one applies. */
  worstFee(amount: bigint): bigint {
    return larger(this.fee(amount, 'maker'), this.fee(amount, 'taker'))
  }
}

/** Digits after the point kept for each asset: enough that every notional is exact, and at least 8. */
export function ledgerDigits(instruments: readonly Instrument[]): ReadonlyMap<string, number> {
  const digits = new Map<string, number>()
  const need = (asset: string, count: number) => digits.set(asset, Math.max(digits.get(asset) ?? 8, count))
  for (const { base, settle, quote, tickSize, stepSize } of instruments) {
    need(base, digitsOf(stepSize))
    need(quote, digitsOf(tickSize) + digitsOf(stepSize))
    need(settle, digitsOf(tickSize) + digitsOf(stepSize))
  }
  return digits
}

/** Decimal text in ledger units; digits beyond the ledger's are cut off. */
export function amountOf(text: string, digits: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0'))
}

/** The larger of two amounts; `Math.max` knows no bigints. */
export function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a
  return b
}

function rateOf(bps: string): Rate {
  const digits = digitsOf(bps)
  return { numerator: amountOf(bps, digits), denominator: 10n ** BigInt(4 + digits) }
}
