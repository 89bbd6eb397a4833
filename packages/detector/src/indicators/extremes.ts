import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { WindowMax, WindowMin } from './window-extremes.js'

/** Highest number of the window. */
export class Highest implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly window: WindowMax
  private readonly period: number
  private readonly slot: number
  private count = 0

  constructor(period: number, source: CandleSource = 'high') {
    this.period = period
    this.slot = sourceSlot(source)
    this.window = new WindowMax(period)
  }

  update(value: number): number {
    let highest = Number.NaN
    if (Number.isFinite(value)) {
      const best = this.window.push(value)
      if (this.count < this.period) this.count++
      if (this.count === this.period) highest = best
    }
    this.values[0] = highest
    return highest
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

/** Lowest number of the window. */
export class Lowest implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly window: WindowMin
  private readonly period: number
  private readonly slot: number
  private count = 0

  constructor(period: number, source: CandleSource = 'low') {
    this.period = period
    this.slot = sourceSlot(source)
    this.window = new WindowMin(period)
  }

  update(value: number): number {
    let lowest = Number.NaN
    if (Number.isFinite(value)) {
      const best = this.window.push(value)
      if (this.count < this.period) this.count++
      if (this.count === this.period) lowest = best
    }
    this.values[0] = lowest
    return lowest
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

export const highest = defineIndicator({
  name: 'highest',
  title: 'Highest',
  description: 'The highest value of the window, the newest candle included.',
  formula: 'max(x[1], …, x[n])',
  origin: 'Textbook.',
  params: z.strictObject({ period: period(20), source: source('high') }),
  outputs: [{ name: 'highest', unit: 'price', description: 'The maximum.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => period,
  create: ({ period, source }) => new Highest(period, source),
})

export const lowest = defineIndicator({
  name: 'lowest',
  title: 'Lowest',
  description: 'The lowest value of the window, the newest candle included.',
  formula: 'min(x[1], …, x[n])',
  origin: 'Textbook.',
  params: z.strictObject({ period: period(20), source: source('low') }),
  outputs: [{ name: 'lowest', unit: 'price', description: 'The minimum.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => period,
  create: ({ period, source }) => new Lowest(period, source),
})
