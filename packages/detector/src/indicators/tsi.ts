import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { type ExponentialAverage, emaOf } from './exponential-average.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { emaSettle } from './settle.js'

/** True strength index: twice smoothed change over twice smoothed movement. `update` returns the index. */
export class Tsi implements SourceIndicator {
  readonly values = unknownValues(2)
  private readonly change: ExponentialAverage
  private readonly changeAgain: ExponentialAverage
  private readonly movement: ExponentialAverage
  private readonly movementAgain: ExponentialAverage
  private readonly signal: ExponentialAverage
  private readonly previous = unknownValues(1)
  private readonly slot: number

  constructor(long: number, short: number, signal: number, source: CandleSource = 'close') {
    this.change = emaOf(long)
    this.changeAgain = emaOf(short)
    this.movement = emaOf(long)
    this.movementAgain = emaOf(short)
    this.signal = emaOf(signal)
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    let index = Number.NaN
    if (Number.isFinite(value)) {
      const step = value - this.previous[0]!
      this.previous[0] = value
      const change = this.changeAgain.push(this.change.push(step))
      const movement = this.movementAgain.push(this.movement.push(Math.abs(step)))
      index = movement === 0 ? 0 : (100 * change) / movement
    }
    this.values[0] = index
    this.values[1] = this.signal.push(index)
    return index
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.previous[0] = Number.NaN
    this.change.reset()
    this.changeAgain.reset()
    this.movement.reset()
    this.movementAgain.reset()
    this.signal.reset()
  }
}

export const tsi = defineIndicator({
  name: 'tsi',
  title: 'True strength index',
  description: 'Smoothed change as a share of smoothed movement: ±100 is one direction only; 0 when nothing moved.',
  formula: 'tsi = 100 · ema(ema(Δx, long), short) / ema(ema(|Δx|, long), short); signal = ema(tsi, signal)',
  origin: 'William Blau, Technical Analysis of Stocks & Commodities, 1991.',
  params: z.strictObject({
    long: period(25, 'Period of the first smoothing.'),
    short: period(13, 'Period of the second smoothing.'),
    signal: period(7, 'Period of the signal line.'),
    source: source(),
  }),
  outputs: [
    { name: 'tsi', unit: 'percent', description: '-100 to 100.' },
    { name: 'signal', unit: 'percent', description: 'Average of the index.' },
  ],
  inputs: ({ source }) => [source],
  warmUp: ({ long, short, signal }) => [long + short, long + short + signal - 1],
  settle: ({ long, short, signal }) => 1 + emaSettle(long) + emaSettle(short) + emaSettle(signal),
  create: ({ long, short, signal, source }) => new Tsi(long, short, signal, source),
})
