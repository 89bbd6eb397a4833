import { type Timeframe, timeframe } from '../flow/primitives.js'

/** All timeframes, shortest first. */
export const timeframes: readonly Timeframe[] = timeframe.options

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const week = 7 * day
/** 1970-01-01 was a Thursday: the first Monday is four days later. */
const firstMonday = 4 * day

const fixed: Readonly<Record<Exclude<Timeframe, '1M'>, number>> = {
  '1s': second,
  '1m': minute,
  '3m': 3 * minute,
  '5m': 5 * minute,
  '15m': 15 * minute,
  '30m': 30 * minute,
  '1h': hour,
  '2h': 2 * hour,
  '4h': 4 * hour,
  '6h': 6 * hour,
  '8h': 8 * hour,
  '12h': 12 * hour,
  '1d': day,
  '1w': week,
}

/** Length in milliseconds; a month counts as 30 days, for estimates only: use {@link closeTimeOf} for its true end. */
export function timeframeMs(timeframe: Timeframe): number {
  return timeframe === '1M' ? 30 * day : fixed[timeframe]
}

/** Open time of the bar that contains `at` (milliseconds UTC). */
export function openTimeOf(timeframe: Timeframe, at: number): number {
  if (timeframe === '1M') return monthStart(at, 0)
  if (timeframe === '1w') return at - modulo(at - firstMonday, week)
  return at - modulo(at, fixed[timeframe])
}

/** First millisecond after the bar that opens at `openTime`. */
export function closeTimeOf(timeframe: Timeframe, openTime: number): number {
  return timeframe === '1M' ? monthStart(openTime, 1) : openTime + fixed[timeframe]
}

/** True when every bar of `higher` is made of whole bars of `lower`. */
export function canBuildFrom(higher: Timeframe, lower: Timeframe): boolean {
  if (higher === lower) return false
  if (higher === '1M') return lower !== '1w'
  if (lower === '1M') return false
  return fixed[higher] > fixed[lower] && fixed[higher] % fixed[lower] === 0
}

function monthStart(at: number, ahead: number): number {
  const date = new Date(at)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead, 1)
}

/** Never negative. By division, because `%` of numbers beyond 32 bits is a slow library call; exact up to 2^52. */
function modulo(value: number, by: number): number {
  return value - Math.floor(value / by) * by
}
