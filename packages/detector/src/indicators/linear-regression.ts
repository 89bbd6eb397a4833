import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { WindowTrend } from './window-trend.js'

/** Straight line of least squares through the window: slope, its value now, and how well it fits. `update` returns the slope. */
export class LinearRegression implements SourceIndicator {
  readonly values = unknownValues(3)
  private readonly window: WindowTrend
  private readonly period: number
  /** Sum of squared distances of the places 1 … n from their mean. */
  private readonly spread: number
  private readonly slot: number
  private count = 0

  constructor(period: number, source: CandleSource = 'close') {
    this.period = period
    this.spread = (period * (period * period - 1)) / 12
    this.slot = sourceSlot(source)
    this.window = new WindowTrend(period)
  }

  update(value: number): number {
    const { values, window, period } = this
    if (!Number.isFinite(value)) {
      values.fill(Number.NaN)
      return Number.NaN
    }
    window.push(value)
    if (this.count < period && ++this.count < period) return Number.NaN
    const sums = window.sums
    const sum = sums[0]!
    const together = sums[1]! - (sum * (period + 1)) / 2
    const scatter = sums[2]! - (sum * sum) / period
    const slope = together / this.spread
    values[0] = slope
    values[1] = sums[3]! + sum / period + (slope * (period - 1)) / 2
    values[2] = scatter > 0 ? Math.min((together * slope) / scatter, 1) : 0
    return slope
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.window.reset()
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
