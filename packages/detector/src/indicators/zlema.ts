import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { DelayLine } from './delay-line.js'
import { type ExponentialAverage, emaOf } from './exponential-average.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { emaSettle } from './settle.js'

const lagOf = (period: number) => Math.floor((period - 1) / 2)

/** Zero-lag exponential moving average: averages each number plus its change over the average's own lag. */
export class Zlema implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly average: ExponentialAverage
  private readonly delay: DelayLine | undefined
  private readonly slot: number

  constructor(period: number, source: CandleSource = 'close') {
    const lag = lagOf(period)
    this.average = emaOf(period)
    this.delay = lag === 0 ? undefined : new DelayLine(lag)
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    if (!Number.isFinite(value)) {
      this.values[0] = Number.NaN
      return Number.NaN
    }
    const earlier = this.delay === undefined ? value : this.delay.push(value)
    const average = this.average.push(value + (value - earlier))
    this.values[0] = average
    return average
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.average.reset()
    this.delay?.reset()
  }
}

export const zlema = defineIndicator({
  name: 'zlema',
  title: 'Zero-lag exponential moving average',
  description: 'An exponential average of the source pushed ahead by its own lag.',
  formula: 'ema(x + (x - x[lag ago]), n), lag = ⌊(n - 1) / 2⌋',
  origin: 'John Ehlers and Ric Way, 2010.',
  params: z.strictObject({ period: period(20, 'Period of the average.'), source: source() }),
  outputs: [{ name: 'zlema', unit: 'price', description: 'The average.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period + lagOf(period)],
  settle: ({ period }) => emaSettle(period) + lagOf(period),
  create: ({ period, source }) => new Zlema(period, source),
})
