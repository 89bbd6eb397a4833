import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW, VOLUME } from './candle-row.js'
import { closeLocation } from './close-location.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { emaSettle } from './settle.js'

/**
 * How far the exponential average of a running total is from that total.
 *
 * Kept as this distance, the total itself is never needed: its level, which means nothing and only grows, would take the digits
 * away from the distance.
 */
class DistanceFromTotal {
  private readonly distance = new Float64Array(1)
  private readonly period: number
  private readonly keep: number
  private count = 0

  constructor(period: number) {
    this.period = period
    this.keep = 1 - 2 / (period + 1)
  }

  /** Takes what is added to the total; returns average less total, NaN until the average is seeded. */
  add(term: number): number {
    const distance = this.distance
    if (this.count < this.period) {
      // The sum of distances of the totals so far: every older one falls behind by the new term.
      distance[0] = distance[0]! - this.count * term
      if (++this.count < this.period) return Number.NaN
      distance[0] = distance[0]! / this.period
    } else {
      distance[0] = (distance[0]! - term) * this.keep
    }
    return distance[0]!
  }

  reset(): void {
    this.distance[0] = 0
    this.count = 0
  }
}

/** Chaikin oscillator: a fast less a slow average of the accumulation/distribution line. */
export class ChaikinOscillator implements Indicator {
  readonly values = unknownValues(1)
  private readonly fast: DistanceFromTotal
  private readonly slow: DistanceFromTotal

  constructor(fast: number, slow: number) {
    this.fast = new DistanceFromTotal(fast)
    this.slow = new DistanceFromTotal(slow)
  }

  update(high: number, low: number, close: number, volume: number): number {
    let distance = Number.NaN
    if (Number.isFinite(high + low + close + volume)) {
      const flow = closeLocation(high, low, close) * volume
      distance = this.fast.add(flow) - this.slow.add(flow)
    }
    this.values[0] = distance
    return distance
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!, row[VOLUME]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.fast.reset()
    this.slow.reset()
  }
}

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
