/** What is left of the start when a recursive average counts as settled. */
const remainder = 1e-6

/** Candles in which an average that keeps `1 - weight` of itself per candle forgets its start, after its warm-up. */
export function fadeCandles(weight: number): number {
  return weight >= 1 ? 0 : Math.ceil(Math.log(remainder) / Math.log(1 - weight))
}

/** Candles until an exponential average with its seed is settled. */
export function emaSettle(period: number): number {
  return period + fadeCandles(2 / (period + 1))
}

/** Candles until a Wilder average with its seed is settled. */
export function rmaSettle(period: number): number {
  return period + fadeCandles(1 / period)
}
