import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW, VOLUME } from './candle-row.js'
import { closeLocation } from './close-location.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { WindowRatio } from './window-ratio.js'

/** Chaikin money flow: the mean place of the close in its candle's range, weighted by volume, -1 to 1. */
export class ChaikinMoneyFlow implements Indicator {
  readonly values = unknownValues(1)
  private readonly window: WindowRatio

  constructor(period: number) {
    this.window = new WindowRatio(period)
  }

  update(high: number, low: number, close: number, volume: number): number {
    const isKnown = Number.isFinite(high + low + close + volume)
    const share = isKnown ? this.window.push(closeLocation(high, low, close) * volume, volume, 0) : Number.NaN
    this.values[0] = share
    return share
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!, row[VOLUME]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.window.reset()
  }
}

export const chaikinMoneyFlow = defineIndicator({
  name: 'chaikinMoneyFlow',
  title: 'Chaikin money flow',
  description: 'Above 0, candles with volume close near their highs. 0 without volume.',
  formula: 'Σ volume · ((close - low) - (high - close)) / (high - low) / Σ volume over n',
  origin: 'Marc Chaikin.',
  params: z.strictObject({ period: period(20) }),
  outputs: [{ name: 'chaikinMoneyFlow', unit: 'ratio', description: '-1 to 1.' }],
  inputs: () => ['high', 'low', 'close', 'volume'],
  warmUp: ({ period }) => [period],
  settle: ({ period }) => period,
  create: ({ period }) => new ChaikinMoneyFlow(period),
})
