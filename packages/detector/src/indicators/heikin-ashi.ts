import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW, OPEN } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { fadeCandles } from './settle.js'

/** Heikin-ashi candle: an averaged candle whose colour changes less often. `update` returns its close. */
export class HeikinAshi implements Indicator {
  readonly values = unknownValues(4)
  /** Open and close of the last averaged candle. */
  private readonly last = unknownValues(2)

  update(open: number, high: number, low: number, close: number): number {
    const { values, last } = this
    const averageClose = (open + high + low + close) / 4
    if (!Number.isFinite(averageClose)) {
      values.fill(Number.NaN)
      return Number.NaN
    }
    const averageOpen = Number.isNaN(last[0]!) ? (open + close) / 2 : (last[0]! + last[1]!) / 2
    last[0] = averageOpen
    last[1] = averageClose
    values[0] = averageOpen
    values[1] = Math.max(high, averageOpen, averageClose)
    values[2] = Math.min(low, averageOpen, averageClose)
    values[3] = averageClose
    return averageClose
  }

  next(row: CandleRow): void {
    this.update(row[OPEN]!, row[HIGH]!, row[LOW]!, row[CLOSE]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.last.fill(Number.NaN)
  }
}

export const heikinAshi = defineIndicator({
  name: 'heikinAshi',
  title: 'Heikin-ashi',
  description: 'Candles averaged with their past. Not prices: nobody traded there.',
  formula:
    'close = (o + h + l + c) / 4; open = middle of the last averaged candle, (o + c) / 2 at first; high, low = extremes of h, l with both',
  origin: 'Munehisa Homma, as described by Dan Valcu, 2004.',
  params: z.strictObject({}),
  outputs: [
    { name: 'open', unit: 'price', description: 'Averaged open.' },
    { name: 'high', unit: 'price', description: 'Averaged high.' },
    { name: 'low', unit: 'price', description: 'Averaged low.' },
    { name: 'close', unit: 'price', description: 'Averaged close.' },
  ],
  inputs: () => ['open', 'high', 'low', 'close'],
  warmUp: () => [1, 1, 1, 1],
  settle: () => 1 + fadeCandles(0.5),
  create: () => new HeikinAshi(),
})
