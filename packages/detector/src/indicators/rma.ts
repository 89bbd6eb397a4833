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
  private readonly keep: number
  private readonly weight: number
  private readonly slot: number
  private count = 0
  private isSeeded = false

  constructor(period: number, source: CandleSource = 'close') {
    this.period = period
    // As in `Ema`: the two add up to exactly 1.
    this.keep = 1 - 1 / period
    this.weight = 1 - this.keep
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    let average = Number.NaN
    if (Number.isFinite(value)) {
      const last = this.average[0]!
      if (this.isSeeded) {
        average = last * this.keep + value * this.weight
        this.average[0] = average
      } else {
        this.average[0] = last + value
        this.seed()
        if (this.isSeeded) average = this.average[0]!
      }
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
    this.isSeeded = false
  }

  /** Apart from `update`, which so stays small enough to be inlined, and without a result, which would be boxed. */
  private seed(): void {
    this.count++
    if (this.count < this.period) return
    this.average[0] = this.average[0]! / this.period
    this.isSeeded = true
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
