import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { Sma } from './sma.js'

/** Triangular moving average: the simple average of a simple average, so that weight peaks in the middle of the window. */
export class Trima implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly inner: Sma
  private readonly outer: Sma
  private readonly slot: number

  constructor(period: number, source: CandleSource = 'close') {
    const shorter = Math.ceil(period / 2)
    this.inner = new Sma(shorter)
    this.outer = new Sma(period + 1 - shorter)
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    const average = this.outer.update(this.inner.update(value))
    this.values[0] = average
    return average
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.inner.reset()
    this.outer.reset()
  }
}

export const trima = defineIndicator({
  name: 'trima',
  title: 'Triangular moving average',
  description: 'A mean that weighs the middle of the window most: smooth and late.',
  formula: 'sma of sma, with periods ⌈n / 2⌉ and n + 1 - ⌈n / 2⌉',
  origin: 'Textbook.',
  params: z.strictObject({ period: period(20), source: source() }),
  outputs: [{ name: 'trima', unit: 'price', description: 'The weighted mean.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => period,
  create: ({ period, source }) => new Trima(period, source),
})
