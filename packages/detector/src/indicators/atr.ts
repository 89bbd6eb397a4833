import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { rmaSettle } from './settle.js'
import { trueRange } from './true-range.js'

/** Average true range: Wilder's average of the true range. */
export class Atr implements Indicator {
  readonly values = unknownValues(1)
  /** Average, previous close. */
  private readonly state = new Float64Array(2)
  private readonly period: number
  private readonly keep: number
  private readonly weight: number
  private count = 0

  constructor(period: number) {
    this.period = period
    // As in `Ema`: the two add up to exactly 1.
    this.keep = 1 - 1 / period
    this.weight = 1 - this.keep
    this.state[1] = Number.NaN
  }

  update(high: number, low: number, close: number): number {
    let average = Number.NaN
    if (Number.isFinite(high + low + close)) {
      const state = this.state
      const range = trueRange(high, low, state[1]!)
      state[1] = close
      if (this.count === this.period) {
        average = state[0]! * this.keep + range * this.weight
        state[0] = average
      } else {
        this.seed(range)
        if (this.count === this.period) average = state[0]!
      }
    }
    this.values[0] = average
    return average
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.state[0] = 0
    this.state[1] = Number.NaN
    this.count = 0
  }

  private seed(range: number): void {
    const sum = this.state[0]! + range
    this.count++
    this.state[0] = this.count === this.period ? sum / this.period : sum
  }
}

/** Average true range in percent of the close. */
export class Natr implements Indicator {
  readonly values = unknownValues(1)
  private readonly range: Atr

  constructor(period: number) {
    this.range = new Atr(period)
  }

  update(high: number, low: number, close: number): number {
    const range = this.range.update(high, low, close)
    const share = close === 0 ? Number.NaN : (100 * range) / close
    this.values[0] = share
    return share
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.range.reset()
  }
}

export const atr = defineIndicator({
  name: 'atr',
  title: 'Average true range',
  description: 'How far the price usually moves in one candle. Stops and targets are measured in it.',
  formula: 'rma(true range, n)',
  origin:
    'J. Welles Wilder, New Concepts in Technical Trading Systems, 1978. The first candle counts with its own range.',
  params: z.strictObject({ period: period(14, 'Period of the Wilder average.') }),
  outputs: [{ name: 'atr', unit: 'distance', description: 'The average range.' }],
  inputs: () => ['high', 'low', 'close'],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => rmaSettle(period) + 1,
  create: ({ period }) => new Atr(period),
})

export const natr = defineIndicator({
  name: 'natr',
  title: 'Normalised average true range',
  description: 'ATR as a share of price, so that markets and times compare. NaN at a close of 0.',
  formula: '100 · atr(n) / close',
  origin: 'John Forman, Technical Analysis of Stocks & Commodities, 2006.',
  params: z.strictObject({ period: period(14, 'Period of the Wilder average.') }),
  outputs: [{ name: 'natr', unit: 'percent', description: 'The average range in percent of the close.' }],
  inputs: () => ['high', 'low', 'close'],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => rmaSettle(period) + 1,
  create: ({ period }) => new Natr(period),
})
