import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { WindowSum } from './window-sum.js'

/**
 * Simple moving average: the mean of the last `period` numbers.
 *
 * @example
 * const sma = new Sma(3)
 * sma.update(1) // => NaN
 * sma.update(2) // => NaN
 * sma.update(6) // => 3
 */
export class Sma implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly window: WindowSum
  private readonly period: number
  private readonly share: number
  private readonly slot: number
  private count = 0

  constructor(period: number, source: CandleSource = 'close') {
    this.period = period
    this.share = 1 / period
    this.slot = sourceSlot(source)
    this.window = new WindowSum(period)
  }

  update(value: number): number {
    let mean = Number.NaN
    if (Number.isFinite(value)) {
      const sum = this.window.push(value)
      if (this.count < this.period) this.count++
      if (this.count === this.period) mean = sum * this.share
    }
    this.values[0] = mean
    return mean
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.window.reset()
    this.count = 0
  }
}

export const sma = defineIndicator({
  name: 'sma',
  title: 'Simple moving average',
  description: 'The mean of the window: every candle counts the same.',
  formula: '(x[1] + … + x[n]) / n',
  origin: 'Textbook.',
  params: z.strictObject({ period: period(20), source: source() }),
  outputs: [{ name: 'sma', unit: 'price', description: 'The mean.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => period,
  create: ({ period, source }) => new Sma(period, source),
})
