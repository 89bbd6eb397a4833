import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { factor } from './indicator-params.js'

/**
 * Parabolic stop and reverse: a stop that starts at the last extreme and comes closer the longer the market goes on.
 * `update` returns the stop.
 */
export class ParabolicSar implements Indicator {
  readonly values = unknownValues(2)
  /** Stop, extreme of the present direction, acceleration; high and low of the last candle, of the one before; first close. */
  private readonly state = new Float64Array(8)
  private readonly step: number
  private readonly limit: number
  /** 1, -1, or 0 before the second candle. */
  private direction = 0
  private count = 0

  constructor(step: number, limit: number) {
    this.step = step
    this.limit = limit
  }

  update(high: number, low: number, close: number): number {
    const { state, values } = this
    if (!Number.isFinite(high + low + close)) {
      values.fill(Number.NaN)
      return Number.NaN
    }
    if (this.count === 0) {
      this.count = 1
      state[3] = high
      state[4] = low
      state[7] = close
      return Number.NaN
    }
    if (this.direction === 0) this.begin(high, low, close)
    else this.advance(high, low)
    state[5] = state[3]!
    state[6] = state[4]!
    state[3] = high
    state[4] = low
    values[0] = state[0]!
    values[1] = this.direction
    return state[0]!
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.state.fill(0)
    this.direction = 0
    this.count = 0
  }

  /** The second candle decides the direction. */
  private begin(high: number, low: number, close: number): void {
    const state = this.state
    this.direction = close >= state[7]! ? 1 : -1
    const highest = Math.max(high, state[3]!)
    const lowest = Math.min(low, state[4]!)
    state[0] = this.direction > 0 ? lowest : highest
    state[1] = this.direction > 0 ? highest : lowest
    state[2] = Math.min(this.step, this.limit)
    state[5] = state[3]!
    state[6] = state[4]!
  }

  private advance(high: number, low: number): void {
    const state = this.state
    const extreme = state[1]!
    const stop = state[0]! + state[2]! * (extreme - state[0]!)
    if (this.direction > 0) {
      // Never inside the last two candles, or it would have been hit already.
      const held = Math.min(stop, state[4]!, state[6]!)
      if (low < held) this.turn(-1, Math.max(extreme, high), low)
      else this.hold(held, high > extreme, Math.max(extreme, high))
    } else {
      const held = Math.max(stop, state[3]!, state[5]!)
      if (high > held) this.turn(1, Math.min(extreme, low), high)
      else this.hold(held, low < extreme, Math.min(extreme, low))
    }
  }

  private turn(direction: number, stop: number, extreme: number): void {
    this.direction = direction
    this.state[0] = stop
    this.state[1] = extreme
    this.state[2] = Math.min(this.step, this.limit)
  }

  private hold(stop: number, isNewExtreme: boolean, extreme: number): void {
    this.state[0] = stop
    this.state[1] = extreme
    if (isNewExtreme) this.state[2] = Math.min(this.state[2]! + this.step, this.limit)
  }
}

export const parabolicSar = defineIndicator({
  name: 'parabolicSar',
  title: 'Parabolic SAR',
  description:
    'A stop that accelerates towards the market and, once touched, jumps to the other side. The second candle decides where it begins: below when it closes at or above the first.',
  formula:
    'sar + af · (extreme - sar), not beyond the last two lows (highs); af grows by step with every new extreme up to limit; after a touch sar is the extreme and af is step',
  origin: 'J. Welles Wilder, New Concepts in Technical Trading Systems, 1978.',
  params: z.strictObject({
    step: factor(0.02, 'First acceleration and its growth per new extreme.'),
    limit: factor(0.2, 'Highest acceleration.'),
  }),
  outputs: [
    { name: 'sar', unit: 'price', description: 'The stop.' },
    { name: 'direction', unit: 'direction', description: '1 while the stop is below, -1 while it is above.' },
  ],
  inputs: () => ['high', 'low', 'close'],
  warmUp: () => [2, 2],
  settle: () => Number.POSITIVE_INFINITY,
  create: ({ step, limit }) => new ParabolicSar(step, limit),
})
