import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { factor, period, source } from './indicator-params.js'
import { WindowMoments } from './window-moments.js'

/** Bollinger bands: mean of the window and `width` population standard deviations around it. `update` returns the upper band. */
export class Bollinger implements SourceIndicator {
  readonly values = unknownValues(3)
  private readonly window: WindowMoments
  private readonly period: number
  private readonly width: number
  private readonly slot: number
  private count = 0

  constructor(period: number, width = 2, source: CandleSource = 'close') {
    this.period = period
    this.width = width
    this.slot = sourceSlot(source)
    this.window = new WindowMoments(period)
  }

  update(value: number): number {
    const values = this.values
    if (!Number.isFinite(value)) {
      values.fill(Number.NaN)
      return Number.NaN
    }
    const window = this.window
    window.push(value)
    if (this.count < this.period && ++this.count < this.period) return Number.NaN
    const mean = window.moments[0]!
    const distance = Math.sqrt(window.moments[1]!) * this.width
    const upper = mean + distance
    values[0] = upper
    values[1] = mean
    values[2] = mean - distance
    return upper
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.window.reset()
    this.count = 0
  }
}

/** Place of the source between the Bollinger bands, and their width. `update` returns the place. */
export class BollingerPlace implements SourceIndicator {
  readonly values = unknownValues(2)
  private readonly window: WindowMoments
  private readonly period: number
  private readonly width: number
  private readonly slot: number
  private count = 0

  constructor(period: number, width = 2, source: CandleSource = 'close') {
    this.period = period
    this.width = width
    this.slot = sourceSlot(source)
    this.window = new WindowMoments(period)
  }

  update(value: number): number {
    const values = this.values
    if (!Number.isFinite(value)) {
      values.fill(Number.NaN)
      return Number.NaN
    }
    const { moments } = this.window
    this.window.push(value)
    if (this.count < this.period && ++this.count < this.period) return Number.NaN
    const mean = moments[0]!
    const apart = 2 * this.width * Math.sqrt(moments[1]!)
    const place = apart > 0 ? 0.5 + moments[2]! / apart : 0.5
    values[0] = place
    values[1] = mean === 0 ? Number.NaN : apart / mean
    return place
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.window.reset()
    this.count = 0
  }
}

export const bollinger = defineIndicator({
  name: 'bollinger',
  title: 'Bollinger bands',
  description: 'A channel as wide as the market is restless: the mean and so many standard deviations on both sides.',
  formula: 'middle = sma(x, n); upper, lower = middle ± width · sd(x, n), with the population standard deviation',
  origin: 'John Bollinger, 1983; Bollinger on Bollinger Bands, 2001.',
  params: z.strictObject({
    period: period(20),
    width: factor(2, 'Standard deviations from the middle to a band.'),
    source: source(),
  }),
  outputs: [
    { name: 'upper', unit: 'price', description: 'Upper band.' },
    { name: 'middle', unit: 'price', description: 'Mean of the window.' },
    { name: 'lower', unit: 'price', description: 'Lower band.' },
  ],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period, period, period],
  settle: ({ period }) => period,
  create: ({ period, width, source }) => new Bollinger(period, width, source),
})

export const bollingerPlace = defineIndicator({
  name: 'bollingerPlace',
  title: 'Bollinger %b and bandwidth',
  description:
    'Where the source is between the bands (a half when they coincide), and how far they are apart as a share of the middle (NaN at a middle of 0).',
  formula: 'percentB = (x - lower) / (upper - lower); bandwidth = (upper - lower) / middle',
  origin: 'John Bollinger, Bollinger on Bollinger Bands, 2001.',
  params: z.strictObject({
    period: period(20),
    width: factor(2, 'Standard deviations from the middle to a band.'),
    source: source(),
  }),
  outputs: [
    { name: 'percentB', unit: 'ratio', description: '0 at the lower band, 1 at the upper; beyond them outside.' },
    { name: 'bandwidth', unit: 'ratio', description: 'Distance of the bands over the middle.' },
  ],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period, period],
  settle: ({ period }) => period,
  create: ({ period, width, source }) => new BollingerPlace(period, width, source),
})
