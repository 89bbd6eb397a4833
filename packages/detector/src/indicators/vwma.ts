import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot, VOLUME } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { WindowRatio } from './window-ratio.js'

/** Volume-weighted moving average of the last `period` candles. */
export class Vwma implements Indicator {
  readonly values = unknownValues(1)
  private readonly window: WindowRatio
  private readonly slot: number

  constructor(period: number, source: CandleSource = 'close') {
    this.window = new WindowRatio(period)
    this.slot = sourceSlot(source)
  }

  update(price: number, volume: number): number {
    const isKnown = Number.isFinite(price + volume)
    const mean = isKnown ? this.window.push(price * volume, volume, Number.NaN) : Number.NaN
    this.values[0] = mean
    return mean
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!, row[VOLUME]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.window.reset()
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
