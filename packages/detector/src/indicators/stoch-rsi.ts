import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator } from './indicator.js'
import { period, source } from './indicator-params.js'
import { Rsi } from './rsi.js'
import { rmaSettle } from './settle.js'
import { Stochastic } from './stochastic.js'

/** In a market that stands still RSI keeps its value but for the rounding of averages that fade; this much is no movement. */
const noise = 1e-9

/** Stochastic oscillator of the relative strength index. `update` returns %K. */
export class StochRsi implements SourceIndicator {
  readonly values: Float64Array
  private readonly strength: Rsi
  private readonly place: Stochastic
  private readonly slot: number

  constructor(rsi: number, period: number, smoothing: number, signal: number, source: CandleSource = 'close') {
    this.strength = new Rsi(rsi)
    this.place = new Stochastic(period, smoothing, signal, noise)
    this.values = this.place.values
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    const strength = this.strength.update(value)
    return this.place.update(strength, strength, strength)
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.strength.reset()
    this.place.reset()
  }
}

interface Periods {
  rsi: number
  period: number
  smoothing: number
  signal: number
}

const beyondStrength = ({ period, smoothing, signal }: Periods) => period + smoothing + signal - 3

export const stochRsi = defineIndicator({
  name: 'stochRsi',
  title: 'Stochastic RSI',
  description:
    'Where RSI lies in its own recent range: quicker to the edges than RSI itself. 50 while RSI does not move.',
  formula: 'stochastic(period, smoothing, signal) with rsi(x) as high, low and close',
  origin: 'Tushar Chande and Stanley Kroll, The New Technical Trader, 1994.',
  params: z.strictObject({
    rsi: period(14, 'Period of the RSI.'),
    period: period(14, 'Window in which RSI is placed.'),
    smoothing: period(3, 'Candles over which %K is averaged; 1 leaves it raw.'),
    signal: period(3, 'Candles over which %D averages %K.'),
    source: source(),
  }),
  outputs: [
    { name: 'k', unit: 'percent', description: '0 to 100.' },
    { name: 'd', unit: 'percent', description: 'Average of k.' },
  ],
  inputs: ({ source }) => [source],
  warmUp: (params) => {
    const d = params.rsi + 1 + beyondStrength(params)
    return [d - params.signal + 1, d]
  },
  settle: (params) => rmaSettle(params.rsi) + 1 + beyondStrength(params),
  create: ({ rsi, period, smoothing, signal, source }) => new StochRsi(rsi, period, smoothing, signal, source),
})
