import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { DelayLine } from './delay-line.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'

/** Change over `period` candles, in units of the source. */
export class Momentum implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly delay: DelayLine
  private readonly slot: number

  constructor(period: number, source: CandleSource = 'close') {
    this.delay = new DelayLine(period)
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    const change = Number.isFinite(value) ? value - this.delay.push(value) : Number.NaN
    this.values[0] = change
    return change
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.delay.reset()
  }
}

/** Change over `period` candles, in percent. */
export class Roc implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly delay: DelayLine
  private readonly slot: number

  constructor(period: number, source: CandleSource = 'close') {
    this.delay = new DelayLine(period)
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    const earlier = Number.isFinite(value) ? this.delay.push(value) : Number.NaN
    const change = earlier === 0 ? Number.NaN : (100 * (value - earlier)) / earlier
    this.values[0] = change
    return change
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.delay.reset()
  }
}

export const momentum = defineIndicator({
  name: 'momentum',
  title: 'Momentum',
  description: 'How far the source went over the period.',
  formula: 'x - x[n ago]',
  origin: 'Textbook.',
  params: z.strictObject({ period: period(10, 'Candles looked back.'), source: source() }),
  outputs: [{ name: 'momentum', unit: 'distance', description: 'The change.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period + 1],
  settle: ({ period }) => period + 1,
  create: ({ period, source }) => new Momentum(period, source),
})

export const roc = defineIndicator({
  name: 'roc',
  title: 'Rate of change',
  description: 'How far the source went over the period, in percent of where it was. NaN after a value of 0.',
  formula: '100 · (x - x[n ago]) / x[n ago]',
  origin: 'Textbook.',
  params: z.strictObject({ period: period(10, 'Candles looked back.'), source: source() }),
  outputs: [{ name: 'roc', unit: 'percent', description: 'The change in percent.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period + 1],
  settle: ({ period }) => period + 1,
  create: ({ period, source }) => new Roc(period, source),
})
