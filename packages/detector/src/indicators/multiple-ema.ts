import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { type ExponentialAverage, emaOf } from './exponential-average.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { emaSettle } from './settle.js'

/** Double exponential moving average: takes back part of the lag by adding the distance to the average of the average. */
export class Dema implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly first: ExponentialAverage
  private readonly second: ExponentialAverage
  private readonly slot: number

  constructor(period: number, source: CandleSource = 'close') {
    this.first = emaOf(period)
    this.second = emaOf(period)
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    const first = this.first.push(value)
    const average = first + first - this.second.push(first)
    this.values[0] = average
    return average
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.first.reset()
    this.second.reset()
  }
}

/** Triple exponential moving average: Dema's correction, once more. */
export class Tema implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly first: ExponentialAverage
  private readonly second: ExponentialAverage
  private readonly third: ExponentialAverage
  private readonly slot: number

  constructor(period: number, source: CandleSource = 'close') {
    this.first = emaOf(period)
    this.second = emaOf(period)
    this.third = emaOf(period)
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    const first = this.first.push(value)
    const second = this.second.push(first)
    const average = 3 * (first - second) + this.third.push(second)
    this.values[0] = average
    return average
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.first.reset()
    this.second.reset()
    this.third.reset()
  }
}

export const dema = defineIndicator({
  name: 'dema',
  title: 'Double exponential moving average',
  description: 'An exponential average with less lag.',
  formula: '2 · e1 - e2, with e1 = ema(x, n) and e2 = ema(e1, n)',
  origin: 'Patrick Mulloy, Technical Analysis of Stocks & Commodities, 1994.',
  params: z.strictObject({ period: period(20, 'Period of each average.'), source: source() }),
  outputs: [{ name: 'dema', unit: 'price', description: 'The average.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [2 * period - 1],
  settle: ({ period }) => 2 * emaSettle(period),
  create: ({ period, source }) => new Dema(period, source),
})

export const tema = defineIndicator({
  name: 'tema',
  title: 'Triple exponential moving average',
  description: 'An exponential average with hardly any lag, which overshoots at turns.',
  formula: '3 · e1 - 3 · e2 + e3, each the ema(n) of the one before',
  origin: 'Patrick Mulloy, Technical Analysis of Stocks & Commodities, 1994.',
  params: z.strictObject({ period: period(20, 'Period of each average.'), source: source() }),
  outputs: [{ name: 'tema', unit: 'price', description: 'The average.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [3 * period - 2],
  settle: ({ period }) => 3 * emaSettle(period),
  create: ({ period, source }) => new Tema(period, source),
})
