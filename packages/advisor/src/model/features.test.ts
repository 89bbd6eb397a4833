import type { CandleColumns } from '@barfinex/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { generateCandles } from '../../test/regime-switching-market.js'
import { featureCount, featureSchema, featureSchemaHash } from './feature-schema.js'
import { computeFeatures, type FeatureInput, type HigherCloses } from './features.js'

const barMs = 3_600_000
const { candles, spread } = generateCandles(11, 1_400, { barMs, startTime: 1_500_000_000_000 })

/** Closes of every `size` bars, known when the last of them has closed. */
function higherOf(of: CandleColumns, size: number): HigherCloses {
  const length = Math.floor(of.length / size)
  const at = (k: number) => size * (k + 1) - 1
  return {
    length,
    closeTime: Float64Array.from({ length }, (_, k) => of.openTime[at(k)]! + barMs),
    close: Float64Array.from({ length }, (_, k) => of.close[at(k)]!),
  }
}

function inputAt(index: number, direction: 'long' | 'short', of: CandleColumns = candles): FeatureInput {
  return {
    candles: of,
    index,
    direction,
    spread: spread[index]!,
    asOf: of.openTime[index]! + barMs,
    higher: [higherOf(of, 4), higherOf(of, 12)],
    resolved: { wonCount: 7, count: 19 },
  }
}

const mapPrices = (of: CandleColumns, map: (price: number) => number): CandleColumns => ({
  ...of,
  open: of.open.map(map),
  high: of.high.map(map),
  low: of.low.map(map),
  close: of.close.map(map),
})

const sliceCandles = (of: CandleColumns, from: number, to: number): CandleColumns => ({
  length: to - from,
  openTime: of.openTime.subarray(from, to),
  open: of.open.subarray(from, to),
  high: of.high.subarray(from, to),
  low: of.low.subarray(from, to),
  close: of.close.subarray(from, to),
  volume: of.volume.subarray(from, to),
})

const cut = fc.record({
  index: fc.integer({ min: 600, max: candles.length - 2 }),
  direction: fc.constantFrom('long' as const, 'short' as const),
})
const named = (name: string) => featureSchema.columns.findIndex((column) => column.name === name)

describe('no look-ahead', () => {
  test('prefix invariance: the vector on bars up to its own equals the one on the full series, bit for bit', () => {
    fc.assert(
      fc.property(cut, ({ index, direction }) => {
        const prefix = sliceCandles(candles, 0, index + 1)
        expect(computeFeatures(inputAt(index, direction, prefix))).toEqual(computeFeatures(inputAt(index, direction)))
      }),
    )
  })

  test('future poisoning: nothing after the judged bar reaches the vector', () => {
    fc.assert(
      fc.property(cut, fc.constantFrom(Number.NaN, 1e9, 1e-9), ({ index, direction }, poison) => {
        const poisoned = (column: Float64Array) => column.map((value, i) => (i > index ? poison : value))
        const dark = {
          ...candles,
          open: poisoned(candles.open),
          high: poisoned(candles.high),
          low: poisoned(candles.low),
          close: poisoned(candles.close),
          volume: poisoned(candles.volume),
        }
        expect(computeFeatures(inputAt(index, direction, dark))).toEqual(computeFeatures(inputAt(index, direction)))
      }),
    )
  })

  test('a higher bar is not seen before it has closed', () => {
    const index = 999
    const input = inputAt(index, 'long')
    const open = { ...input.higher[1]!, closeTime: input.higher[1]!.closeTime.map((at) => at + 1) }
    const shifted = { ...open, close: open.close.map((close, k) => (open.closeTime[k]! > input.asOf ? 1e9 : close)) }
    expect(computeFeatures({ ...input, higher: [shifted] })).toEqual(computeFeatures({ ...input, higher: [open] }))
  })

  test('older history than the lookback changes nothing', () => {
    fc.assert(
      fc.property(cut, ({ index, direction }) => {
        const kept = sliceCandles(candles, index - featureSchema.lookback + 1, index + 1)
        const short = computeFeatures({ ...inputAt(index, direction), candles: kept, index: kept.length - 1 })
        expect(short).toEqual(computeFeatures(inputAt(index, direction)))
      }),
      { numRuns: 30 },
    )
  })
})

