/** Columns of candles. */
export interface Candles {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

/** A geometric random walk of minutes, the same for the same seed. */
export function randomWalk(count: number, seed: number): Candles {
  let state = seed >>> 0
  const chance = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const column = () => new Float64Array(count)
  const candles = { open: column(), high: column(), low: column(), close: column(), volume: column() }
  let last = 30_000
  for (let at = 0; at < count; at++) {
    const open = last
    const radius = Math.sqrt(-2 * Math.log(chance() || 1e-12))
    last = open * Math.exp(0.0008 * radius * Math.cos(2 * Math.PI * chance()))
    candles.open[at] = open
    candles.close[at] = last
    candles.high[at] = Math.max(open, last) * (1 + 0.0004 * chance())
    candles.low[at] = Math.min(open, last) * (1 - 0.0004 * chance())
    candles.volume[at] = 1 + 99 * chance()
  }
  return candles
}
