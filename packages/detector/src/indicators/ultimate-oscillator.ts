import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { WindowRatio } from './window-ratio.js'

/** Ultimate oscillator: buying pressure in three windows at once, the shortest weighing most. */
export class UltimateOscillator implements Indicator {
  readonly values = unknownValues(1)
  private readonly short: WindowRatio
  private readonly middle: WindowRatio
  private readonly long: WindowRatio
  private readonly previousClose = unknownValues(1)

  constructor(short: number, middle: number, long: number) {
    this.short = new WindowRatio(short)
    this.middle = new WindowRatio(middle)
    this.long = new WindowRatio(long)
  }

  update(high: number, low: number, close: number): number {
    let index = Number.NaN
    if (Number.isFinite(high + low + close)) {
      const previous = this.previousClose[0]!
      this.previousClose[0] = close
      if (!Number.isNaN(previous)) {
        const bottom = Math.min(low, previous)
        const pressure = close - bottom
        const range = Math.max(high, previous) - bottom
        const short = this.short.push(pressure, range, 0.5)
        const middle = this.middle.push(pressure, range, 0.5)
        const long = this.long.push(pressure, range, 0.5)
        index = (100 * (4 * short + 2 * middle + long)) / 7
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
    this.previousClose[0] = Number.NaN
    this.short.reset()
    this.middle.reset()
    this.long.reset()
  }
}

export const ultimateOscillator = defineIndicator({
  name: 'ultimateOscillator',
  title: 'Ultimate oscillator',
  description:
    'Buying pressure as a share of true range, over three windows weighted 4, 2, 1. A window that did not move counts as 50.',
  formula:
    '100 · (4 · p(short) + 2 · p(middle) + p(long)) / 7, p(n) = Σ (close - min(low, previous close)) / Σ true range over n',
  origin: 'Larry Williams, 1976.',
  params: z.strictObject({
    short: period(7, 'Steps in the window that weighs 4.'),
    middle: period(14, 'Steps in the window that weighs 2.'),
    long: period(28, 'Steps in the window that weighs 1.'),
  }),
  outputs: [{ name: 'ultimateOscillator', unit: 'percent', description: '0 to 100.' }],
  inputs: () => ['high', 'low', 'close'],
  warmUp: ({ short, middle, long }) => [Math.max(short, middle, long) + 1],
  settle: ({ short, middle, long }) => Math.max(short, middle, long) + 1,
  create: ({ short, middle, long }) => new UltimateOscillator(short, middle, long),
})
