import type { Column } from './column.js'
import { type ColumnReader, refuse } from './column-reader.js'
import type { ColumnWriter } from './column-writer.js'

/** How the numbers of a column are written. */
const forms = { same: 0, steady: 1, scaled: 2, whole: 3 } as const
/** Digits after the point that are looked for: prices and sizes have few, and are kept as whole numbers of the last of them. */
const mostDigits = 8
const powers = Array.from({ length: mostDigits + 1 }, (_, digits) => 10 ** digits)

/** What every number of a column is. */
export interface NumberRules {
  readonly isInteger: boolean
  /** Bounds: what holds for the smallest and the largest holds for all between. */
  readonly admits: (value: number) => boolean
}

/** Finite numbers. -0 becomes 0, as in JSON. */
export class NumberColumn implements Column {
  /** Where the search for digits begins: mostly what was found the last time. */
  private digits = 0

  constructor(private readonly rules: NumberRules) {}

  write(values: readonly unknown[], to: ColumnWriter): boolean {
    const count = values.length
    const numbers = to.numbers(count)
    let isSame = true
    for (let index = 0; index < count; index += 1) {
      const value = values[index]
      if (typeof value !== 'number' || value - value !== 0) return false
      numbers[index] = value + 0
      if (value !== numbers[0]) isSame = false
    }
    const first = numbers[0] ?? 0
    if (isSame) {
      to.u8(forms.same)
      to.f64(first)
    } else if (isSteady(numbers, count)) {
      to.u8(forms.steady)
      to.f64(first)
      to.f64((numbers[1] as number) - first)
    } else if (!this.writeScaled(numbers, count, to)) {
      to.u8(forms.whole)
      for (let index = 0; index < count; index += 1) to.f64(numbers[index] as number)
    }
    return true
  }

  read(count: number, from: ColumnReader): readonly number[] {
    const values = readNumbers(count, from)
    const { isInteger, admits } = this.rules
    let least = Number.POSITIVE_INFINITY
    let most = Number.NEGATIVE_INFINITY
    for (let index = 0; index < count; index += 1) {
      const value = values[index] as number
      if (value - value !== 0) refuse('a number is not finite')
      if (isInteger && !Number.isSafeInteger(value)) refuse('a number is not whole')
      if (value < least) least = value
      if (value > most) most = value
    }
    if (count > 0 && !(admits(least) && admits(most))) refuse('a number is out of its bounds')
    return values
  }

  private writeScaled(numbers: Float64Array, count: number, to: ColumnWriter): boolean {
    const found = isExact(numbers, count, this.digits) ? this.digits : digitsOf(numbers, count)
    if (found < 0) return false
    const power = powers[found] as number
    let least = Number.POSITIVE_INFINITY
    let most = Number.NEGATIVE_INFINITY
    for (let index = 0; index < count; index += 1) {
      const units = Math.round((numbers[index] as number) * power)
      if (units < least) least = units
      if (units > most) most = units
    }
    const range = most - least
    if (range > 0xffff_ffff) return false
    this.digits = found
    const width = range <= 0xff ? 1 : range <= 0xffff ? 2 : 4
    to.u8(forms.scaled)
    to.u8(found)
    to.u8(width)
    to.f64(least)
    for (let index = 0; index < count; index += 1) {
      const units = Math.round((numbers[index] as number) * power) - least
      if (width === 1) to.u8(units)
      else if (width === 2) to.u16(units)
      else to.u32(units)
    }
    return true
  }
}

function isSteady(numbers: Float64Array, count: number): boolean {
  const first = numbers[0] as number
  const step = (numbers[1] as number) - first
  for (let index = 0; index < count; index += 1) {
    const value = numbers[index] as number
    if (value !== first + index * step || !Number.isSafeInteger(value)) return false
  }
  return true
}

/** The fewest digits that give all numbers back to the last bit; -1 when they have more. */
function digitsOf(numbers: Float64Array, count: number): number {
  for (let digits = 0; digits <= mostDigits; digits += 1) if (isExact(numbers, count, digits)) return digits
  return -1
}

function isExact(numbers: Float64Array, count: number, digits: number): boolean {
  const power = powers[digits] as number
  for (let index = 0; index < count; index += 1) {
    const value = numbers[index] as number
    const units = Math.round(value * power)
    if (units / power !== value || !Number.isSafeInteger(units)) return false
  }
  return true
}

function readNumbers(count: number, from: ColumnReader): number[] {
  const values: number[] = new Array(count)
  const form = from.u8()
  if (form === forms.same) values.fill(from.f64())
  else if (form === forms.steady) {
    const first = from.f64()
    const step = from.f64()
    for (let index = 0; index < count; index += 1) values[index] = first + index * step
  } else if (form === forms.scaled) {
    const power = powers[from.u8()] ?? refuse('a number has too many digits')
    const width = from.u8()
    const least = from.f64()
    for (let index = 0; index < count; index += 1) {
      const units = width === 1 ? from.u8() : width === 2 ? from.u16() : from.u32()
      values[index] = (least + units) / power
    }
  } else if (form === forms.whole) for (let index = 0; index < count; index += 1) values[index] = from.f64()
  else refuse('its numbers are in a form that this version does not know')
  return values
}
