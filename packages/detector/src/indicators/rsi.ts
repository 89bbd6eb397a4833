import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { rmaSettle } from './settle.js'

/**
 * Wilder's relative strength index, 0 to 100; 50 when nothing moved at all.
 *
 * @example
 * const rsi = new Rsi(2)
 * rsi.update(10) // => NaN
 * rsi.update(13) // => NaN
 * rsi.update(12) // => 75
 */
export class Rsi implements SourceIndicator {
  readonly values = unknownValues(1)
  /** Average gain, average loss, previous number. */
  private readonly state = new Float64Array(3)
  private readonly period: number
  private readonly weight: number
  private readonly slot: number
  private count = 0

  constructor(period: number, source: CandleSource = 'close') {
    this.period = period
    this.weight = 1 / period
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    let strength = Number.NaN
    if (Number.isFinite(value)) {
      const { state, count, weight } = this
      const change = value - state[2]!
      state[2] = value
      // Until the first average, gains and losses are added up; the first number has nothing to be compared with.
      const keep = count > this.period ? 1 - weight : 1
      const share = count === 0 ? 0 : weight
      const gains = state[0]! * keep + Math.max(change, 0) * share
      const losses = state[1]! * keep + Math.max(-change, 0) * share
      state[0] = gains
      state[1] = losses
      if (count <= this.period) this.count = count + 1
      if (count >= this.period) {
        const movement = gains + losses
        strength = movement > 0 ? 100 * (gains / movement) : 50
      }
    }
    this.values[0] = strength
    return strength
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.state.fill(0)
    this.count = 0
  }
}

export const rsi = defineIndicator({
  name: 'rsi',
  title: 'Relative strength index',
  description:
    'The share of gains in recent movement: above 70 is called overbought, below 30 oversold. 50 without movement.',
  formula: '100 · rma(gain, n) / (rma(gain, n) + rma(loss, n))',
  origin: 'J. Welles Wilder, New Concepts in Technical Trading Systems, 1978.',
  params: z.strictObject({ period: period(14, 'Period of the Wilder averages.'), source: source() }),
  outputs: [{ name: 'rsi', unit: 'percent', description: '0 to 100.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period + 1],
  settle: ({ period }) => rmaSettle(period) + 1,
  create: ({ period, source }) => new Rsi(period, source),
})
