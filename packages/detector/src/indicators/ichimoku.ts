import { z } from 'zod'
import { type CandleRow, HIGH, LOW } from './candle-row.js'
import { Donchian } from './donchian.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'

/** Ichimoku lines: middles of three ranges, and their middle, undisplaced. `update` returns the conversion line. */
export class Ichimoku implements Indicator {
  readonly values = unknownValues(4)
  private readonly short: Donchian
  private readonly medium: Donchian
  private readonly long: Donchian

  constructor(conversion: number, base: number, span: number) {
    this.short = new Donchian(conversion)
    this.medium = new Donchian(base)
    this.long = new Donchian(span)
  }

  update(high: number, low: number): number {
    const { values, short, medium, long } = this
    short.update(high, low)
    medium.update(high, low)
    long.update(high, low)
    const conversion = short.values[1]!
    const base = medium.values[1]!
    values[0] = conversion
    values[1] = base
    values[2] = (conversion + base) / 2
    values[3] = long.values[1]!
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
