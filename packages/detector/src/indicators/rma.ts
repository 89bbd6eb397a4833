import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
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
  private readonly average = new Float64Array(1)
  private readonly period: number
  private readonly weight: number
  private readonly slot: number
  private count = 0

  constructor(period: number, source: CandleSource = 'close') {
    this.period = period
    this.weight = 1 / period
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    let average = Number.NaN
    if (Number.isFinite(value)) {
      const last = this.average[0]!
      let next = last + (value - last) * this.weight
      if (this.count < this.period) {
        this.count++
        next = last + value
        if (this.count === this.period) {
          next /= this.period
          average = next
        }
      } else {
        average = next
      }
      this.average[0] = next
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
    this.count = 0
  }
}

export const rma = defineIndicator({
  name: 'rma',
  title: "Wilder's moving average",
  description: 'A slow exponential average, the one inside RSI, ATR and ADX (also called smoothed or SMMA).',
  formula: 'rma + (x - rma) / n; the first is the mean of the first n',
  origin: 'J. Welles Wilder, New Concepts in Technical Trading Systems, 1978.',
  params: z.strictObject({ period: period(14, 'Candles in the seed; the weight is 1 / period.'), source: source() }),
  outputs: [{ name: 'rma', unit: 'price', description: 'The average.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => rmaSettle(period),
  create: ({ period, source }) => new Rma(period, source),
})
