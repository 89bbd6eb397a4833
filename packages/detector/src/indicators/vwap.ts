import { z } from 'zod'
import { type CandleRow, type CandleSource, OPEN_TIME, sourceSlot, VOLUME } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { source } from './indicator-params.js'
import { RunningTotal } from './running-total.js'

const dayMs = 86_400_000

/**
 * Volume-weighted average price of the session so far.
 *
 * A session is `sessionMs` long and begins at whole multiples of it since the epoch (UTC), moved by `offsetMs`; the
 * first candle that opens in a new one begins a new average. A session whose beginning was missed gives NaN, so that a late
 * start never shows another average than an early one. For a window that rolls, see `vwma`.
 */
export class Vwap implements Indicator {
  readonly values = unknownValues(1)
  private readonly turnover = new RunningTotal()
  private readonly volume = new RunningTotal()
  private readonly session = unknownValues(1)
  private isWhole = false
  private readonly sessionMs: number
  private readonly offsetMs: number
  private readonly slot: number

  constructor(sessionMs: number = dayMs, offsetMs = 0, source: CandleSource = 'hlc3') {
    this.sessionMs = sessionMs
    this.offsetMs = offsetMs
    this.slot = sourceSlot(source)
  }

  update(price: number, volume: number, openTime: number): number {
    let mean = Number.NaN
    if (Number.isFinite(price + volume + openTime)) {
      const session = Math.floor((openTime - this.offsetMs) / this.sessionMs)
      if (session !== this.session[0]) {
        // The first candle ever begins a whole session only when it opens with it.
        this.isWhole = !Number.isNaN(this.session[0]!) || session * this.sessionMs + this.offsetMs === openTime
        this.session[0] = session
        this.turnover.reset()
        this.volume.reset()
      }
      const turnover = this.turnover.add(price * volume)
      const total = this.volume.add(volume)
      if (this.isWhole && total > 0) mean = turnover / total
    }
    this.values[0] = mean
    return mean
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!, row[VOLUME]!, row[OPEN_TIME]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.session[0] = Number.NaN
    this.isWhole = false
    this.turnover.reset()
    this.volume.reset()
  }
}

export const vwap = defineIndicator({
  name: 'vwap',
  title: 'Session VWAP',
  description:
    'The mean price of everything traded since the session began; sessions are days in UTC unless told otherwise. NaN until the session has volume, and in a session whose beginning was not seen.',
  formula: 'Σ x · volume / Σ volume since the session began',
  origin: 'Textbook.',
  params: z.strictObject({
    sessionMs: z.int().min(1).default(dayMs).describe('Length of a session in milliseconds.'),
    offsetMs: z
      .int()
      .default(0)
      .describe('How long after midnight UTC (or a multiple of the length) a session begins, in milliseconds.'),
    source: source('hlc3'),
  }),
  outputs: [{ name: 'vwap', unit: 'price', description: 'The weighted mean of the session.' }],
  inputs: ({ source }) => [source, 'volume', 'openTime'],
  // From the first candle that begins a session.
  warmUp: () => [1],
  settle: () => Number.POSITIVE_INFINITY,
  settleMs: ({ sessionMs }) => sessionMs,
  create: ({ sessionMs, offsetMs, source }) => new Vwap(sessionMs, offsetMs, source),
})
