import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { emaSettle } from './settle.js'

/**
 * Exponential moving average with weight 2 / (period + 1), begun with the simple average of the first `period` numbers.
 *
 * @example
 * const ema = new Ema(3)
 * ema.update(1) // => NaN
 * ema.update(2) // => NaN
 * ema.update(6) // => 3
 * ema.update(5) // => 4
 */
export class Ema implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly average = new Float64Array(1)
  private readonly period: number
  private readonly keep: number
  private readonly weight: number
  private readonly slot: number
  private count = 0
  private isSeeded = false

  constructor(period: number, source: CandleSource = 'close') {
    this.period = period
    // In this form, and adding up to exactly 1, the next average waits for one product only, and equal numbers keep their level.
    this.keep = 1 - 2 / (period + 1)
    this.weight = 1 - this.keep
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    let average = Number.NaN
    if (Number.isFinite(value)) {
      const last = this.average[0]!
      if (this.isSeeded) {
        average = last * this.keep + value * this.weight
        this.average[0] = average
      } else {
        this.average[0] = last + value
        this.seed()
        if (this.isSeeded) average = this.average[0]!
      }
    }
    this.values[0] = average
    return average
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.average[0] = 0
    this.count = 0
    this.isSeeded = false
  }

  /** Apart from `update`, which so stays small enough to be inlined, and without a result, which would be boxed. */
  private seed(): void {
    this.count++
    if (this.count < this.period) return
    this.average[0] = this.average[0]! / this.period
    this.isSeeded = true
  }
}

export const ema = defineIndicator({
  name: 'ema',
  title: 'Exponential moving average',
  description: 'A mean in which the weight of a candle fades by a constant share with every newer one.',
  formula: 'ema · (1 - w) + x · w, w = 2 / (n + 1); the first is the mean of the first n',
  origin: 'Textbook; seeded with the simple average, as most charting programs do.',
  params: z.strictObject({
    period: period(20, 'Candles in the seed; the weight is 2 / (period + 1).'),
    source: source(),
  }),
  outputs: [{ name: 'ema', unit: 'price', description: 'The average.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => emaSettle(period),
  create: ({ period, source }) => new Ema(period, source),
})
