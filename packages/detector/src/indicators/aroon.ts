import { z } from 'zod'
import { type CandleRow, HIGH, LOW } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { WindowPeakAge } from './window-peak-age.js'

/** Aroon: how recent the highest high and the lowest low are. `update` returns the upper line. */
export class Aroon implements Indicator {
  readonly values = unknownValues(3)
  private readonly peak: WindowPeakAge
  private readonly trough: WindowPeakAge
  private readonly period: number
  private count = 0

  constructor(period: number) {
    this.period = period
    this.peak = new WindowPeakAge(period + 1)
    this.trough = new WindowPeakAge(period + 1)
  }

  update(high: number, low: number): number {
    const { values, period } = this
    if (!Number.isFinite(high + low)) {
      values.fill(Number.NaN)
      return Number.NaN
    }
    const peakAge = this.peak.push(high)
    const troughAge = this.trough.push(-low)
    if (this.count <= period && ++this.count <= period) return Number.NaN
    const up = (100 * (period - peakAge)) / period
    const down = (100 * (period - troughAge)) / period
    values[0] = up
    values[1] = down
    values[2] = up - down
    return up
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.peak.reset()
    this.trough.reset()
    this.count = 0
  }
}

export const aroon = defineIndicator({
  name: 'aroon',
  title: 'Aroon',
  description:
    'How recently the market made its high and its low: 100 is now, 0 is a whole window ago. Of equal extremes the newest counts.',
  formula:
    'up = 100 · (n - candles since highest(high, n + 1)) / n; down likewise for the lowest low; oscillator = up - down',
  origin: 'Tushar Chande, Technical Analysis of Stocks & Commodities, 1995.',
  params: z.strictObject({ period: period(25, 'Candles looked back.') }),
  outputs: [
    { name: 'up', unit: 'percent', description: 'Recency of the high, 0 to 100.' },
    { name: 'down', unit: 'percent', description: 'Recency of the low, 0 to 100.' },
    { name: 'oscillator', unit: 'percent', description: 'Up less down, -100 to 100.' },
  ],
  inputs: () => ['high', 'low'],
  warmUp: ({ period }) => [period + 1, period + 1, period + 1],
  settle: ({ period }) => period + 1,
  create: ({ period }) => new Aroon(period),
})
