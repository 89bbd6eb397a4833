import { z } from 'zod'
import { Atr } from './atr.js'
import { type CandleRow, type CandleSource, CLOSE, HIGH, LOW, sourceSlot } from './candle-row.js'
import { type ExponentialAverage, emaOf } from './exponential-average.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { factor, period, source } from './indicator-params.js'
import { emaSettle, rmaSettle } from './settle.js'

/** Keltner channel: an exponential average and so many average true ranges around it. `update` returns the upper band. */
export class Keltner implements Indicator {
  readonly values = unknownValues(3)
  private readonly middle: ExponentialAverage
  private readonly range: Atr
  private readonly width: number
  private readonly slot: number

  constructor(period: number, atrPeriod: number, width: number, source: CandleSource = 'close') {
    this.middle = emaOf(period)
    this.range = new Atr(atrPeriod)
    this.width = width
    this.slot = sourceSlot(source)
  }

  update(high: number, low: number, close: number, value: number): number {
    const values = this.values
    if (!Number.isFinite(high + low + close + value)) {
      values.fill(Number.NaN)
      return Number.NaN
    }
    const middle = this.middle.push(value)
    const distance = this.range.update(high, low, close) * this.width
    const upper = middle + distance
    values[0] = upper
    values[1] = middle
    values[2] = middle - distance
    return upper
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!, row[this.slot]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.middle.reset()
    this.range.reset()
  }
}

export const keltner = defineIndicator({
  name: 'keltner',
  title: 'Keltner channel',
  description: 'A channel whose width follows the true range rather than the spread of closes.',
  formula: 'middle = ema(x, period); upper, lower = middle ± width · atr(atrPeriod)',
  origin: "Chester Keltner, 1960, in Linda Raschke's form.",
  params: z.strictObject({
    period: period(20, 'Period of the middle line.'),
    atrPeriod: period(10, 'Period of the average true range.'),
    width: factor(2, 'Average true ranges from the middle to a band.'),
    source: source(),
  }),
  outputs: [
    { name: 'upper', unit: 'price', description: 'Upper band.' },
    { name: 'middle', unit: 'price', description: 'The average.' },
    { name: 'lower', unit: 'price', description: 'Lower band.' },
  ],
  inputs: ({ source }) => ['high', 'low', 'close', source],
  warmUp: ({ period, atrPeriod }) => {
    const band = Math.max(period, atrPeriod)
    return [band, period, band]
  },
  settle: ({ period, atrPeriod }) => Math.max(emaSettle(period), rmaSettle(atrPeriod) + 1),
  create: ({ period, atrPeriod, width, source }) => new Keltner(period, atrPeriod, width, source),
})
