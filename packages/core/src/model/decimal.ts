import { BarfinexError } from '../runtime/error.js'

/** Where a value goes that lies between two steps. `awayFromZero` and `towardZero` go by magnitude, `down` and `up` by value. */
export type Rounding = 'down' | 'up' | 'towardZero' | 'awayFromZero' | 'halfEven'

const pattern = /^-?(0|[1-9]\d*)(\.\d+)?$/
const powers: readonly bigint[] = Array.from({ length: 128 }, (_, exponent) => 10n ** BigInt(exponent))

function power(exponent: number): bigint {
  return powers[exponent] ?? 10n ** BigInt(exponent)
}

/**
 * An exact decimal number: an integer count of units of 10^-scale. Immutable; nothing is ever rounded silently.
 *
 * Sums and products are exact;
 * only {@link Decimal.roundTo} and {@link Decimal.dividedBy} lose digits, and both say where.
 *
 * @example
 * decimal('0.1').plus(decimal('0.2')).toString() // => '0.3'
 */
export class Decimal {
  private constructor(
    private readonly units: bigint,
    private readonly scale: number,
  ) {}

  static readonly zero = new Decimal(0n, 0)
  static readonly one = new Decimal(1n, 0)

  /** Reads canonical or plain decimal text. Refuses exponents, blanks, `NaN` and everything else with `money.invalid`. */
  static from(text: string): Decimal {
    if (text.length > 64 || !pattern.test(text)) {
      throw new BarfinexError('money.invalid', `"${text.slice(0, 80)}" is not a decimal number. Write it as "12.345".`)
    }
    const point = text.indexOf('.')
    if (point < 0) return new Decimal(BigInt(text), 0)
    return new Decimal(BigInt(text.slice(0, point) + text.slice(point + 1)), text.length - point - 1)
  }

  /** From whole units of 10^-scale: `Decimal.ofUnits(15n, 1)` is 1.5. */
  static ofUnits(units: bigint, scale: number): Decimal {
    return new Decimal(units, scale)
  }

  /** The shortest decimal that reads back as this float. For market data that enters the world of orders; refuses NaN and infinities. */
  static fromNumber(value: number): Decimal {
    if (!Number.isFinite(value)) throw new BarfinexError('money.invalid', `${value} is not a finite number.`)
    const text = String(value)
    const exponentAt = text.indexOf('e')
    if (exponentAt < 0) return Decimal.from(text === '-0' ? '0' : text)
    const mantissa = Decimal.from(text.slice(0, exponentAt))
    const exponent = Number(text.slice(exponentAt + 1))
    return exponent < 0
      ? new Decimal(mantissa.units, mantissa.scale - exponent)
      : new Decimal(mantissa.units * power(exponent), mantissa.scale)
  }

  plus(other: Decimal): Decimal {
    if (this.scale === other.scale) return new Decimal(this.units + other.units, this.scale)
    const scale = Math.max(this.scale, other.scale)
    return new Decimal(this.at(scale) + other.at(scale), scale)
  }

  minus(other: Decimal): Decimal {
    if (this.scale === other.scale) return new Decimal(this.units - other.units, this.scale)
    const scale = Math.max(this.scale, other.scale)
    return new Decimal(this.at(scale) - other.at(scale), scale)
  }

  times(other: Decimal): Decimal {
    return new Decimal(this.units * other.units, this.scale + other.scale)
  }

  /** Quotient with `digits` digits after the point, rounded as said. Dividing by zero is `money.invalid`. */
  dividedBy(other: Decimal, digits: number, rounding: Rounding): Decimal {
    if (other.units === 0n) throw new BarfinexError('money.invalid', 'Division by zero.')
    const shift = digits + other.scale - this.scale
    const numerator = shift >= 0 ? this.units * power(shift) : this.units
    const denominator = shift >= 0 ? other.units : other.units * power(-shift)
    return new Decimal(divideRounded(numerator, denominator, rounding), digits)
  }

  /** To a multiple of `step` (a tick, a step), which must be above zero. */
  roundTo(step: Decimal, rounding: Rounding): Decimal {
    if (step.units <= 0n) throw new BarfinexError('money.invalid', `A step must be above zero, not ${step.toString()}.`)
    const scale = Math.max(this.scale, step.scale)
    const unit = step.at(scale)
    return new Decimal(divideRounded(this.at(scale), unit, rounding) * unit, scale)
  }

  /** True when it is a multiple of `step`. */
  isMultipleOf(step: Decimal): boolean {
    const scale = Math.max(this.scale, step.scale)
    return this.at(scale) % step.at(scale) === 0n
  }

  negated(): Decimal {
    return new Decimal(-this.units, this.scale)
  }

  abs(): Decimal {
    return this.units < 0n ? this.negated() : this
  }

  /** -1, 0 or 1. */
  compare(other: Decimal): -1 | 0 | 1 {
    const scale = Math.max(this.scale, other.scale)
    const a = this.at(scale)
    const b = other.at(scale)
    return a < b ? -1 : a > b ? 1 : 0
  }

  equals(other: Decimal): boolean {
    return this.compare(other) === 0
  }

  lessThan(other: Decimal): boolean {
    return this.compare(other) < 0
  }

  greaterThan(other: Decimal): boolean {
    return this.compare(other) > 0
  }

  min(other: Decimal): Decimal {
    return this.compare(other) <= 0 ? this : other
  }

  max(other: Decimal): Decimal {
    return this.compare(other) >= 0 ? this : other
  }

  get isZero(): boolean {
    return this.units === 0n
  }

  get isPositive(): boolean {
    return this.units > 0n
  }

  get isNegative(): boolean {
    return this.units < 0n
  }

  /** Nearest float: for showing and for statistics, never for money that goes on. */
  toNumber(): number {
    return Number(this.toString())
  }

  /** Canonical text: no trailing zeros, no exponent, no `-0`. */
  toString(): string {
    const negative = this.units < 0n
    const digits = (negative ? -this.units : this.units).toString()
    if (this.scale === 0) return negative ? `-${digits}` : digits
    const padded = digits.padStart(this.scale + 1, '0')
    const whole = padded.slice(0, padded.length - this.scale)
    const fraction = padded.slice(padded.length - this.scale).replace(/0+$/, '')
    const text = fraction === '' ? whole : `${whole}.${fraction}`
    return negative ? `-${text}` : text
  }

  toJSON(): string {
    return this.toString()
  }

  private at(scale: number): bigint {
    return scale === this.scale ? this.units : this.units * power(scale - this.scale)
  }
}

/** Short for {@link Decimal.from}. */
export function decimal(text: string): Decimal {
  return Decimal.from(text)
}

function divideRounded(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  const quotient = numerator / denominator
  const remainder = numerator % denominator
  if (remainder === 0n) return quotient
  const isNegative = numerator < 0n !== denominator < 0n
  const away = isNegative ? quotient - 1n : quotient + 1n
  switch (rounding) {
    case 'towardZero':
      return quotient
    case 'awayFromZero':
      return away
    case 'down':
      return isNegative ? away : quotient
    case 'up':
      return isNegative ? quotient : away
    case 'halfEven': {
      const twice = absolute(remainder) * 2n
      const whole = absolute(denominator)
      if (twice < whole) return quotient
      if (twice > whole) return away
      return quotient % 2n === 0n ? quotient : away
    }
  }
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}
