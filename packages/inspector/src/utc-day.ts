const dayMs = 86_400_000

/** First millisecond of the UTC day. */
export function utcDay(at: number): number {
  return Math.floor(at / dayMs) * dayMs
}

/** First millisecond of the next UTC day. */
export function nextUtcDay(at: number): number {
  return utcDay(at) + dayMs
}
