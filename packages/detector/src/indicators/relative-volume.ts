import { z } from 'zod'
import { type CandleRow, VOLUME } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { Sma } from './sma.js'

/** Volume of this candle as a multiple of the mean of the `period` candles before it. */
export class RelativeVolume implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly average: Sma
  /** Mean up to the previous candle. */
  private readonly usual = unknownValues(1)

  constructor(period: number) {
    this.average = new Sma(period)
  }

  update(volume: number): number {
    let multiple = Number.NaN
    if (Number.isFinite(volume)) {
      const usual = this.usual[0]!
      multiple = usual > 0 ? volume / usual : Number.NaN
      this.usual[0] = this.average.update(volume)
    }
    this.values[0] = multiple
    return multiple
  }

  next(row: CandleRow): void {
    this.update(row[VOLUME]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.usual[0] = Number.NaN
    this.average.reset()
  }
}

export const relativeVolume = defineIndicator({
  name: 'relativeVolume',
  title: 'Relative volume',
  description:
    'How many times the usual volume this candle has; the candle itself is not part of the usual. NaN after no volume.',
  formula: 'volume / mean(volume of the n candles before)',
  origin: 'Textbook.',
  params: z.strictObject({ period: period(20, 'Candles that make the usual volume.') }),
  outputs: [{ name: 'relativeVolume', unit: 'ratio', description: '1 is usual.' }],
  inputs: () => ['volume'],
  warmUp: ({ period }) => [period + 1],
  settle: ({ period }) => period + 1,
  create: ({ period }) => new RelativeVolume(period),
})
