import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { trueRange } from './true-range.js'
import { WindowMax, WindowMin } from './window-extremes.js'
import { WindowSum } from './window-sum.js'

/** Choppiness index: the way gone against the range of the window, on a scale from a straight line to no net movement. */
export class Choppiness implements Indicator {
  readonly values = unknownValues(1)
  private readonly way: WindowSum
  private readonly highest: WindowMax
  private readonly lowest: WindowMin
  private readonly previousClose = unknownValues(1)
  private readonly period: number
  private readonly scale: number
  private count = 0

  constructor(period: number) {
    this.period = period
    this.scale = 100 / Math.log(period)
    this.way = new WindowSum(period)
    this.highest = new WindowMax(period)
    this.lowest = new WindowMin(period)
  }

  update(high: number, low: number, close: number): number {
    let index = Number.NaN
    if (Number.isFinite(high + low + close)) {
      const way = this.way.push(trueRange(high, low, this.previousClose[0]!))
      const range = this.highest.push(high) - this.lowest.push(low)
      this.previousClose[0] = close
      if (this.count < this.period) this.count++
      if (this.count === this.period) index = range > 0 ? Math.log(way / range) * this.scale : 100
    }
    this.values[0] = index
    return index
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.previousClose[0] = Number.NaN
    this.way.reset()
    this.highest.reset()
    this.lowest.reset()
    this.count = 0
  }
}

export const choppiness = defineIndicator({
  name: 'choppiness',
  title: 'Choppiness index',
  description:
    'High when the market goes to and fro (above 61.8), low when it trends (below 38.2); says nothing of direction. 100 without any range.',
  formula: '100 · ln(Σ true range / (highest(high, n) - lowest(low, n))) / ln(n)',
  origin: 'E. W. Dreiss, 1993.',
  params: z.strictObject({ period: period(14, 'Candles in the window.', 2) }),
  outputs: [{ name: 'choppiness', unit: 'percent', description: 'Mostly 0 to 100; gaps can carry it beyond.' }],
  inputs: () => ['high', 'low', 'close'],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => period + 1,
  create: ({ period }) => new Choppiness(period),
})
