import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW, VOLUME } from './candle-row.js'
import { closeLocation } from './close-location.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { RunningTotal } from './running-total.js'

/** Accumulation/distribution line: a running total of volume weighted by where each candle closed in its range. */
export class AccumulationDistribution implements Indicator {
  readonly values = unknownValues(1)
  private readonly total = new RunningTotal()

  update(high: number, low: number, close: number, volume: number): number {
    const isKnown = Number.isFinite(high + low + close + volume)
    const line = isKnown ? this.total.add(closeLocation(high, low, close) * volume) : Number.NaN
    this.values[0] = line
    return line
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!, row[VOLUME]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.total.reset()
  }
}

export const accumulationDistribution = defineIndicator({
  name: 'accumulationDistribution',
  title: 'Accumulation/distribution line',
  description:
    'Volume counted as bought near the high and as sold near the low, summed up. Its level depends on where it began. A candle without range adds 0.',
  formula: 'ad + volume · ((close - low) - (high - close)) / (high - low)',
  origin: 'Marc Chaikin.',
  params: z.strictObject({}),
  outputs: [{ name: 'accumulationDistribution', unit: 'volume', description: 'The total.' }],
  inputs: () => ['high', 'low', 'close', 'volume'],
  warmUp: () => [1],
  settle: () => Number.POSITIVE_INFINITY,
  create: () => new AccumulationDistribution(),
})
