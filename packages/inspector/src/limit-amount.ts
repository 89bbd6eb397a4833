import { BarfinexError, Decimal, decimal } from '@barfinex/core'

/** A limit in quote, or as a share of something measured in quote. */
export type LimitAmount =
  | { readonly type: 'quote'; readonly value: Decimal }
  | { readonly type: 'share'; readonly value: Decimal }

const hundredth = decimal('0.01')

/**
 * Reads "2%" as a share and "150" as an amount of the quote asset. Zero, negative and unreadable limits are `options.invalid`:
 * a limit nobody can name is no limit.
 */
export function limitAmount(text: string, where: string): LimitAmount {
  const match = /^(\d{1,15}(?:\.\d{1,15})?)(%?)$/.exec(typeof text === 'string' ? text : '')
  const value = match === null ? Decimal.zero : decimal(match[1] as string)
  if (match === null || !value.isPositive) {
    throw new BarfinexError(
      'options.invalid',
      `${where}: "${text}" is no limit. Write "2%" or an amount such as "150".`,
    )
  }
  return match[2] === '%' ? { type: 'share', value: value.times(hundredth) } : { type: 'quote', value }
}

/** The limit in quote. A share of something unknown, zero or not finite throws, and so counts as a denial. */
export function amountQuote(amount: LimitAmount, reference: number | null, name: string): Decimal {
  if (amount.type === 'quote') return amount.value
  return amount.value.times(known(reference, name))
}

/** A reference value as an exact number; throws when it is missing, not finite, zero or negative. */
export function known(value: number | null, name: string): Decimal {
  if (value === null || !Number.isFinite(value) || value <= 0) {
    throw new BarfinexError('money.invalid', `${name} is ${value}: nothing can be measured against it.`)
  }
  return Decimal.fromNumber(value)
}

/** Refuses a count, a number of milliseconds or the like that is not a positive finite number. */
export function positive(value: number, where: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
    throw new BarfinexError('options.invalid', `${where} must be a finite number above zero, not ${value}.`)
  }
  return value
}

const plain = /^-?\d+(\.\d+)?$/

/** Rounds a measured float to 8 digits: enough for any quote asset, and the same text on every machine. */
export function measuredText(value: number): string {
  const rounded = Math.round(value * 1e8) / 1e8
  const text = String(rounded)
  // The shortest text of a float is its canonical one, unless it has an exponent.
  return plain.test(text) ? text : Decimal.fromNumber(rounded).toString()
}
