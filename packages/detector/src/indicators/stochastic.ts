import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { Sma } from './sma.js'
import { WindowMax, WindowMin } from './window-extremes.js'

/**
 * Stochastic oscillator: the place of the close in the range of the window, smoothed. `update` returns %K.
 *
 * A range of at most `noise` counts as none; prices have no noise, but computed series do.
 */
export class Stochastic implements Indicator {
  readonly values = unknownValues(2)
  private readonly highest: WindowMax
  private readonly lowest: WindowMin
  private readonly fast: Sma
  private readonly slow: Sma
  private readonly period: number
  private readonly noise: number
  private count = 0

  constructor(period: number, smoothing: number, signal: number, noise = 0) {
    this.period = period
    this.noise = noise
    this.highest = new WindowMax(period)
    this.lowest = new WindowMin(period)
    this.fast = new Sma(smoothing)
    this.slow = new Sma(signal)
  }

  update(high: number, low: number, close: number): number {
    let fast = Number.NaN
    let slow = Number.NaN
    if (Number.isFinite(high + low + close)) {
      const bottom = this.lowest.push(low)
      const range = this.highest.push(high) - bottom
      if (this.count < this.period) this.count++
      if (this.count === this.period) {
        fast = this.fast.update(range > this.noise ? (100 * (close - bottom)) / range : 50)
        slow = this.slow.update(fast)
      }
    }
    this.values[0] = fast
    this.values[1] = slow
    return fast
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.highest.reset()
    this.lowest.reset()
    this.fast.reset()
    this.slow.reset()
    this.count = 0
  }
}

export const stochastic = defineIndicator({
  name: 'stochastic',
  title: 'Stochastic oscillator',
  description:
    'Where the close lies in the range of the window: 0 at the low, 100 at the high, 50 when there is no range.',
  formula:
    'k = sma(100 · (close - lowest(low, n)) / (highest(high, n) - lowest(low, n)), smoothing); d = sma(k, signal)',
  origin: 'George Lane, 1950s. Smoothing 1 is the fast form, 3 the slow one.',
  params: z.strictObject({
    period: period(14),
    smoothing: period(3, 'Candles over which %K is averaged; 1 leaves it raw.'),
    signal: period(3, 'Candles over which %D averages %K.'),
  }),
  outputs: [
    { name: 'k', unit: 'percent', description: '0 to 100.' },
    { name: 'd', unit: 'percent', description: 'Average of k.' },
  ],
  inputs: () => ['high', 'low', 'close'],
  warmUp: ({ period, smoothing, signal }) => [period + smoothing - 1, period + smoothing + signal - 2],
  settle: ({ period, smoothing, signal }) => period + smoothing + signal - 2,
  create: ({ period, smoothing, signal }) => new Stochastic(period, smoothing, signal),
})
