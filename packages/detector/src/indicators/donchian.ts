import { z } from 'zod'
import { type CandleRow, HIGH, LOW } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { WindowMax, WindowMin } from './window-extremes.js'

/** Donchian channel: highest high and lowest low of the window, the newest candle included. `update` returns the upper band. */
export class Donchian implements Indicator {
  readonly values = unknownValues(3)
  private readonly highest: WindowMax
  private readonly lowest: WindowMin
  private readonly period: number
  private count = 0

  constructor(period: number) {
    this.period = period
    this.highest = new WindowMax(period)
    this.lowest = new WindowMin(period)
  }

  update(high: number, low: number): number {
    const values = this.values
    if (!Number.isFinite(high + low)) {
      values.fill(Number.NaN)
      return Number.NaN
    }
    const upper = this.highest.push(high)
    const lower = this.lowest.push(low)
    if (this.count < this.period && ++this.count < this.period) return Number.NaN
    values[0] = upper
    values[1] = (upper + lower) / 2
    values[2] = lower
    return upper
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.highest.reset()
    this.lowest.reset()
    this.count = 0
  }
}

export const donchian = defineIndicator({
  name: 'donchian',
  title: 'Donchian channel',
  description:
    'The range of the window, the newest candle included: a close cannot be outside it. For a breakout compare with the channel of the candle before.',
  formula: 'upper = highest(high, n); lower = lowest(low, n); middle = (upper + lower) / 2',
  origin: 'Richard Donchian.',
  params: z.strictObject({ period: period(20) }),
  outputs: [
    { name: 'upper', unit: 'price', description: 'Highest high.' },
    { name: 'middle', unit: 'price', description: 'Middle of the channel.' },
    { name: 'lower', unit: 'price', description: 'Lowest low.' },
  ],
  inputs: () => ['high', 'low'],
  warmUp: ({ period }) => [period, period, period],
  settle: ({ period }) => period,
  create: ({ period }) => new Donchian(period),
})
