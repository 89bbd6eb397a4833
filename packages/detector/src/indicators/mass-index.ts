import { z } from 'zod'
import { type CandleRow, HIGH, LOW } from './candle-row.js'
import { type ExponentialAverage, emaOf } from './exponential-average.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { emaSettle } from './settle.js'
import { WindowSum } from './window-sum.js'

/** Mass index: how much the range of candles has widened of late. */
export class MassIndex implements Indicator {
  readonly values = unknownValues(1)
  private readonly range: ExponentialAverage
  private readonly rangeAgain: ExponentialAverage
  private readonly window: WindowSum
  private readonly period: number
  private count = 0

  constructor(period: number, smoothing: number) {
    this.period = period
    this.range = emaOf(smoothing)
    this.rangeAgain = emaOf(smoothing)
    this.window = new WindowSum(period)
  }

  update(high: number, low: number): number {
    const range = this.range.push(high - low)
    const usual = this.rangeAgain.push(range)
    let mass = Number.NaN
    if (!Number.isNaN(usual)) {
      const sum = this.window.push(usual > 0 ? range / usual : 1)
      if (this.count < this.period) this.count++
      if (this.count === this.period) mass = sum
    }
    this.values[0] = mass
    return mass
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.range.reset()
    this.rangeAgain.reset()
    this.window.reset()
    this.count = 0
  }
}

export const massIndex = defineIndicator({
  name: 'massIndex',
  title: 'Mass index',
  description:
    'Equal to the period while ranges stay as they are, above it when they widen, whichever way the market goes. Candles without range count as unchanged.',
  formula: 'Σ ema(high - low, smoothing) / ema(ema(high - low, smoothing), smoothing) over n',
  origin: 'Donald Dorsey, Technical Analysis of Stocks & Commodities, 1992.',
  params: z.strictObject({
    period: period(25, 'Ratios in the sum.'),
    smoothing: period(9, 'Period of both averages of the range.'),
  }),
  outputs: [{ name: 'massIndex', unit: 'ratio', description: 'Around the period.' }],
  inputs: () => ['high', 'low'],
  warmUp: ({ period, smoothing }) => [2 * smoothing + period - 2],
  settle: ({ period, smoothing }) => 2 * emaSettle(smoothing) + period,
  create: ({ period, smoothing }) => new MassIndex(period, smoothing),
})
