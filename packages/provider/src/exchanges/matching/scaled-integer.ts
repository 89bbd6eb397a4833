const plain = /^\d+(\.\d+)?$/

/** Digits after the point of decimal text. */
export function digitsOf(text: string): number {
  const point = text.indexOf('.')
  return point < 0 ? 0 : text.length - point - 1
}

/**
 * Reads unsigned decimal text as a whole number of units of 10^-digits.
 * `NaN` when it is malformed, needs more digits, or leaves the range in which whole numbers are exact.
 *
 * @example
 * scaledInteger('0.15', 3) // => 150
 */
export function scaledInteger(text: string, digits: number): number {
  if (!plain.test(text)) return Number.NaN
  const point = text.indexOf('.')
  const fraction = point < 0 ? 0 : text.length - point - 1
  if (fraction > digits) return Number.NaN
  const written = Number(point < 0 ? text : text.slice(0, point) + text.slice(point + 1))
  const units = written * 10 ** (digits - fraction)
  return Number.isSafeInteger(units) ? units : Number.NaN
}

/** Canonical decimal text of a whole number of units of 10^-digits, not below zero. */
export function scaledText(units: number, digits: number): string {
  const text = String(units)
  if (digits === 0) return text
  const padded = text.length > digits ? text : text.padStart(digits + 1, '0')
  const split = padded.length - digits
  let end = padded.length
  while (end > split && padded.charCodeAt(end - 1) === 48) end -= 1
  return end === split ? padded.slice(0, split) : `${padded.slice(0, split)}.${padded.slice(split, end)}`
}
