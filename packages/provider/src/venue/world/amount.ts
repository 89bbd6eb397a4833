const places = 8
const one = 100_000_000n

/**
 * Money of the venue: whole units of 10^-8, written with 8 digits after the point as the wire has it. Every price, quantity and
 * notional of the venue is exact in them, because a tick and a step never have more than 8 digits together.
 */
export type Units = bigint

/** Plain decimal text to units; digits beyond the eighth are cut off. */
export function unitsOf(text: string): Units {
  const isNegative = text.startsWith('-')
  const [whole = '0', fraction = ''] = (isNegative ? text.slice(1) : text).split('.')
  const units = BigInt(whole + fraction.slice(0, places).padEnd(places, '0'))
  return isNegative ? -units : units
}

/** A float of market data to the nearest unit. */
export function unitsNear(value: number): Units {
  return unitsOf(value.toFixed(places))
}

/**
 * @example
 * amountText(150_000_000n) // => '1.50000000'
 */
export function amountText(units: Units): string {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0')
  const text = `${digits.slice(0, -places)}.${digits.slice(-places)}`
  return units < 0n ? `-${text}` : text
}

/** Canonical text with 8 digits after the point; digits beyond are cut off. */
export function padded(text: string): string {
  const point = text.indexOf('.')
  if (point < 0) return `${text}.00000000`
  const fraction = text.slice(point + 1, point + 1 + places)
  return `${text.slice(0, point)}.${fraction.padEnd(places, '0')}`
}

/** Canonical text without trailing zeros, as the engine takes it. */
export function plainText(units: Units): string {
  const text = amountText(units)
  return text.replace(/\.?0+$/, '')
}

/** Price times quantity, in units; what lies below one unit is cut off. */
export function product(price: Units, quantity: Units): Units {
  return (price * quantity) / one
}

/** Amount over quantity: a mean price, in units, cut off. */
export function quotient(amount: Units, quantity: Units): Units {
  return quantity === 0n ? 0n : (amount * one) / quantity
}

/** The smaller of two amounts; `Math.min` knows no bigints. */
export function smaller(a: Units, b: Units): Units {
  if (a < b) return a
  return b
}
