import { z } from 'zod'
import { type CandleRow, CLOSE, VOLUME } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { RunningTotal } from './running-total.js'

/** On-balance volume: volume of rising candles less volume of falling ones since the first, which counts 0. */
export class Obv implements Indicator {
  readonly values = unknownValues(1)
  private readonly total = new RunningTotal()
  private readonly previous = unknownValues(1)

  update(close: number, volume: number): number {
    let total = Number.NaN
    if (Number.isFinite(close + volume)) {
      const change = close - this.previous[0]!
      this.previous[0] = close
      total = this.total.add(change > 0 ? volume : change < 0 ? -volume : 0)
    }
    this.values[0] = total
    return total
  }

  next(row: CandleRow): void {
    this.update(row[CLOSE]!, row[VOLUME]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.previous[0] = Number.NaN
    this.total.reset()
  }
}

export const obv = defineIndicator({
  name: 'obv',
  title: 'On-balance volume',
  description:
    'A running total of volume with the sign of the close. Its level depends on where it began; only its course says something.',
  formula: 'obv + volume · sign(close - previous close), 0 at the first candle',
  origin: 'Joseph Granville, New Key to Stock Market Profits, 1963.',
  params: z.strictObject({}),
  outputs: [{ name: 'obv', unit: 'volume', description: 'The total.' }],
  inputs: () => ['close', 'volume'],
  warmUp: () => [1],
  settle: () => Number.POSITIVE_INFINITY,
  create: () => new Obv(),
})
