import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot, VOLUME } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { WindowSum } from './window-sum.js'

/** Volume-weighted moving average of the last `period` candles. */
export class Vwma implements Indicator {
  readonly values = unknownValues(1)
  private readonly turnover: WindowSum
  private readonly volume: WindowSum
  private readonly period: number
  private readonly slot: number
  private count = 0

  constructor(period: number, source: CandleSource = 'close') {
    this.period = period
    this.turnover = new WindowSum(period)
    this.volume = new WindowSum(period)
    this.slot = sourceSlot(source)
  }

  update(price: number, volume: number): number {
    let mean = Number.NaN
    if (Number.isFinite(price + volume)) {
      const turnover = this.turnover.push(price * volume)
      const total = this.volume.push(volume)
      if (this.count < this.period) this.count++
      if (this.count === this.period && total > 0) mean = turnover / total
    }
    this.values[0] = mean
    return mean
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!, row[VOLUME]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.turnover.reset()
    this.volume.reset()
    this.count = 0
  }
}

export const vwma = defineIndicator({
  name: 'vwma',
  title: 'Volume-weighted moving average',
  description:
    'The mean price of what was traded in the window; with source hlc3 it is the rolling VWAP. NaN while the window has no volume.',
  formula: 'Σ x · volume / Σ volume over n',
  origin: 'Textbook.',
  params: z.strictObject({ period: period(20), source: source() }),
  outputs: [{ name: 'vwma', unit: 'price', description: 'The weighted mean.' }],
  inputs: ({ source }) => [source, 'volume'],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => period,
  create: ({ period, source }) => new Vwma(period, source),
})
