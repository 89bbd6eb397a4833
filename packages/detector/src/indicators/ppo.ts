import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { type ExponentialAverage, emaOf } from './exponential-average.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { emaSettle } from './settle.js'

/** Percentage price oscillator: MACD in percent of the slow average. `update` returns the line. */
export class Ppo implements SourceIndicator {
  readonly values = unknownValues(3)
  private readonly fast: ExponentialAverage
  private readonly slow: ExponentialAverage
  private readonly signal: ExponentialAverage
  private readonly slot: number

  constructor(fast: number, slow: number, signal: number, source: CandleSource = 'close') {
    this.fast = emaOf(fast)
    this.slow = emaOf(slow)
    this.signal = emaOf(signal)
    this.slot = sourceSlot(source)
  }

  update(value: number): number {
    const slow = this.slow.push(value)
    const distance = this.fast.push(value) - slow
    const line = slow === 0 ? Number.NaN : (100 * distance) / slow
    const signal = this.signal.push(line)
    const values = this.values
    values[0] = line
    values[1] = signal
    values[2] = line - signal
    return line
  }

  next(row: CandleRow): void {
    this.update(row[this.slot]!)
  }

  reset(): void {
    this.values.fill(Number.NaN)
    this.fast.reset()
    this.slow.reset()
    this.signal.reset()
  }
}

const longer = (params: { fast: number; slow: number }) => Math.max(params.fast, params.slow)

export const ppo = defineIndicator({
  name: 'ppo',
  title: 'Percentage price oscillator',
  description: 'MACD as a share of price, so that markets and times compare. NaN where the slow average is 0.',
  formula:
    'ppo = 100 · (ema(x, fast) - ema(x, slow)) / ema(x, slow); signal = ema(ppo, signal); histogram = ppo - signal',
  origin: 'Textbook, after Gerald Appel.',
  params: z.strictObject({
    fast: period(12, 'Period of the fast average.'),
    slow: period(26, 'Period of the slow average.'),
    signal: period(9, 'Period of the signal line.'),
    source: source(),
  }),
  outputs: [
    { name: 'ppo', unit: 'percent', description: 'Distance of the averages in percent.' },
    { name: 'signal', unit: 'percent', description: 'Average of the line.' },
    { name: 'histogram', unit: 'percent', description: 'Line less signal.' },
  ],
  inputs: ({ source }) => [source],
  warmUp: (params) => {
    const line = longer(params)
    const signal = line + params.signal - 1
    return [line, signal, signal]
  },
  settle: (params) => emaSettle(longer(params)) + emaSettle(params.signal),
  create: ({ fast, slow, signal, source }) => new Ppo(fast, slow, signal, source),
})
