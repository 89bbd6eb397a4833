import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW } from './candle-row.js'
import { type ExponentialAverage, rmaOf } from './exponential-average.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { rmaSettle } from './settle.js'
import { trueRange } from './true-range.js'

/** Average true range: Wilder's average of the true range. */
export class Atr implements Indicator {
  readonly values = unknownValues(1)
  private readonly average: ExponentialAverage
  private readonly previousClose = unknownValues(1)

  constructor(period: number) {
    this.average = rmaOf(period)
  }

  update(high: number, low: number, close: number): number {
    let average = Number.NaN
    if (Number.isFinite(high + low + close)) {
      average = this.average.push(trueRange(high, low, this.previousClose[0]!))
      this.previousClose[0] = close
    }
    this.values[0] = average
    return average
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.previousClose[0] = Number.NaN
    this.average.reset()
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
