import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { rmaSettle } from './settle.js'

/** Directional movement: ADX and the two directional indicators it is made of. `update` returns ADX. */
export class Adx implements Indicator {
  readonly values = unknownValues(3)
  /** Previous high, low, close; Wilder sums of true range, upward and downward movement; sum of DX, then ADX. */
  private readonly state = new Float64Array(7)
  private readonly period: number
  private readonly weight: number
  private count = 0

  constructor(period: number) {
    this.period = period
    this.weight = 1 / period
  }

  update(high: number, low: number, close: number): number {
    const { state, period, count } = this
    if (!Number.isFinite(high + low + close)) {
      this.values.fill(Number.NaN)
      return Number.NaN
    }
    const rise = Math.max(high - state[0]!, 0)
    const fall = Math.max(state[1]! - low, 0)
    const range = Math.max(high, state[2]!) - Math.min(low, state[2]!)
    state[0] = high
    state[1] = low
    state[2] = close
    if (count < 2 * period) this.count = count + 1
    if (count === 0) return Number.NaN

    // In sums rather than averages, as Wilder kept them: the first `period` are added up, then one share is let go each time.
    const keep = count <= period ? 1 : 1 - this.weight
    state[3] = state[3]! * keep + range
    // Only the larger of the two movements counts; multiplying by a truth value is cheaper than a branch nobody can predict.
    state[4] = state[4]! * keep + rise * Number(rise > fall)
    state[5] = state[5]! * keep + fall * Number(fall > rise)
    if (count >= period) this.judge(count)
    return this.values[0]!
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.state.fill(0)
    this.count = 0
  }

  /** Values from the sums. Apart from `update`, which so stays small enough to be inlined, and without a result, which would be boxed. */
  private judge(count: number): void {
    const { state, values, weight } = this
    const twice = 2 * this.period
    const ups = state[4]!
    const downs = state[5]!
    const scale = state[3]! > 0 ? 100 / state[3]! : 0
    values[1] = ups * scale
    values[2] = downs * scale
    const movement = ups + downs
    const directed = movement > 0 ? (100 * Math.abs(ups - downs)) / movement : 0
    const trend = state[6]! + (count < twice ? directed * weight : (directed - state[6]!) * weight)
    state[6] = trend
    if (count >= twice - 1) values[0] = trend
  }
}

export const adx = defineIndicator({
  name: 'adx',
  title: 'Average directional index',
  description:
    'How strongly the market trends (ADX, above 25 is called a trend) and which way (the larger directional indicator). 0 when nothing moved.',
  formula:
    'plusDi, minusDi = 100 · wilder(±movement, n) / wilder(true range, n); adx = rma(100 · |plusDi - minusDi| / (plusDi + minusDi), n); movement is the larger of rise of the high and fall of the low',
  origin: 'J. Welles Wilder, New Concepts in Technical Trading Systems, 1978.',
  params: z.strictObject({ period: period(14, 'Period of all Wilder averages.') }),
  outputs: [
    { name: 'adx', unit: 'percent', description: 'Strength of the trend, 0 to 100.' },
    { name: 'plusDi', unit: 'percent', description: 'Upward movement as a share of true range.' },
    { name: 'minusDi', unit: 'percent', description: 'Downward movement as a share of true range.' },
  ],
  inputs: () => ['high', 'low', 'close'],
  warmUp: ({ period }) => [2 * period, period + 1, period + 1],
  settle: ({ period }) => 2 * rmaSettle(period) + 1,
  create: ({ period }) => new Adx(period),
})
