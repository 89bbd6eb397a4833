import { z } from 'zod'
import { type CandleRow, type CandleSource, sourceSlot } from './candle-row.js'
import { type ExponentialAverage, emaOf } from './exponential-average.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period, source } from './indicator-params.js'
import { emaSettle } from './settle.js'

/** Moving average convergence divergence: line, signal, histogram. `update` returns the line. */
export class Macd implements SourceIndicator {
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
    const line = this.fast.push(value) - this.slow.push(value)
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

export const macd = defineIndicator({
  name: 'macd',
  title: 'Moving average convergence divergence',
  description:
    'The distance of a fast from a slow average, its own average as a signal line, and the distance of the two.',
  formula: 'macd = ema(x, fast) - ema(x, slow); signal = ema(macd, signal); histogram = macd - signal',
  origin: 'Gerald Appel, 1979.',
  params: z.strictObject({
    fast: period(12, 'Period of the fast average.'),
    slow: period(26, 'Period of the slow average.'),
    signal: period(9, 'Period of the signal line.'),
    source: source(),
  }),
  outputs: [
    { name: 'macd', unit: 'distance', description: 'Fast less slow average.' },
    { name: 'signal', unit: 'distance', description: 'Average of the line.' },
    { name: 'histogram', unit: 'distance', description: 'Line less signal.' },
  ],
  inputs: ({ source }) => [source],
  warmUp: (params) => {
    const line = longer(params)
    const signal = line + params.signal - 1
    return [line, signal, signal]
  },
  settle: (params) => emaSettle(longer(params)) + emaSettle(params.signal),
  create: ({ fast, slow, signal, source }) => new Macd(fast, slow, signal, source),
})
