import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { type ExponentialAverage, emaOf } from './exponential-average.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { Roc } from './rate-of-change.js'
import { emaSettle } from './settle.js'

/** One-candle change, in percent, of a triple-smoothed average. */
export class Trix implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly first: ExponentialAverage
  private readonly second: ExponentialAverage
  private readonly third: ExponentialAverage
  private readonly change = new Roc(1)
  private readonly slot: number

  constructor(period: number, source: CandleSource = 'close') {
    this.first = emaOf(period)
    this.second = emaOf(period)
    this.third = emaOf(period)
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    const change = this.change.update(this.third.push(this.second.push(this.first.push(value))))
    this.values[0] = change
    return change
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.first.reset()
    this.second.reset()
    this.third.reset()
    this.change.reset()
  }
}

export const trix = defineIndicator({
  name: 'trix',
  title: 'TRIX',
  description:
    'The slope of a triple exponential smoothing: a slow momentum without small waves. NaN after a smoothing of 0.',
  formula: 'roc(ema(ema(ema(x, n), n), n), 1)',
  origin: 'Jack Hutson, Technical Analysis of Stocks & Commodities, 1983.',
  params: z.strictObject({ period: period(15, 'Period of each smoothing.'), source: source() }),
  outputs: [{ name: 'trix', unit: 'percent', description: 'Change per candle.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [3 * period - 1],
  settle: ({ period }) => 3 * emaSettle(period) + 1,
  create: ({ period, source }) => new Trix(period, source),
})
