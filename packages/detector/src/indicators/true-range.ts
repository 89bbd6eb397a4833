import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'

/** The range of a candle together with the gap to the previous close; its own range when that is NaN (there is none). */
export function trueRange(high: number, low: number, previousClose: number): number {
  if (Number.isNaN(previousClose)) return high - low
  return Math.max(high, previousClose) - Math.min(low, previousClose)
}

/** True range of each candle. */
export class TrueRange implements Indicator {
  readonly values = unknownValues(1)
  private readonly previousClose = unknownValues(1)

  update(high: number, low: number, close: number): number {
    let range = Number.NaN
    if (Number.isFinite(high + low + close)) {
      range = trueRange(high, low, this.previousClose[0]!)
      this.previousClose[0] = close
    }
    this.values[0] = range
    return range
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.previousClose[0] = Number.NaN
  }
}

export const trueRangeIndicator = defineIndicator({
  name: 'trueRange',
  title: 'True range',
  description: 'The range of the candle, gap to the previous close included. The first candle gives its own range.',
  formula: 'max(high - low, |high - previous close|, |low - previous close|)',
  origin: 'J. Welles Wilder, New Concepts in Technical Trading Systems, 1978.',
  params: z.strictObject({}),
  outputs: [{ name: 'trueRange', unit: 'distance', description: 'The range.' }],
  inputs: () => ['high', 'low', 'close'],
  warmUp: () => [1],
  settle: () => 2,
  create: () => new TrueRange(),
})
