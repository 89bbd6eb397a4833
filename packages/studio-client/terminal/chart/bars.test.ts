import type { Candle } from '@barfinex/core/browser'
import { describe, expect, it } from 'vitest'
import { maxBars, mergeBars } from './bars.js'

const minute = 60_000
const bar = (index: number, more: Partial<Candle> = {}): Candle => ({
  symbol: 'BTC/USDT',
  timeframe: '1m',
  openTime: index * minute,
  closeTime: (index + 1) * minute,
  open: 100,
  high: 101,
  low: 99,
  close: 100,
  volume: 1,
  tradeCount: 1,
  isFinal: true,
  provenance: 'live',
  revision: 0,
  ...more,
})
const indexes = (bars: readonly Candle[]) => bars.map((it) => it.openTime / minute)

describe('mergeBars', () => {
  it('appends new bars and names only those', () => {
    const { bars, changed, hasGap } = mergeBars([bar(0), bar(1)], [bar(0), bar(1), bar(3), bar(2)], '1m')
    expect([indexes(bars), indexes(changed ?? []), hasGap]).toEqual([[0, 1, 2, 3], [2, 3], false])
  })

  it('lets the forming bar grow, and close for good', () => {
    const forming = bar(1, { isFinal: false, close: 100.5 })
    const grown = mergeBars([bar(0), forming], [{ ...forming, close: 100.7 }], '1m')
    expect(grown.changed).toHaveLength(1)
    const closed = mergeBars(grown.bars, [bar(1, { close: 100.6 })], '1m')
    expect(closed.bars.at(-1)).toMatchObject({ isFinal: true, close: 100.6 })
    expect(mergeBars(closed.bars, [{ ...forming, close: 999 }], '1m').changed).toEqual([])
  })

  it('takes one bar once, closed rather than forming, in whichever order they come', () => {
    const forming = bar(1, { isFinal: false, close: 100.5 })
    for (const incoming of [
      [bar(1), forming],
      [forming, bar(1)],
    ]) {
      expect(mergeBars([bar(0)], incoming, '1m').bars).toEqual([bar(0), bar(1)])
      expect(mergeBars([], [bar(0), ...incoming], '1m').bars).toEqual([bar(0), bar(1)])
    }
  })

  it('draws everything again when an older bar is corrected or repaired', () => {
    const corrected = mergeBars([bar(0), bar(2)], [bar(1), bar(0, { revision: 1, close: 100.9 })], '1m')
    expect([indexes(corrected.bars), corrected.changed]).toEqual([[0, 1, 2], null])
    expect(corrected.bars[0]?.close).toBe(100.9)
    expect(mergeBars(corrected.bars, [bar(0)], '1m').changed).toEqual([])
  })

  it('sees that bars are missing', () => {
    expect(mergeBars([bar(0)], [bar(2)], '1m').hasGap).toBe(true)
    expect(mergeBars([], [bar(2)], '1m').hasGap).toBe(false)
  })

  it('keeps the newest bars only', () => {
    const many = Array.from({ length: maxBars + 600 }, (_, index) => bar(index))
    expect(mergeBars([], many, '1m').bars).toHaveLength(maxBars)
    const { bars, changed } = mergeBars(many.slice(0, maxBars + 500), many.slice(maxBars + 500), '1m')
    expect([bars.length, changed, bars.at(-1)]).toEqual([maxBars, null, many.at(-1)])
  })
})
