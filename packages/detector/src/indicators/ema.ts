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
  private readonly weight: number
  private readonly slot: number
  private count = 0

  constructor(period: number, source: CandleSource = 'close') {
    this.period = period
    this.weight = 2 / (period + 1)
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    let average = Number.NaN
    if (Number.isFinite(value)) {
      const last = this.average[0]!
      let next = last + (value - last) * this.weight
      if (this.count < this.period) {
        this.count++
        next = last + value
        if (this.count === this.period) {
          next /= this.period
          average = next
        }
      } else {
        average = next
      }
      this.average[0] = next
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
  }
}

export const ema = defineIndicator({
  name: 'ema',
  title: 'Exponential moving average',
  description: 'A mean in which the weight of a candle fades by a constant share with every newer one.',
  formula: 'ema + (x - ema) · 2 / (n + 1); the first is the mean of the first n',
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
