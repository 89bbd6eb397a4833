import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { DelayLine } from './delay-line.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { WindowSum } from './window-sum.js'

/**
 * Kaufman's efficiency ratio: net distance over the way gone. 1 is a straight line, 0 a market that came back.
 *
 * @example
 * const efficiency = new EfficiencyRatio(2)
 * efficiency.update(10) // => NaN
 * efficiency.update(13) // => NaN
 * efficiency.update(12) // => 0.5
 */
export class EfficiencyRatio implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly start: DelayLine
  private readonly way: WindowSum
  private readonly previous = unknownValues(1)
  private readonly slot: number

  constructor(period: number, source: CandleSource = 'close') {
    this.start = new DelayLine(period)
    this.way = new WindowSum(period)
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    let ratio = Number.NaN
    if (Number.isFinite(value)) {
      const step = Math.abs(value - this.previous[0]!)
      const net = Math.abs(value - this.start.push(value))
      this.previous[0] = value
      if (!Number.isNaN(step)) {
        const way = this.way.push(step)
        // Rounding may make the way a hair shorter than the net distance it contains. That is NaN until the window is full.
        ratio = way > 0 || Number.isNaN(net) ? Math.min(net / way, 1) : 0
      }
    }
    this.values[0] = ratio
    return ratio
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.previous[0] = Number.NaN
    this.start.reset()
    this.way.reset()
  }
}

export const efficiencyRatio = defineIndicator({
  name: 'efficiencyRatio',
  title: 'Efficiency ratio',
  description: 'How straight the market went: 1 is one direction only, 0 is no net movement, also when nothing moved.',
  formula: '|x - x[n ago]| / Σ |x - x[1 ago]| over n',
  origin: 'Perry Kaufman, Smarter Trading, 1995.',
  params: z.strictObject({ period: period(10, 'Steps over which it is measured.'), source: source() }),
  outputs: [{ name: 'efficiencyRatio', unit: 'ratio', description: '0 to 1.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period + 1],
  settle: ({ period }) => period + 1,
  create: ({ period, source }) => new EfficiencyRatio(period, source),
})
