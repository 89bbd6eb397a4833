/** Mean of `count` values that end at index `last`. */
export function meanOf(values: Float64Array, last: number, count: number): number {
  let sum = 0
  for (let i = last - count + 1; i <= last; i += 1) sum += values[i]!
  return sum / count
}

/**
 * Standard deviation (population) of `count` values that end at index `last`.
 *
 * Two passes over the window, never a running sum: the result depends on the window alone, bit for bit.
 */
export function deviationOf(values: Float64Array, last: number, count: number): number {
  const mean = meanOf(values, last, count)
  let squares = 0
  for (let i = last - count + 1; i <= last; i += 1) squares += (values[i]! - mean) ** 2
  return Math.sqrt(squares / count)
}

/** Exponential mean of all values up to `last`, weight 2/(period + 1), started at the first value. */
export function exponentialMean(values: Float64Array, last: number, period: number): number {
  const weight = 2 / (period + 1)
  let mean = values[0]!
  for (let i = 1; i <= last; i += 1) mean += weight * (values[i]! - mean)
  return mean
}

/** Wilder's mean of `values[from..last]`, weight 1/period, started with the plain mean of the first `period` values. */
export function wilderMean(values: Float64Array, from: number, last: number, period: number): number {
  let mean = meanOf(values, from + period - 1, period)
  for (let i = from + period; i <= last; i += 1) mean += (values[i]! - mean) / period
  return mean
}

/** Share of the values before the last one that are below it, ties counting half. */
export function rankOfLast(values: Float64Array): number {
  const last = values[values.length - 1]!
  let below = 0
  for (let i = 0; i < values.length - 1; i += 1) below += values[i]! < last ? 1 : values[i] === last ? 0.5 : 0
  return below / (values.length - 1)
}
