import { Decimal, decimal } from '@barfinex/core'
import { anInstrument, testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InstrumentGrid, ledgerDigits } from './instrument-grid.js'
import { scaledInteger, scaledText } from './scaled-integer.js'

const grids = [
  anInstrument(),
  anInstrument({ tickSize: '0.5', stepSize: '1', makerFeeBps: '1.5', takerFeeBps: '7.25' }),
  anInstrument({ tickSize: '0.00000001', stepSize: '100' }),
  anInstrument({ tickSize: '0.03', stepSize: '0.25' }),
  anInstrument({ tickSize: '1', stepSize: '0.0001' }),
].map((instrument) => {
  const digits = ledgerDigits([instrument])
  return new InstrumentGrid(instrument, digits.get('USDT') ?? 0, digits.get('BTC') ?? 0)
})
const grid = fc.constantFrom(...grids)
const whole = fc.integer({ min: 1, max: 5_000_000 })

describe('the grid of an instrument', () => {
  test('reads and writes every price and quantity of the grid without loss', () => {
    fc.assert(
      fc.property(grid, whole, whole, (it, ticks, steps) => {
        const { tickSize, stepSize } = it.instrument
        const price = decimal(tickSize)
          .times(Decimal.from(String(ticks)))
          .toString()
        const quantity = decimal(stepSize)
          .times(Decimal.from(String(steps)))
          .toString()
        expect(it.priceText(ticks)).toBe(price)
        expect(it.quantityText(steps)).toBe(quantity)
        expect(it.ticksOf(price)).toBe(ticks)
        expect(it.stepsOf(quantity)).toBe(steps)
        expect(it.price(ticks)).toBe(Number(price))
        expect(it.quantity(steps)).toBe(Number(quantity))
        // A float that stands for a price of the grid lands on it, whichever way it is rounded.
        for (const near of [it.ticksBelow(Number(price)), it.ticksAbove(Number(price)), it.ticksNear(Number(price))]) {
          expect(near).toBe(ticks)
        }
        expect(it.stepsBelow(Number(quantity))).toBe(steps)
      }),
      { numRuns: testRuns(300) },
    )
  })

  test('counts money exactly, and fees down', () => {
    fc.assert(
      fc.property(grid, whole, whole, (it, ticks, steps) => {
        const notional = it.notional(ticks, steps)
        const exact = decimal(it.priceText(ticks)).times(decimal(it.quantityText(steps)))
        expect(Decimal.ofUnits(notional, it.quoteDigits).toString()).toBe(exact.toString())
        for (const liquidity of ['maker', 'taker'] as const) {
          const bps = liquidity === 'maker' ? it.instrument.makerFeeBps : it.instrument.takerFeeBps
          const fee = Decimal.ofUnits(it.fee(notional, liquidity), it.quoteDigits)
          const wanted = exact.times(decimal(bps)).dividedBy(decimal('10000'), it.quoteDigits, 'down')
          expect(fee.toString()).toBe(wanted.toString())
        }
      }),
      { numRuns: testRuns(200) },
    )
  })

  test('refuses what does not lie on it', () => {
    const [cents, halves] = grids as [InstrumentGrid, InstrumentGrid]
    for (const text of ['0', '-1', '1.001', '1e3', '', '.5', '99999999999999999999'])
      expect(cents.ticksOf(text)).toBeNaN()
    for (const text of ['0.25', '0.75', '0']) expect(halves.ticksOf(text)).toBeNaN()
    expect(halves.stepsOf('0.5')).toBeNaN()
  })
})

test('whole units and decimal text are two ways to write one number', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 9 }), (units, digits) => {
      const text = scaledText(units, digits)
      expect(text).toBe(Decimal.ofUnits(BigInt(units), digits).toString())
      expect(scaledInteger(text, digits)).toBe(units)
    }),
  )
})
