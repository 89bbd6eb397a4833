import { z } from 'zod'
import { type CandleRow, HIGH, LOW } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { WindowMax, WindowMin } from './window-extremes.js'

/** Middle of the range of the last `period` candles; NaN until there are so many. */
class RangeMiddle {
  private readonly highest: WindowMax
  private readonly lowest: WindowMin
  private readonly period: number
  private count = 0

  constructor(period: number) {
    this.period = period
    this.highest = new WindowMax(period)
    this.lowest = new WindowMin(period)
  }

  push(high: number, low: number): number {
    const middle = (this.highest.push(high) + this.lowest.push(low)) / 2
    if (this.count < this.period) this.count++
    return this.count === this.period ? middle : Number.NaN
  }

  reset(): void {
    this.highest.reset()
    this.lowest.reset()
    this.count = 0
  }
}

/** Ichimoku lines: middles of three ranges, and their middle, undisplaced. `update` returns the conversion line. */
export class Ichimoku implements Indicator {
  readonly values = unknownValues(4)
  private readonly short: RangeMiddle
  private readonly medium: RangeMiddle
  private readonly long: RangeMiddle

  constructor(conversion: number, base: number, span: number) {
    this.short = new RangeMiddle(conversion)
    this.medium = new RangeMiddle(base)
    this.long = new RangeMiddle(span)
  }

  update(high: number, low: number): number {
    const values = this.values
    if (!Number.isFinite(high + low)) {
      values.fill(Number.NaN)
      return Number.NaN
    }
    const conversion = this.short.push(high, low)
    const base = this.medium.push(high, low)
    values[0] = conversion
    values[1] = base
    values[2] = (conversion + base) / 2
    values[3] = this.long.push(high, low)
    return conversion
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.short.reset()
    this.medium.reset()
    this.long.reset()
  }
}

export const ichimoku = defineIndicator({
  name: 'ichimoku',
  title: 'Ichimoku',
  description:
    'Middles of a short, a medium and a long range. The spans belong to this candle; charts draw them as many candles ahead as the base line is long, and the close as many back.',
  formula:
    'mid(n) = (highest(high, n) + lowest(low, n)) / 2; conversion = mid(c); base = mid(b); spanA = (conversion + base) / 2; spanB = mid(s)',
  origin: 'Goichi Hosoda, 1969.',
  params: z.strictObject({
    conversion: period(9, 'Window of the conversion line.'),
    base: period(26, 'Window of the base line.'),
    span: period(52, 'Window of span B.'),
  }),
  outputs: [
    { name: 'conversion', unit: 'price', description: 'Middle of the short range.' },
    { name: 'base', unit: 'price', description: 'Middle of the medium range.' },
    { name: 'spanA', unit: 'price', description: 'Middle of both lines.' },
    { name: 'spanB', unit: 'price', description: 'Middle of the long range.' },
  ],
  inputs: () => ['high', 'low'],
  warmUp: ({ conversion, base, span }) => [conversion, base, Math.max(conversion, base), span],
  settle: ({ conversion, base, span }) => Math.max(conversion, base, span),
  create: ({ conversion, base, span }) => new Ichimoku(conversion, base, span),
})
