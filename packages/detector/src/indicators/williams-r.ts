import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { WindowMax, WindowMin } from './window-extremes.js'

/** Williams %R: how far the close is below the high of the window, -100 to 0. */
export class WilliamsR implements Indicator {
  readonly values = unknownValues(1)
  private readonly highest: WindowMax
  private readonly lowest: WindowMin
  private readonly period: number
  private count = 0

  constructor(period: number) {
    this.period = period
    this.highest = new WindowMax(period)
    this.lowest = new WindowMin(period)
  }

  update(high: number, low: number, close: number): number {
    let place = Number.NaN
    if (Number.isFinite(high + low + close)) {
      const top = this.highest.push(high)
      const range = top - this.lowest.push(low)
      if (this.count < this.period) this.count++
      if (this.count === this.period) place = range > 0 ? (100 * (close - top)) / range : -50
    }
    this.values[0] = place
    return place
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.highest.reset()
    this.lowest.reset()
    this.count = 0
  }
}

export const williamsR = defineIndicator({
  name: 'williamsR',
  title: 'Williams %R',
  description:
    'Where the close lies in the range of the window, counted from the top: 0 at the high, -100 at the low, -50 when there is no range.',
  formula: '100 · (close - highest(high, n)) / (highest(high, n) - lowest(low, n))',
  origin: 'Larry Williams, How I Made One Million Dollars Last Year Trading Commodities, 1973.',
  params: z.strictObject({ period: period(14) }),
  outputs: [{ name: 'williamsR', unit: 'percent', description: '-100 to 0.' }],
  inputs: () => ['high', 'low', 'close'],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => period,
  create: ({ period }) => new WilliamsR(period),
})
