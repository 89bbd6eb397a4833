import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type CandleInput, createCandleRow, OPEN_TIME, sourceSlot, writeCandle } from './candle-row.js'
import type { Indicator, IndicatorDefinition, OutputUnit } from './indicator.js'
import { type IndicatorName, indicatorCatalog, indicatorNames } from './indicator-catalog.js'
import { type IndicatorPlan, parseIndicator } from './indicator-plan.js'

/** What holds for every indicator, whatever it computes. Whether it computes the right thing is in `textbook.test.ts`. */

const minuteMs = 60_000

interface Candles {
  readonly count: number
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

/** A geometric walk of restless candles with volume; on a grid of 1/1024, so that shifts and powers of two are exact. */
function walk(count: number, seed: number): Candles {
  let state = seed >>> 0
  const chance = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const grid = (x: number) => Math.round(x * 1024) / 1024
  const column = () => new Float64Array(count)
  const candles = { count, open: column(), high: column(), low: column(), close: column(), volume: column() }
  let last = 1000
  for (let at = 0; at < count; at++) {
    const open = last
    const close = grid(last * Math.exp(0.01 * (chance() + chance() + chance() - 1.5)) + (1000 - last) * 0.001)
    candles.open[at] = open
    candles.close[at] = close
    candles.high[at] = grid(Math.max(open, close) * (1 + 0.004 * chance()))
    candles.low[at] = grid(Math.min(open, close) * (1 - 0.004 * chance()))
    candles.volume[at] = 1 + Math.floor(1000 * chance())
    last = close
  }
  return candles
}

interface Change {
  readonly factor?: number
  readonly volumeFactor?: number
  readonly shift?: number
}

/** Feeds candles `from` … `to` and tells the values after each. */
function feed(
  indicator: Indicator,
  candles: Candles,
  from: number,
  to: number,
  onValues: (at: number) => void = () => {},
  { factor = 1, volumeFactor = 1, shift = 0 }: Change = {},
): Indicator {
  const row = createCandleRow()
  for (let at = from; at < to; at++) {
    const price = (x: number | undefined) => x! * factor + shift
    writeCandle(
      row,
      price(candles.open[at]),
      price(candles.high[at]),
      price(candles.low[at]),
      price(candles.close[at]),
      candles.volume[at]! * volumeFactor,
      at * minuteMs,
    )
    indicator.next(row)
    onValues(at)
  }
  return indicator
}

function outputsOf(plan: IndicatorPlan, candles: Candles, change: Change = {}): number[][] {
  const seen: number[][] = []
  const indicator = plan.create()
  feed(indicator, candles, 0, candles.count, () => seen.push([...indicator.values]), change)
  return seen
}

interface Described {
  readonly properties?: Readonly<
    Record<
      string,
      { type?: string; minimum?: number; enum?: readonly string[]; default?: unknown; description?: string }
    >
  >
}
const describedParams = (definition: IndicatorDefinition) =>
  (z.toJSONSchema(definition.params) as Described).properties ?? {}

/** Parameters at random; what is not a number of candles keeps its default. */
function anyParams(definition: IndicatorDefinition): fc.Arbitrary<Record<string, unknown>> {
  const periods = Object.entries(describedParams(definition)).filter(
    ([name, { type }]) => type === 'integer' && !name.endsWith('Ms'),
  )
  return fc.record(
    Object.fromEntries(periods.map(([name, { minimum }]) => [name, fc.integer({ min: minimum ?? 1, max: 40 })])),
  )
}

const candles = walk(400, 1)
const slotOf = (input: CandleInput) => (input === 'openTime' ? OPEN_TIME : sourceSlot(input))

describe.each(indicatorNames)('%s', (name) => {
  const definition: IndicatorDefinition = indicatorCatalog[name]
  const everyPlan = anyParams(definition).map((params) => parseIndicator(name, params))
  const check = (property: (plan: IndicatorPlan) => void) =>
    fc.assert(fc.property(everyPlan, property), { numRuns: 15, examples: [[parseIndicator(name)]] })

  it('is described', () => {
    expect(definition.name).toBe(name)
    for (const text of [definition.title, definition.formula]) expect(text).not.toBe('')
    for (const text of [definition.description, definition.origin]) expect(text).toMatch(/\.$/)
    for (const { description } of definition.outputs) expect(description).toMatch(/\.$/)
    for (const param of Object.values(describedParams(definition))) {
      expect(param.description).toMatch(/\.$/)
      expect(param.default).toBeDefined()
    }
    expect(new Set(definition.outputs.map((output) => output.name)).size).toBe(definition.outputs.length)
  })

  it('is defined from exactly its warm-up on', () => {
    check((plan) => {
      const seen = outputsOf(plan, candles)
      const defined = plan.outputs.map((_, output) => seen.findIndex((values) => !Number.isNaN(values[output]!)) + 1)
      expect(defined).toEqual(plan.warmUp)
      for (const [output, first] of defined.entries()) {
        expect(seen.slice(first - 1).every((values) => Number.isFinite(values[output]!))).toBe(true)
      }
      expect(plan.settle).toBeGreaterThanOrEqual(Math.max(...plan.warmUp))
    })
  })

  it('skips candles of which a needed field is unknown, and no others', () => {
    fc.assert(
      fc.property(everyPlan, fc.integer(), fc.constantFrom(Number.NaN, Infinity, -Infinity), (plan, seed, unknown) => {
        const clean = plan.create()
        const holed = plan.create()
        const row = createCandleRow()
        const needed = plan.inputs.map(slotOf)
        let state = seed
        for (let at = 0; at < 200; at++) {
          const { open, high, low, close, volume } = candles
          writeCandle(row, open[at]!, high[at]!, low[at]!, close[at]!, volume[at]!, at * minuteMs)
          clean.next(row)
          // Whatever it does not declare may be missing.
          for (const slot of row.keys()) if (!needed.includes(slot)) row[slot] = unknown
          holed.next(row)
          expect([...holed.values]).toEqual([...clean.values])
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
          if (state % 3 === 0) {
            row[needed[state % needed.length]!] = unknown
            holed.next(row)
            expect([...holed.values].every(Number.isNaN)).toBe(true)
          }
        }
      }),
      { numRuns: 8 },
    )
  })

  it('is as new after a reset', () => {
    check((plan) => {
      const indicator = feed(plan.create(), candles, 0, 123)
      indicator.reset()
      expect([...indicator.values].every(Number.isNaN)).toBe(true)
      const fresh = plan.create()
      for (let at = 123; at < 300; at++) {
        feed(indicator, candles, at, at + 1)
        feed(fresh, candles, at, at + 1)
        expect([...indicator.values]).toEqual([...fresh.values])
      }
    })
  })

  it('follows the units in which prices and volumes are quoted', () => {
    const exponents: Record<OutputUnit, { price: number; volume: number }> = {
      price: { price: 1, volume: 0 },
      distance: { price: 1, volume: 0 },
      percent: { price: 0, volume: 0 },
      ratio: { price: 0, volume: 0 },
      direction: { price: 0, volume: 0 },
      volume: { price: 0, volume: 1 },
      flow: { price: 1, volume: 1 },
    }
    check((plan) => {
      const seen = outputsOf(plan, candles)
      // Multiplying by a power of two rounds nothing, so even the last bit must agree.
      const rescaled = outputsOf(plan, candles, { factor: 8, volumeFactor: 1 / 4 })
      const expected = seen.map((values) =>
        values.map((value, output) => {
          const { price, volume } = exponents[plan.outputs[output]!.unit]
          return value * 8 ** price * 0.25 ** volume
        }),
      )
      expect(rescaled).toEqual(expected)
    })
  })

  it('moves with the price level, or does not notice it, as its unit says', () => {
    check((plan) => {
      const shift = 512
      const seen = outputsOf(plan, candles)
      const shifted = outputsOf(plan, candles, { shift })
      for (const [output, { unit }] of plan.outputs.entries()) {
        if (unit !== 'price' && unit !== 'distance') continue
        const moved = unit === 'price' ? shift : 0
        for (const [at, values] of seen.entries()) {
          const difference = shifted[at]![output]! - values[output]! - moved
          expect(Number.isNaN(difference) ? 0 : Math.abs(difference)).toBeLessThan(1e-9)
        }
      }
    })
  })
})

it('has no answer where it would have to divide by 0, and never an infinite one', () => {
  const nothing = walk(200, 3)
  for (const column of [nothing.open, nothing.high, nothing.low, nothing.close, nothing.volume]) column.fill(0)
  const unanswered = indicatorNames.flatMap((name) => {
    const plan = parseIndicator(name)
    const values = [...feed(plan.create(), nothing, 0, 200).values]
    expect(values.some((value) => Math.abs(value) === Infinity)).toBe(false)
    return plan.outputs.filter((_, output) => Number.isNaN(values[output]!)).map((output) => `${name}.${output.name}`)
  })
  expect(unanswered).toEqual([
    'vwma.vwma',
    'vwap.vwap',
    'ppo.ppo',
    'ppo.signal',
    'ppo.histogram',
    'roc.roc',
    'trix.trix',
    'natr.natr',
    'bollingerPlace.bandwidth',
    'realizedVolatility.realizedVolatility',
    'relativeVolume.relativeVolume',
  ])
})

describe('a million candles later', () => {
  const count = 1_000_000
  const long = walk(count, 2)
  // One absurd candle half way: a sum that subtracts what it added would remember it for ever.
  const middle = count / 2
  for (const column of [long.open, long.high, long.low, long.close, long.volume])
    column[middle] = column[middle]! * 2 ** 30

  const largest = (column: Float64Array, from: number) => Math.max(...column.subarray(from))
  const smallest = (column: Float64Array, from: number) => -Math.max(...column.subarray(from).map((x) => -x))

  /** What one part of the window may amount to, per unit. */
  function magnitude(unit: OutputUnit, from: number): number {
    const spread = largest(long.high, from) - smallest(long.low, from)
    const volume = long.volume.subarray(from).reduce((sum, x) => sum + x, 0)
    const sizes: Record<OutputUnit, number> = {
      price: spread,
      distance: spread,
      percent: 100,
      ratio: 1,
      direction: 1,
      volume,
      flow: spread * volume,
    }
    return sizes[unit]
  }

  const runningTotals: readonly IndicatorName[] = ['obv', 'accumulationDistribution']

  it.each(indicatorNames.filter((name) => !runningTotals.includes(name)))('%s knows only its window', (name) => {
    const plan = parseIndicator(name)
    const old = feed(plan.create(), long, 0, count)
    const inCandles = Number.isFinite(plan.settle) ? plan.settle : 100_000
    const settle = plan.settleMs > 0 ? 2 * Math.ceil(plan.settleMs / minuteMs) : inCandles
    const young = feed(plan.create(), long, count - settle, count)
    const middleAged = feed(plan.create(), long, count - 3 * settle, count)
    for (const [output, { unit }] of plan.outputs.entries()) {
      const value = old.values[output]!
      expect(Math.abs(value - young.values[output]!)).toBeLessThan(1e-5 * magnitude(unit, count - settle))
      const rounding = 1e-9 * Math.abs(value) + 1e-12 * magnitude(unit, count - settle)
      expect(Math.abs(value - middleAged.values[output]!)).toBeLessThanOrEqual(rounding)
    }
  })

  it.each(runningTotals)('%s has added up exactly', (name) => {
    const plan = parseIndicator(name)
    const indicator = plan.create()
    feed(indicator, long, 0, count - 500)
    const before = indicator.values[0]!
    feed(indicator, long, count - 500, count)
    const recent = feed(plan.create(), long, count - 501, count).values[0]!
    const first = name === 'obv' ? 0 : feed(plan.create(), long, count - 501, count - 500).values[0]!
    expect(Math.abs(indicator.values[0]! - before - (recent - first))).toBeLessThan(1e-9 * Math.abs(before))
  })

  it('obv is the integer it must be', () => {
    let total = 0n
    for (let at = 1; at < count; at++) {
      const sign = BigInt(Math.sign(long.close[at]! - long.close[at - 1]!))
      total += sign * BigInt(long.volume[at]!)
    }
    expect(feed(parseIndicator('obv').create(), long, 0, count).values[0]).toBe(Number(total))
  })
})