describe('symmetry', () => {
  const expectClose = (actual: Float32Array, expected: Float32Array) => {
    for (let i = 0; i < featureCount; i += 1) {
      const allowed = 1e-4 * Math.max(1, Math.abs(expected[i]!))
      expect(Math.abs(actual[i]! - expected[i]!), featureSchema.columns[i]!.name).toBeLessThan(allowed)
    }
  }

  test('prices in another unit give the same vector', () => {
    fc.assert(
      fc.property(cut, fc.constantFrom(10, 0.001, 137), ({ index, direction }, factor) => {
        const scaled = inputAt(
          index,
          direction,
          mapPrices(candles, (price) => price * factor),
        )
        expectClose(
          computeFeatures({ ...scaled, spread: spread[index]! * factor }),
          computeFeatures(inputAt(index, direction)),
        )
      }),
      { numRuns: 30 },
    )
  })

  test('the mirrored market seen from the other side gives the same vector', () => {
    const flipped = mapPrices(candles, (price) => 10_000 / price)
    const mirrored = { ...flipped, high: flipped.low, low: flipped.high }
    fc.assert(
      fc.property(cut, ({ index, direction }) => {
        const other = inputAt(index, direction === 'long' ? 'short' : 'long', mirrored)
        const relative = (spread[index]! / candles.close[index]!) * mirrored.close[index]!
        expectClose(computeFeatures({ ...other, spread: relative }), computeFeatures(inputAt(index, direction)))
      }),
      { numRuns: 30 },
    )
  })
})

describe('meaning', () => {
  const index = 1_000
  const vector = computeFeatures(inputAt(index, 'long'))

  test('one finite float32 per column of the schema', () => {
    expect(vector).toHaveLength(33)
    expect([...vector].every(Number.isFinite)).toBe(true)
    expect(new Set(featureSchema.columns.map((column) => column.name)).size).toBe(33)
    expect(featureSchemaHash()).toMatch(/^[0-9a-f]{64}$/)
  })

  test('values by hand', () => {
    const returns = Array.from({ length: 20 }, (_, k) =>
      Math.log(candles.close[index - k]! / candles.close[index - k - 1]!),
    )
    const mean = returns.reduce((sum, value) => sum + value, 0) / 20
    const deviation = Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 20)
    expect(vector[named('return1')]).toBeCloseTo(returns[0]! / deviation, 4)
    const high = Math.max(...candles.high.subarray(index - 19, index + 1))
    const low = Math.min(...candles.low.subarray(index - 19, index + 1))
    const position = (2 * Math.log(candles.close[index]!) - Math.log(high * low)) / Math.log(high / low)
    expect(vector[named('donchian20')]).toBeCloseTo(position, 4)
    expect(vector[named('hitRate')]).toBeCloseTo(15 / 39, 6)
    const hour = ((candles.openTime[index]! + barMs) % 86_400_000) / 3_600_000
    expect(vector[named('hourSine')]).toBeCloseTo(Math.sin((2 * Math.PI * hour) / 24), 6)
  })

  test('without volume the mask says so; a market that stands still has no finite vector', () => {
    const silent = { ...candles, volume: new Float64Array(candles.length) }
    const masked = computeFeatures(inputAt(index, 'long', silent))
    expect(masked[named('volumeZ50')]).toBe(0)
    expect(masked[named('hasVolume')]).toBe(0)
    const flat = computeFeatures(
      inputAt(
        index,
        'long',
        mapPrices(candles, () => 100),
      ),
    )
    expect(flat.some(Number.isNaN)).toBe(true)
  })

  test('too little history is an error that says how much is missing', () => {
    expect(() => computeFeatures(inputAt(518, 'long'))).toThrowError(
      expect.objectContaining({ code: 'history.too-short', details: { need: 520, have: 519 } }),
    )
  })
})
