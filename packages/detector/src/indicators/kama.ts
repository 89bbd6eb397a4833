import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { EfficiencyRatio } from './efficiency-ratio.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { fadeCandles } from './settle.js'

/** Kaufman's adaptive moving average: quick when the market goes straight, slow when it goes to and fro. */
export class Kama implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly efficiency: EfficiencyRatio
  /** The average; before the first one, the number before. */
  private readonly average = new Float64Array(1)
  private readonly slowest: number
  private readonly span: number
  private readonly slot: number

  constructor(period: number, fast: number, slow: number, source: CandleSource = 'close') {
    this.efficiency = new EfficiencyRatio(period)
    this.slowest = 2 / (slow + 1)
    this.span = 2 / (fast + 1) - this.slowest
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    let average = Number.NaN
    const ratio = this.efficiency.update(value)
    if (!Number.isNaN(ratio)) {
      const smoothing = ratio * this.span + this.slowest
      const last = this.average[0]!
      average = last + (value - last) * smoothing * smoothing
      this.average[0] = average
    } else if (Number.isFinite(value)) {
      this.average[0] = value
    }
    this.values[0] = average
    return average
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.average[0] = 0
    this.efficiency.reset()
  }
}

export const kama = defineIndicator({
  name: 'kama',
  title: "Kaufman's adaptive moving average",
  description: 'An exponential average whose weight follows the efficiency ratio of the last candles.',
  formula:
    'kama + (x - kama) · c², c = er(n) · (2 / (fast + 1) - 2 / (slow + 1)) + 2 / (slow + 1); begins at the x before',
  origin: 'Perry Kaufman, Smarter Trading, 1995.',
  params: z.strictObject({
    period: period(10, 'Candles over which efficiency is measured.'),
    fast: period(2, 'Period of the average in a straight market.'),
    slow: period(30, 'Period of the average in a market without direction.'),
    source: source(),
  }),
  outputs: [{ name: 'kama', unit: 'price', description: 'The average.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period + 1],
  settle: ({ period, slow, fast }) => period + 1 + fadeCandles((2 / (Math.max(slow, fast) + 1)) ** 2),
  create: ({ period, fast, slow, source }) => new Kama(period, fast, slow, source),
})
