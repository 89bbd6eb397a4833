/** Where the close lies between low and high: 1 at the high, -1 at the low, 0 in the middle or without a range. */
export function closeLocation(high: number, low: number, close: number): number {
  const range = high - low
  return range > 0 ? (close - low - (high - close)) / range : 0
}
