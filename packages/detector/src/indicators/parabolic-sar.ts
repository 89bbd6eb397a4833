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
  /** Stop, extreme of the present direction, acceleration; then high and low of this candle, the last, and the one before. */
  private readonly state = unknownValues(9)
  private readonly step: number
  private readonly limit: number
  private readonly firstClose = unknownValues(1)
  /** 1, -1, or 0 before the second candle. */
  private direction = 0

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
    state.copyWithin(5, 3, 7)
    state[3] = high
    state[4] = low
    if (this.direction === 0) {
      this.begin(close)
      if (this.direction === 0) return Number.NaN
    } else {
      this.advance()
    }
    values[0] = state[0]!
    values[1] = this.direction
    return state[0]!
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.state.fill(Number.NaN)
    this.firstClose[0] = Number.NaN
    this.direction = 0
  }

  /** The second candle decides the direction. */
  private begin(close: number): void {
    const { state, firstClose } = this
    if (Number.isNaN(firstClose[0]!)) {
      firstClose[0] = close
      return
    }
    this.direction = close >= firstClose[0]! ? 1 : -1
    const highest = Math.max(state[3]!, state[5]!)
    const lowest = Math.min(state[4]!, state[6]!)
    state[0] = this.direction > 0 ? lowest : highest
    state[1] = this.direction > 0 ? highest : lowest
    state[2] = Math.min(this.step, this.limit)
  }

  /** A falling market is a rising one upside down: negated, its highs are lows, and one rule does for both. */
  private advance(): void {
    const { state, direction } = this
    const isRising = direction > 0
    const near = isRising ? state[4]! : -state[3]!
    const far = isRising ? state[3]! : -state[4]!
    const held = isRising ? Math.min(state[6]!, state[8]!) : -Math.max(state[5]!, state[7]!)
    const extreme = state[1]! * direction
    const last = state[0]! * direction
    // Never inside the last two candles, or it would have been hit already.
    const stop = Math.min(last + state[2]! * (extreme - last), held)
    const furthest = Math.max(extreme, far)
    if (near < stop) {
      this.direction = -direction
      state[0] = furthest * direction
      state[1] = near * direction
      state[2] = Math.min(this.step, this.limit)
    } else {
      state[0] = stop * direction
      state[1] = furthest * direction
      if (far > extreme) state[2] = Math.min(state[2]! + this.step, this.limit)
    }
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
