import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BarfinexError } from '../runtime/error.js'
import { Decimal, decimal } from './decimal.js'

const anyDecimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 12 }))
  .map(([units, scale]) => Decimal.ofUnits(units, scale))
const step = fc
  .tuple(fc.bigInt({ min: 1n, max: 10_000n }), fc.integer({ min: 0, max: 8 }))
  .map(([units, scale]) => Decimal.ofUnits(units, scale))

describe('Decimal', () => {
  test('adds what floats cannot', () => {
    expect(decimal('0.1').plus(decimal('0.2')).toString()).toBe('0.3')
    expect(decimal('9007199254740993').plus(decimal('0.000000001')).toString()).toBe('9007199254740993.000000001')
  })

  test.each(['', ' 1', '1e3', '+1', '.5', '5.', 'NaN', 'Infinity', '0x10', '1,5', '--1', '1'.repeat(65)])(
    'refuses %j',
    (text) => {
      expect(() => decimal(text)).toThrowError(expect.objectContaining({ code: 'money.invalid' }) as Error)
    },
  )

  test('canonical text survives reading and JSON', () => {
    fc.assert(
      fc.property(anyDecimal, (value) => {
        const text = value.toString()
        expect(decimal(text).toString()).toBe(text)
        expect(decimal(JSON.parse(JSON.stringify(value)) as string).equals(value)).toBe(true)
        expect(text).toMatch(/^(?!-0$)-?(0|[1-9]\d*)(\.\d*[1-9])?$/)
      }),
    )
  })

  test('is a ring: order and grouping never matter', () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, anyDecimal, (a, b, c) => {
        expect(
          a
            .plus(b)
            .plus(c)
            .equals(c.plus(a.plus(b))),
        ).toBe(true)
        expect(a.times(b.plus(c)).equals(a.times(b).plus(a.times(c)))).toBe(true)
        expect(a.minus(a).isZero).toBe(true)
      }),
    )
  })

  test('rounds to a multiple of the step, within one step, on the side that was asked', () => {
    fc.assert(
      fc.property(anyDecimal, step, (value, by) => {
        const down = value.roundTo(by, 'down')
        const up = value.roundTo(by, 'up')
        expect(down.isMultipleOf(by) && up.isMultipleOf(by)).toBe(true)
        expect(down.compare(value)).toBeLessThanOrEqual(0)
        expect(up.compare(value)).toBeGreaterThanOrEqual(0)
        expect(up.minus(down).compare(by)).toBeLessThanOrEqual(0)
        expect(value.roundTo(by, 'towardZero').abs().compare(value.abs())).toBeLessThanOrEqual(0)
        expect(value.roundTo(by, 'awayFromZero').abs().compare(value.abs())).toBeGreaterThanOrEqual(0)
        const nearest = value.roundTo(by, 'halfEven')
        expect(nearest.minus(value).abs().times(decimal('2')).compare(by)).toBeLessThanOrEqual(0)
      }),
    )
  })

  test('half-even goes to the even neighbour', () => {
    expect(
      ['0.5', '1.5', '2.5', '-0.5', '-1.5'].map((text) => decimal(text).roundTo(Decimal.one, 'halfEven').toString()),
    ).toEqual(['0', '2', '2', '0', '-2'])
  })

  test('division is within half a unit of its last digit', () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, (a, b) => {
        fc.pre(!b.isZero)
        const quotient = a.dividedBy(b, 12, 'halfEven')
        const error = quotient.times(b).minus(a).abs().times(decimal('2'))
        expect(error.compare(b.abs().times(Decimal.ofUnits(1n, 12)))).toBeLessThanOrEqual(0)
      }),
    )
    expect(() => Decimal.one.dividedBy(Decimal.zero, 2, 'down')).toThrowError(BarfinexError)
  })

  test('floats enter as what they print', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Decimal.fromNumber(value).toNumber()).toBe(Object.is(value, -0) ? 0 : value)
      }),
    )
    expect(() => Decimal.fromNumber(Number.NaN)).toThrowError(BarfinexError)
  })
})
