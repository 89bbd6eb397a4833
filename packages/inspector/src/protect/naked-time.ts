/** How long positions of one symbol were without full cover. */
export interface NakedTime {
  /** Since when, or `null` while covered or flat. */
  readonly since: number | null
  readonly longestMs: number
  /** Sum of what every stretch had beyond the bound. */
  readonly beyondBoundMs: number
}

export const neverNaked: NakedTime = Object.freeze({ since: null, longestMs: 0, beyondBoundMs: 0 })

/** Folds one observation: whether anything was open and not covered from `at` on. */
export function withCover(time: NakedTime, isNaked: boolean, at: number, boundMs: number): NakedTime {
  if (isNaked) return time.since === null ? { ...time, since: at } : time
  return time.since === null ? time : { ...nakedUntil(time, at, boundMs), since: null }
}

/** The same with the present stretch counted up to now. */
export function nakedUntil(time: NakedTime, now: number, boundMs: number): NakedTime {
  if (time.since === null) return time
  const stretch = Math.max(0, now - time.since)
  return {
    since: time.since,
    longestMs: Math.max(time.longestMs, stretch),
    beyondBoundMs: time.beyondBoundMs + Math.max(0, stretch - boundMs),
  }
}
