import { type Candle, closeTimeOf, type Timeframe } from '@barfinex/core/browser'

/** A chart stays quick up to about this many bars. */
export const maxBars = 5_000

export interface MergedBars {
  readonly bars: readonly Candle[]
  /** Bars that are new or changed, oldest first; `null` when more than the newest bars changed and all have to be drawn again. */
  readonly changed: readonly Candle[] | null
  /** True when bars between what is known and what came are missing. */
  readonly hasGap: boolean
}

/**
 * Merges candles of one series into what is shown: by open time, the higher revision wins, a closed bar beats a forming one,
 * and only the newest {@link maxBars} stay.
 */
export function mergeBars(known: readonly Candle[], incoming: readonly Candle[], timeframe: Timeframe): MergedBars {
  const fresh = new Map<number, Candle>()
  for (const it of incoming) {
    // The same bar may come twice: as it formed, and closed.
    const before = fresh.get(it.openTime) ?? find(known, it.openTime)
    if (before === undefined || isNewer(it, before)) fresh.set(it.openTime, it)
  }
  if (fresh.size === 0) return { bars: known, changed: [], hasGap: false }
  const sorted = [...fresh.values()].sort((a, b) => a.openTime - b.openTime)
  const last = known.at(-1)
  const first = sorted[0] as Candle
  const hasGap = last !== undefined && first.openTime > closeTimeOf(timeframe, last.openTime)
  if (last === undefined || first.openTime < last.openTime) {
    return { bars: merged(known, sorted).slice(-maxBars), changed: null, hasGap: false }
  }
  // The usual case: the last bar changes, or new ones follow it.
  const bars = first.openTime === last.openTime ? known.slice(0, -1) : [...known]
  for (const it of sorted) bars.push(it)
  const isCut = bars.length > maxBars + maxBars / 10
  return { bars: isCut ? bars.slice(-maxBars) : bars, changed: isCut ? null : sorted, hasGap }
}

function isNewer(candle: Candle, known: Candle): boolean {
  if (known.isFinal !== candle.isFinal) return candle.isFinal
  if (known.revision !== candle.revision) return candle.revision > known.revision
  return (
    known.close !== candle.close ||
    known.high !== candle.high ||
    known.low !== candle.low ||
    known.volume !== candle.volume
  )
}

function find(bars: readonly Candle[], openTime: number): Candle | undefined {
  let low = 0
  let high = bars.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const bar = bars[middle] as Candle
    if (bar.openTime === openTime) return bar
    if (bar.openTime < openTime) low = middle + 1
    else high = middle - 1
  }
  return undefined
}

function merged(known: readonly Candle[], fresh: readonly Candle[]): Candle[] {
  const byTime = new Map(known.map((it) => [it.openTime, it]))
  for (const it of fresh) byTime.set(it.openTime, it)
  return [...byTime.values()].sort((a, b) => a.openTime - b.openTime)
}
