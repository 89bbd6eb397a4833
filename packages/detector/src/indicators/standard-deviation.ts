import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { WindowMoments } from './window-moments.js'

/** Standard deviation of the window: of the population, or (`isSample`) the estimate from a sample. */
export class StandardDeviation implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly window: WindowMoments
  private readonly period: number
  private readonly correction: number
  private readonly slot: number
  private count = 0

  constructor(period: number, isSample = false, source: CandleSource = 'close') {
    this.period = period
    this.correction = isSample ? period / (period - 1) : 1
    this.slot = sourceSlot(source)
    this.window = new WindowMoments(period)
  }

  update(value: number): number {
    let deviation = Number.NaN
    if (Number.isFinite(value)) {
      this.window.push(value)
      if (this.count < this.period) this.count++
      if (this.count === this.period) deviation = Math.sqrt(this.window.moments[1]! * this.correction)
    }
    this.values[0] = deviation
    return deviation
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.window.reset()
    this.count = 0
  }
}

/** How many population standard deviations the newest number is away from the mean of the window; 0 when all are equal. */
export class ZScore implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly window: WindowMoments
  private readonly period: number
  private readonly slot: number
  private count = 0

  constructor(period: number, source: CandleSource = 'close') {
    this.period = period
    this.slot = sourceSlot(source)
    this.window = new WindowMoments(period)
  }

  update(value: number): number {
    let score = Number.NaN
    if (Number.isFinite(value)) {
      this.window.push(value)
      if (this.count < this.period) this.count++
      if (this.count === this.period) {
        const variance = this.window.moments[1]!
        score = variance > 0 ? this.window.moments[2]! / Math.sqrt(variance) : 0
      }
    }
    this.values[0] = score
    return score
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.window.reset()
    this.count = 0
  }
}

export const standardDeviation = defineIndicator({
  name: 'standardDeviation',
  title: 'Standard deviation',
  description: 'How widely the source is spread around its mean in the window.',
  formula: '√(Σ (x - mean)² / n), or / (n - 1) for a sample',
  origin: 'Textbook.',
  params: z.strictObject({
    period: period(20, 'Candles in the window.', 2),
    sample: z.boolean().default(false).describe('Divide by n - 1: an estimate of the spread behind the window.'),
    source: source(),
  }),
  outputs: [{ name: 'standardDeviation', unit: 'distance', description: 'The deviation.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => period,
  create: ({ period, sample, source }) => new StandardDeviation(period, sample, source),
})

export const zScore = defineIndicator({
  name: 'zScore',
  title: 'Z-score',
  description: 'How unusual the newest value is in its window; 0 when all values are equal. Never beyond √(n - 1).',
  formula: '(x - mean) / sd over n, with the population standard deviation',
  origin: 'Textbook.',
  params: z.strictObject({ period: period(20, 'Candles in the window.', 2), source: source() }),
  outputs: [{ name: 'zScore', unit: 'ratio', description: 'Standard deviations from the mean.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => period,
  create: ({ period, source }) => new ZScore(period, source),
})
