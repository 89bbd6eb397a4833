import { z } from 'zod'
import { type CandleRow, CLOSE, HIGH, LOW, VOLUME } from './candle-row.js'
import { defineIndicator, type Indicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { WindowRatio } from './window-ratio.js'

/** Money flow index: turnover of rising candles as a share of the turnover of all that moved. */
export class Mfi implements Indicator {
  readonly values = unknownValues(1)
  private readonly window: WindowRatio
  private readonly previous = unknownValues(1)

  constructor(period: number) {
    this.window = new WindowRatio(period)
  }

  update(high: number, low: number, close: number, volume: number): number {
    const price = (high + low + close) / 3
    let index = Number.NaN
    if (Number.isFinite(price + volume)) {
      const change = price - this.previous[0]!
      this.previous[0] = price
      if (!Number.isNaN(change)) {
        const flow = change === 0 ? 0 : price * volume
        index = 100 * this.window.push(change > 0 ? flow : 0, flow, 0.5)
      }
    }
    this.values[0] = index
    return index
  }

  next(row: CandleRow): void {
    this.update(row[HIGH]!, row[LOW]!, row[CLOSE]!, row[VOLUME]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.previous[0] = Number.NaN
    this.window.reset()
  }
}

export const mfi = defineIndicator({
  name: 'mfi',
  title: 'Money flow index',
  description:
    'RSI with turnover in place of change: above 80 is called overbought, below 20 oversold. 50 when nothing flowed.',
  formula:
    '100 · Σ up / (Σ up + Σ down) over n; up and down are tp · volume of candles whose tp = (high + low + close) / 3 rose or fell',
  origin: 'Gene Quong and Avrum Soudack, Technical Analysis of Stocks & Commodities, 1989.',
  params: z.strictObject({ period: period(14, 'Steps in the window.') }),
  outputs: [{ name: 'mfi', unit: 'percent', description: '0 to 100.' }],
  inputs: () => ['high', 'low', 'close', 'volume'],
  warmUp: ({ period }) => [period + 1],
  settle: ({ period }) => period + 1,
  create: ({ period }) => new Mfi(period),
})
