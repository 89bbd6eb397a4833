import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { type ExponentialAverage, emaOf } from './exponential-average.js'
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
  private readonly average: ExponentialAverage
  private readonly slot: number

  constructor(period: number, source: CandleSource = 'close') {
    this.average = emaOf(period)
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    const average = this.average.push(value)
    this.values[0] = average
    return average
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.average.reset()
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
