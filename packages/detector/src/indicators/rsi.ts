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
    if (!Number.isFinite(value)) return this.give(Number.NaN)
    const state = this.state
    const change = value - state[2]!
    state[2] = value
    const gain = Math.max(change, 0)
    const loss = Math.max(-change, 0)
    const count = this.count
    if (count <= this.period) {
      this.count = count + 1
      if (count === 0) return Number.NaN
      state[0] = state[0]! + gain
      state[1] = state[1]! + loss
      if (count < this.period) return Number.NaN
      state[0] = state[0]! * this.weight
      state[1] = state[1]! * this.weight
    } else {
      state[0] = state[0]! + (gain - state[0]!) * this.weight
      state[1] = state[1]! + (loss - state[1]!) * this.weight
    }
    const movement = state[0]! + state[1]!
    return this.give(movement > 0 ? 100 * (state[0]! / movement) : 50)
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.state.fill(0)
    this.count = 0
  }

  private give(value: number): number {
    this.values[0] = value
    return value
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
