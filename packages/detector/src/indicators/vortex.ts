import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { trueRange } from './true-range.js'
import { WindowSum } from './window-sum.js'

/** Vortex indicator: upward and downward movement between neighbouring candles over true range. `update` returns the upward one. */
export class Vortex implements Indicator {
  readonly values = unknownValues(2)
  private readonly up: WindowSum
  private readonly down: WindowSum
  private readonly range: WindowSum
  /** Previous high, low, close. */
  private readonly previous = unknownValues(3)
  private readonly period: number
  private count = 0

  constructor(period: number) {
    this.period = period
    this.up = new WindowSum(period)
    this.down = new WindowSum(period)
    this.range = new WindowSum(period)
  }

  update(high: number, low: number, close: number): number {
    const { previous, values, period } = this
    if (!Number.isFinite(high + low + close)) {
      values.fill(Number.NaN)
      return Number.NaN
    }
    const rise = Math.abs(high - previous[1]!)
    const fall = Math.abs(low - previous[0]!)
    const range = trueRange(high, low, previous[2]!)
    previous[0] = high
    previous[1] = low
    previous[2] = close
    if (Number.isNaN(rise)) return Number.NaN
    const up = this.up.push(rise)
    const down = this.down.push(fall)
    const total = this.range.push(range)
    if (this.count < period && ++this.count < period) return Number.NaN
    values[0] = total > 0 ? up / total : 0
    values[1] = total > 0 ? down / total : 0
    return values[0]!
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.previous.fill(Number.NaN)
    this.up.reset()
    this.down.reset()
    this.range.reset()
    this.count = 0
  }
}

export const vortex = defineIndicator({
  name: 'vortex',
  title: 'Vortex indicator',
  description:
    'Which way the market turns: the upward line above the downward one is a rising market. Both 0 when nothing moved.',
  formula: 'plus = Σ |high - previous low| / Σ true range; minus = Σ |low - previous high| / Σ true range, over n',
  origin: 'Etienne Botes and Douglas Siepman, Technical Analysis of Stocks & Commodities, 2010.',
  params: z.strictObject({ period: period(14, 'Steps in the window.') }),
  outputs: [
    { name: 'plus', unit: 'ratio', description: 'Upward movement, around 1.' },
    { name: 'minus', unit: 'ratio', description: 'Downward movement, around 1.' },
  ],
  inputs: () => ['high', 'low', 'close'],
  warmUp: ({ period }) => [period + 1, period + 1],
  settle: ({ period }) => period + 1,
  create: ({ period }) => new Vortex(period),
})
