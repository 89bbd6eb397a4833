import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { WindowRatio } from './window-ratio.js'

/** Chande momentum oscillator: gains less losses over both, -100 to 100; 0 when nothing moved. */
export class Cmo implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly window: WindowRatio
  private readonly previous = unknownValues(1)
  private readonly slot: number

  constructor(period: number, source: CandleSource = 'close') {
    this.window = new WindowRatio(period)
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    let balance = Number.NaN
    if (Number.isFinite(value)) {
      const change = value - this.previous[0]!
      this.previous[0] = value
      if (!Number.isNaN(change)) balance = 100 * this.window.push(change, Math.abs(change), 0)
    }
    this.values[0] = balance
    return balance
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.previous[0] = Number.NaN
    this.window.reset()
  }
}

export const cmo = defineIndicator({
  name: 'cmo',
  title: 'Chande momentum oscillator',
  description:
    'Gains against losses in the window, without smoothing: ±100 is one direction only, 0 is balance or no movement.',
  formula: '100 · (Σ gain - Σ loss) / (Σ gain + Σ loss) over n',
  origin: 'Tushar Chande and Stanley Kroll, The New Technical Trader, 1994.',
  params: z.strictObject({ period: period(14, 'Steps in the window.'), source: source() }),
  outputs: [{ name: 'cmo', unit: 'percent', description: '-100 to 100.' }],
  inputs: ({ source }) => [source],
  warmUp: ({ period }) => [period + 1],
  settle: ({ period }) => period + 1,
  create: ({ period, source }) => new Cmo(period, source),
})
