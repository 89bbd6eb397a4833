import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { factor, period, source } from './indicator-params.js'
import { WindowSum } from './window-sum.js'

/** Root mean square of log returns in the window, scaled to a year or any other span of candles. */
export class RealizedVolatility implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly window: WindowSum
  private readonly previous = unknownValues(1)
  private readonly period: number
  private readonly scale: number
  private readonly slot: number
  private count = 0

  constructor(period: number, candlesPerYear = 1, source: CandleSource = 'close') {
    this.period = period
    this.scale = candlesPerYear / period
    this.slot = sourceSlot(source)
    this.window = new WindowSum(period)
  }

  update(value: number): number {
    let volatility = Number.NaN
    if (value > 0 && value < Number.POSITIVE_INFINITY) {
      const change = Math.log(value / this.previous[0]!)
      this.previous[0] = value
      if (!Number.isNaN(change)) {
        const squares = this.window.push(change * change)
        if (this.count < this.period) this.count++
        if (this.count === this.period) volatility = Math.sqrt(squares * this.scale)
      }
    }
    this.values[0] = volatility
    return volatility
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.previous[0] = Number.NaN
    this.window.reset()
    this.count = 0
  }
}

export const realizedVolatility = defineIndicator({
  name: 'realizedVolatility',
  title: 'Realized volatility',
  description:
    'The usual log return of a candle, or of a year when told how many candles that has. A price of 0 or less is skipped.',
  formula: '√(candlesPerYear · Σ ln(x / x[1 ago])² / n)',
  origin: 'Andersen and Bollerslev, 1998: no mean is subtracted.',
  params: z.strictObject({
    period: period(30, 'Returns in the window.'),
    candlesPerYear: factor(
      1,
      'Candles in the span that is scaled to; 1 leaves it per candle, 525600 is a year of minutes.',
    ),
    source: source(),
  }),
  outputs: [{ name: 'realizedVolatility', unit: 'ratio', description: '0.01 is one percent.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period + 1],
  settle: ({ period }) => period + 1,
  create: ({ period, candlesPerYear, source }) => new RealizedVolatility(period, candlesPerYear, source),
})
