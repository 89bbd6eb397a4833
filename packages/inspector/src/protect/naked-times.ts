/** How long stretches without full cover were, in milliseconds: each from the fill to the acknowledgement of its stop. */
export interface NakedTimes {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly longestMs: number
}

/** Collects stretches, in memory that does not grow with their number. */
export interface NakedTimesCount {
  add(ms: number): void
  /** `ongoing`: what the present stretches have come to, counted as if they ended now. */
  summary(ongoing: Iterable<number>): NakedTimes
}

/** Three leading digits are kept: 1 ms below a second, 0.1 % above. */
function rounded(ms: number): number {
  if (ms < 1_000) return Math.max(0, Math.round(ms))
  const unit = 10 ** (Math.floor(Math.log10(ms)) - 2)
  return Math.ceil(ms / unit) * unit
}

export function createNakedTimes(): NakedTimesCount {
  const counts = new Map<number, number>()
  let total = 0
  let longest = 0

  function count(into: Map<number, number>, ms: number): void {
    const key = rounded(ms)
    into.set(key, (into.get(key) ?? 0) + 1)
  }

  return {
    add(ms) {
      count(counts, ms)
      total += 1
      longest = Math.max(longest, ms)
    },
    summary(ongoing) {
      const all = new Map(counts)
      let size = total
      let longestMs = longest
      for (const ms of ongoing) {
        count(all, ms)
        size += 1
        longestMs = Math.max(longestMs, ms)
      }
      const sorted = [...all].sort(([one], [other]) => one - other)
      // The smallest stretch that at least this share does not exceed.
      const quantile = (share: number): number => {
        let seen = 0
        for (const [ms, many] of sorted) {
          seen += many
          if (seen >= share * size) return Math.min(ms, longestMs)
        }
        return 0
      }
      return { count: size, p50Ms: quantile(0.5), p99Ms: quantile(0.99), p999Ms: quantile(0.999), longestMs }
    },
  }
}
