import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { Wma } from './wma.js'

const halfOf = (period: number) => Math.floor(period / 2)
const rootOf = (period: number) => Math.floor(Math.sqrt(period))

/** Hull moving average: a weighted average of twice the fast weighted average less the slow one. */
export class Hma implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly fast: Wma
  private readonly slow: Wma
  private readonly smooth: Wma
  private readonly slot: number

  constructor(period: number, source: CandleSource = 'close') {
    this.fast = new Wma(halfOf(period))
    this.slow = new Wma(period)
    this.smooth = new Wma(rootOf(period))
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    const fast = this.fast.update(value)
    const average = this.smooth.update(fast + fast - this.slow.update(value))
    this.values[0] = average
    return average
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.fast.reset()
    this.slow.reset()
    this.smooth.reset()
  }
}

const warmUp = (period: number) => period + rootOf(period) - 1

export const hma = defineIndicator({
  name: 'hma',
  title: 'Hull moving average',
  description: 'A fast and smooth average that overshoots a little at turns, since it extrapolates.',
  formula: 'wma(√n) of 2 · wma(n / 2) - wma(n); n / 2 and √n rounded down',
  origin: 'Alan Hull, 2005.',
  params: z.strictObject({ period: period(16, 'Candles in the slow window.', 2), source: source() }),
  outputs: [{ name: 'hma', unit: 'price', description: 'The average.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [warmUp(period)],
  settle: ({ period }) => warmUp(period),
  create: ({ period, source }) => new Hma(period, source),
})
