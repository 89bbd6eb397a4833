import { z } from 'zod'
import { type CandleSource, candleSources } from './candle-row.js'

const longestPeriod = 100_000

/** A number of candles. */
export function period(standard: number, description = 'Candles in the window.', least = 1) {
  return z.int().min(least).max(longestPeriod).default(standard).describe(description)
}

/** The series that is read. */
export function source(standard: CandleSource = 'close') {
  return z.enum(candleSources).default(standard).describe('The series that is read.')
}

/** A positive factor. */
export function factor(standard: number, description: string) {
  return z.number().positive().max(1_000_000).default(standard).describe(description)
}
