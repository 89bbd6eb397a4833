import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { WindowMoments } from './window-moments.js'
import { WindowTrend } from './window-trend.js'

/** Straight line of least squares through the window: slope, its value now, and how well it fits. `update` returns the slope. */
export class LinearRegression implements SourceIndicator {
  readonly values = unknownValues(3)
  private readonly trend: WindowTrend
  private readonly moments: WindowMoments
  private readonly period: number
  /** Sum of squared distances of the places 1 … n from their mean. */
  private readonly spread: number
  private readonly slot: number
  private count = 0

  constructor(period: number, source: CandleSource = 'close') {
    this.period = period
    this.spread = (period * (period * period - 1)) / 12
    this.slot = sourceSlot(source)
    this.trend = new WindowTrend(period)
    this.moments = new WindowMoments(period)
  }

  update(value: number): number {
    const { values, period } = this
    if (!Number.isFinite(value)) {
      values.fill(Number.NaN)
      return Number.NaN
    }
    this.trend.push(value)
    this.moments.push(value)
    if (this.count < period && ++this.count < period) return Number.NaN
    const { sums } = this.trend
    const { moments } = this.moments
    const together = sums[1]! - (sums[0]! * (period + 1)) / 2
    const scatter = moments[1]! * period
    const slope = together / this.spread
    values[0] = slope
    values[1] = moments[0]! + (slope * (period - 1)) / 2
    values[2] = scatter > 0 ? Math.min((together * slope) / scatter, 1) : 0
    return slope
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.trend.reset()
    this.moments.reset()
    this.count = 0
  }
}

export const linearRegression = defineIndicator({
  name: 'linearRegression',
  title: 'Linear regression',
  description:
    'The straight line through the window: how steep, where it is now, and what share of the movement it explains (0 when nothing moved).',
  formula:
    'least squares of x over 1 … n; slope = Σ (t - t̄)(x - x̄) / Σ (t - t̄)²; value at t = n; r2 = squared correlation',
  origin: 'Textbook.',
  params: z.strictObject({ period: period(20, 'Candles in the window.', 2), source: source() }),
  outputs: [
    { name: 'slope', unit: 'distance', description: 'Change of the line per candle.' },
    { name: 'value', unit: 'price', description: 'The line at the newest candle.' },
    { name: 'r2', unit: 'ratio', description: '0 to 1: share of the variance on the line.' },
  ],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period, period, period],
  settle: ({ period }) => period,
  create: ({ period, source }) => new LinearRegression(period, source),
})
