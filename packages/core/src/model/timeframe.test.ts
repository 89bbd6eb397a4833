import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canBuildFrom, closeTimeOf, openTimeOf, timeframes } from './timeframe.js'

const instant = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) })

describe('timeframes', () => {
  test('every instant lies in exactly one bar of each timeframe', () => {
    fc.assert(
      fc.property(instant, fc.constantFrom(...timeframes), (at, timeframe) => {
        const open = openTimeOf(timeframe, at)
        const close = closeTimeOf(timeframe, open)
        expect(open <= at && at < close).toBe(true)
        expect(openTimeOf(timeframe, close)).toBe(close)
        expect(openTimeOf(timeframe, close - 1)).toBe(open)
      }),
    )
  })

  test('weeks start on Monday, months on the first, in UTC', () => {
    const at = Date.UTC(2024, 1, 29, 13, 37)
    expect(new Date(openTimeOf('1w', at)).toISOString()).toBe('2024-02-26T00:00:00.000Z')
    expect(new Date(openTimeOf('1M', at)).toISOString()).toBe('2024-02-01T00:00:00.000Z')
    expect(new Date(closeTimeOf('1M', openTimeOf('1M', at))).toISOString()).toBe('2024-03-01T00:00:00.000Z')
  })

  test('a bar is built only from bars that fit into it whole', () => {
    fc.assert(
      fc.property(instant, fc.constantFrom(...timeframes), fc.constantFrom(...timeframes), (at, higher, lower) => {
        fc.pre(canBuildFrom(higher, lower))
        const open = openTimeOf(higher, at)
        expect(openTimeOf(lower, open)).toBe(open)
      }),
    )
    expect(canBuildFrom('1M', '1w')).toBe(false)
    expect(canBuildFrom('8h', '3m')).toBe(true)
    expect(canBuildFrom('1w', '1d')).toBe(true)
  })
})
