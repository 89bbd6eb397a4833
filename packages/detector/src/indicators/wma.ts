import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { WindowTrend } from './window-trend.js'

/**
 * Linearly weighted moving average: the newest number weighs `period`, the oldest 1.
 *
 * @example
 * const wma = new Wma(2)
 * wma.update(3) // => NaN
 * wma.update(6) // => 5
 */
export class Wma implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly window: WindowTrend
  private readonly period: number
  private readonly share: number
  private readonly slot: number
  private count = 0

  constructor(period: number, source: CandleSource = 'close') {
    this.period = period
    this.share = 2 / (period * (period + 1))
    this.slot = sourceSlot(source)
    this.window = new WindowTrend(period)
  }

  update(value: number): number {
    let mean = Number.NaN
    if (Number.isFinite(value)) {
      this.window.push(value)
      if (this.count < this.period) this.count++
      if (this.count === this.period) mean = this.window.sums[2]! + this.window.sums[1]! * this.share
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

export const wma = defineIndicator({
  name: 'wma',
  title: 'Weighted moving average',
  description: 'A mean in which weight falls in equal steps from the newest candle to the oldest.',
  formula: '(1·x[1] + 2·x[2] + … + n·x[n]) / (n · (n + 1) / 2), x[n] the newest',
  origin: 'Textbook.',
  params: z.strictObject({ period: period(20), source: source() }),
  outputs: [{ name: 'wma', unit: 'price', description: 'The weighted mean.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => period,
  create: ({ period, source }) => new Wma(period, source),
})
