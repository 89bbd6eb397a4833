import { z } from 'zod'
import { type CandleRow, CLOSE, VOLUME } from './candle-row.js'
import { type ExponentialAverage, emaOf } from './exponential-average.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { emaSettle } from './settle.js'

/** Elder's force index: the average of change times volume. */
export class ForceIndex implements Indicator {
  readonly values = unknownValues(1)
  private readonly average: ExponentialAverage
  private readonly previous = unknownValues(1)

  constructor(period: number) {
    this.average = emaOf(period)
  }

  update(close: number, volume: number): number {
    let force = Number.NaN
    if (Number.isFinite(close + volume)) {
      force = this.average.push((close - this.previous[0]!) * volume)
      this.previous[0] = close
    }
    this.values[0] = force
    return force
  }

  next(row: CandleRow): void {
    this.update(row[CLOSE]!, row[VOLUME]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.previous[0] = Number.NaN
    this.average.reset()
  }
}

export const forceIndex = defineIndicator({
  name: 'forceIndex',
  title: 'Force index',
  description: 'How much volume is behind the moves: large and positive when price rises on volume.',
  formula: 'ema((close - previous close) · volume, n)',
  origin: 'Alexander Elder, Trading for a Living, 1993.',
  params: z.strictObject({ period: period(13, 'Period of the average; 1 leaves it raw.') }),
  outputs: [{ name: 'forceIndex', unit: 'flow', description: 'Price change times volume.' }],
  inputs: () => ['close', 'volume'],
  warmUp: ({ period }) => [period + 1],
  settle: ({ period }) => emaSettle(period) + 1,
  create: ({ period }) => new ForceIndex(period),
})
