import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { WindowMoments } from './window-moments.js'

/**
 * Commodity channel index: how many mean deviations the typical price is away from its average.
 *
 * The mean deviation is taken from a mean that moves with every candle, so it is summed anew each time: the one
 * indicator here whose update costs a pass over its window instead of constant time.
 */
export class Cci implements Indicator {
  readonly values = unknownValues(1)
  private readonly window: WindowMoments
  private readonly prices: Float64Array
  private readonly period: number
  private place = 0
  private count = 0

  constructor(period: number) {
    this.period = period
    this.window = new WindowMoments(period)
    this.prices = new Float64Array(period)
  }

  update(high: number, low: number, close: number): number {
    const { prices, period } = this
    const price = (high + low + close) / 3
    let index = Number.NaN
    if (Number.isFinite(price)) {
      this.window.push(price)
      prices[this.place] = price
      this.place = this.place + 1 === period ? 0 : this.place + 1
      if (this.count < period) this.count++
      if (this.count === period) {
        const lead = this.window.moments[2]!
        let deviation = 0
        for (let place = 0; place < period; place++) deviation += Math.abs(prices[place]! - price + lead)
        index = deviation > 0 ? lead / ((0.015 * deviation) / period) : 0
      }
    }
    this.values[0] = index
    return index
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.window.reset()
    this.prices.fill(0)
    this.place = 0
    this.count = 0
  }
}

export const cci = defineIndicator({
  name: 'cci',
  title: 'Commodity channel index',
  description:
    'The distance of the typical price from its mean in mean deviations; beyond ±100 is unusual. 0 when all prices are equal. Costs a pass over the window per candle.',
  formula: '(tp - sma(tp, n)) / (0.015 · Σ |tp - sma(tp, n)| / n), tp = (high + low + close) / 3',
  origin: 'Donald Lambert, Commodities, 1980.',
  params: z.strictObject({ period: period(20) }),
  outputs: [{ name: 'cci', unit: 'ratio', description: 'Around 0, mostly within ±200.' }],
  inputs: () => ['high', 'low', 'close'],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => period,
  create: ({ period }) => new Cci(period),
})
