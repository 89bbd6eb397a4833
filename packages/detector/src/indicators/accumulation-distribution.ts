import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW, VOLUME } from './candle-row.js'
import { closeLocation } from './close-location.js'
import { Ema } from './ema.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { RunningTotal } from './running-total.js'
import { emaSettle } from './settle.js'

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

/** Chaikin oscillator: a fast less a slow average of the accumulation/distribution line. */
export class ChaikinOscillator implements Indicator {
  readonly values = unknownValues(1)
  private readonly line = new AccumulationDistribution()
  private readonly fast: Ema
  private readonly slow: Ema

  constructor(fast: number, slow: number) {
    this.fast = new Ema(fast)
    this.slow = new Ema(slow)
  }

  update(high: number, low: number, close: number, volume: number): number {
    const line = this.line.update(high, low, close, volume)
    const distance = this.fast.update(line) - this.slow.update(line)
    this.values[0] = distance
    return distance
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!, row[VOLUME]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.line.reset()
    this.fast.reset()
    this.slow.reset()
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

export const chaikinOscillator = defineIndicator({
  name: 'chaikinOscillator',
  title: 'Chaikin oscillator',
  description: 'The momentum of the accumulation/distribution line.',
  formula: 'ema(ad, fast) - ema(ad, slow)',
  origin: 'Marc Chaikin.',
  params: z.strictObject({
    fast: period(3, 'Period of the fast average.'),
    slow: period(10, 'Period of the slow average.'),
  }),
  outputs: [{ name: 'chaikinOscillator', unit: 'volume', description: 'Fast less slow average.' }],
  inputs: () => ['high', 'low', 'close', 'volume'],
  warmUp: ({ fast, slow }) => [Math.max(fast, slow)],
  settle: ({ fast, slow }) => emaSettle(Math.max(fast, slow)),
  create: ({ fast, slow }) => new ChaikinOscillator(fast, slow),
})
