import type { Random } from '@barfinex/core'
import { rankOrder } from './metrics.js'

/** The calibration error that a perfect forecaster would show on as many outcomes. */
export interface CalibrationErrorFloor {
  readonly mean: number
  /** Exceeded by chance alone in one of twenty runs. */
  readonly p95: number
}

/**
 * Simulates the calibration error of a perfect forecaster: outcomes are drawn from the forecasts themselves.
 *
 * A goal below this floor is a lie: with ten bins it is about 0.054 at 500 outcomes and 0.012 at 10,000.
 *
 * @param p Forecasts whose floor is wanted.
 */
export function calibrationErrorFloor(
  p: ArrayLike<number>,
  random: Random,
  { binCount = 10, runCount = 200 }: { readonly binCount?: number; readonly runCount?: number } = {},
): CalibrationErrorFloor {
  const order = rankOrder(p)
  const errors = new Float64Array(runCount)
  for (let run = 0; run < runCount; run += 1) {
    let error = 0
    for (let bin = 0; bin < binCount; bin += 1) {
      const from = Math.floor((bin * order.length) / binCount)
      const to = Math.floor(((bin + 1) * order.length) / binCount)
      let surplus = 0
      for (let k = from; k < to; k += 1) {
        const forecast = p[order[k]!]!
        surplus += forecast - (random.next() < forecast ? 1 : 0)
      }
      error += Math.abs(surplus)
    }
    errors[run] = error / order.length
  }
  errors.sort()
  let sum = 0
  for (const error of errors) sum += error
  return { mean: sum / runCount, p95: errors[Math.min(runCount - 1, Math.floor(0.95 * runCount))]! }
}
