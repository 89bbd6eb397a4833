import { z } from 'zod'
import { Atr } from './atr.js'
import { type CandleRow, CLOSE, HIGH, LOW } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { factor, period } from './indicator-params.js'

/**
 * Supertrend: a stop that follows the market at so many average true ranges and changes sides when the close passes it.
 * `update` returns the line.
 */
export class Supertrend implements Indicator {
  readonly values = unknownValues(2)
  private readonly range: Atr
  private readonly width: number
  /** Upper band, lower band, previous close. */
  private readonly state = unknownValues(3)
  /** 1, -1, or 0 before the first value. */
  private direction = 0

  constructor(period: number, width: number) {
    this.range = new Atr(period)
    this.width = width
  }

  update(high: number, low: number, close: number): number {
    const { state, values } = this
    const distance = this.range.update(high, low, close) * this.width
    if (Number.isNaN(distance)) {
      values.fill(Number.NaN)
      return Number.NaN
    }
    const middle = (high + low) / 2
    let upper = middle + distance
    let lower = middle - distance
    if (this.direction === 0) {
      this.direction = close >= middle ? 1 : -1
    } else {
      const previousClose = state[2]!
      // A band may come closer to the market but not go away from it, unless the last close was beyond it.
      if (previousClose <= state[0]!) upper = Math.min(upper, state[0]!)
      if (previousClose >= state[1]!) lower = Math.max(lower, state[1]!)
      if (this.direction > 0 ? close < lower : close > upper) this.direction = -this.direction
    }
    state[0] = upper
    state[1] = lower
    state[2] = close
    const line = this.direction > 0 ? lower : upper
    values[0] = line
    values[1] = this.direction
    return line
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.state.fill(Number.NaN)
    this.range.reset()
    this.direction = 0
  }
}

export const supertrend = defineIndicator({
  name: 'supertrend',
  title: 'Supertrend',
  description:
    'A trailing line below a rising market and above a falling one. It begins rising when the close is in the upper half of its candle. Its past decides where it is, until the side changes.',
  formula:
    'bands = hl2 ± width · atr(n), each only moving towards the market; the line is the lower band until the close is below it, then the upper until the close is above it',
  origin: 'Olivier Seban.',
  params: z.strictObject({
    period: period(10, 'Period of the average true range.'),
    width: factor(3, 'Average true ranges from the middle of the candle to a band.'),
  }),
  outputs: [
    { name: 'line', unit: 'price', description: 'The trailing line.' },
    { name: 'direction', unit: 'direction', description: '1 while rising, -1 while falling.' },
  ],
  inputs: () => ['high', 'low', 'close'],
  warmUp: ({ period }) => [period, period],
  settle: () => Number.POSITIVE_INFINITY,
  create: ({ period, width }) => new Supertrend(period, width),
})
