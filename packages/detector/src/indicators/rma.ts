import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { type ExponentialAverage, rmaOf } from './exponential-average.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { rmaSettle } from './settle.js'

/**
 * Wilder's moving average: exponential with weight 1 / period, begun with the simple average of the first `period` numbers.
 *
 * @example
 * const rma = new Rma(2)
 * rma.update(1) // => NaN
 * rma.update(3) // => 2
 * rma.update(6) // => 4
 */
export class Rma implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly average: ExponentialAverage
  private readonly slot: number

  constructor(period: number, source: CandleSource = 'close') {
    this.average = rmaOf(period)
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    const average = this.average.push(value)
    this.values[0] = average
    return average
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.average.reset()
  }
}

export const rma = defineIndicator({
  name: 'rma',
  title: "Wilder's moving average",
  description: 'A slow exponential average, the one inside RSI, ATR and ADX (also called smoothed or SMMA).',
  formula: 'rma · (1 - w) + x · w, w = 1 / n; the first is the mean of the first n',
  origin: 'J. Welles Wilder, New Concepts in Technical Trading Systems, 1978.',
  params: z.strictObject({ period: period(14, 'Candles in the seed; the weight is 1 / period.'), source: source() }),
  outputs: [{ name: 'rma', unit: 'price', description: 'The average.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => rmaSettle(period),
  create: ({ period, source }) => new Rma(period, source),
})
