import { z } from 'zod'
import { type CandleRow, sourceSlot } from './candle-row.js'
import { defineIndicator, type SourceIndicator, unknownValues } from './indicator.js'
import { period } from './indicator-params.js'
import { Sma } from './sma.js'

const middle = sourceSlot('hl2')

/** Awesome oscillator: a fast less a slow simple average of the candle's middle. */
export class AwesomeOscillator implements SourceIndicator {
  readonly values = unknownValues(1)
  private readonly fast: Sma
  private readonly slow: Sma

  constructor(fast: number, slow: number) {
    this.fast = new Sma(fast)
    this.slow = new Sma(slow)
  }

  update(value: number): number {
    const distance = this.fast.update(value) - this.slow.update(value)
    this.values[0] = distance
    return distance
  }

  next(row: CandleRow): void {
    this.update(row[middle]!)
  }

  reset(): void {
    this.values[0] = Number.NaN
    this.fast.reset()
    this.slow.reset()
  }
}

export const awesomeOscillator = defineIndicator({
  name: 'awesomeOscillator',
  title: 'Awesome oscillator',
  description: 'Recent against longer momentum, from the middles of the candles.',
  formula: 'sma(hl2, fast) - sma(hl2, slow)',
  origin: 'Bill Williams, New Trading Dimensions, 1998.',
  params: z.strictObject({
    fast: period(5, 'Period of the fast average.'),
    slow: period(34, 'Period of the slow average.'),
  }),
  outputs: [{ name: 'awesomeOscillator', unit: 'distance', description: 'Fast less slow average.' }],
  inputs: () => ['hl2'],
  warmUp: ({ fast, slow }) => [Math.max(fast, slow)],
  settle: ({ fast, slow }) => Math.max(fast, slow),
  create: ({ fast, slow }) => new AwesomeOscillator(fast, slow),
})
