import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Candle } from '../flow/1-market.js'
import { CandleRing } from './candle-ring.js'

function candleAt(openTime: number, close: number): Candle {
  return {
    symbol: 'BTC/USDT',
    timeframe: '1m',
    openTime,
    closeTime: openTime + 60_000,
    open: close,
    high: close + 1,
    low: close - 1,
    close,
    volume: 2,
    tradeCount: 1,
    isFinal: true,
    provenance: 'live',
    revision: 0,
  }
}

describe('CandleRing', () => {
  test('holds the newest candles, oldest first, whatever the capacity', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 100 }), (capacity, count) => {
        const ring = new CandleRing('BTC/USDT', '1m', capacity)
        for (let index = 0; index < count; index += 1) ring.push(candleAt(index * 60_000, 100 + index))
        const wanted = Array.from({ length: count }, (_, index) => 100 + index).slice(-capacity)
        expect([...ring.columns().close]).toEqual(wanted)
        expect([...ring.columns(3).close]).toEqual(wanted.slice(-3))
        expect(ring.length).toBe(wanted.length)
      }),
    )
  })

  test('a correction replaces its candle and nothing else; one too old is refused', () => {
    const ring = new CandleRing('BTC/USDT', '1m', 3)
    for (const index of [0, 1, 2, 3]) ring.push(candleAt(index * 60_000, 100 + index))
    expect(ring.push(candleAt(2 * 60_000, 555))).toBe(true)
    expect(ring.push(candleAt(0, 555))).toBe(false)
    expect([...ring.columns().close]).toEqual([101, 555, 103])
    expect(ring.indexOf(2 * 60_000)).toBe(1)
    expect(ring.indexOf(90_000)).toBe(-1)
  })
})
