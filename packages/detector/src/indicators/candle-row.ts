/**
 * One candle as a flat row of numbers: the form in which indicators read it.
 *
 * Why not six arguments: a call that is not inlined boxes every double it passes, and an engine with many different
 * indicators makes exactly such calls. A row is written once per candle and read by any number of indicators without
 * allocating anything.
 *
 * Slots 0 to 5 are the candle itself, the rest are the usual derived prices, computed once for everyone.
 * Prices are in quote currency, volume in base currency, open time in milliseconds UTC.
 */
export type CandleRow = Float64Array

export const OPEN = 0
export const HIGH = 1
export const LOW = 2
export const CLOSE = 3
export const VOLUME = 4
export const OPEN_TIME = 5

const slots = {
  open: OPEN,
  high: HIGH,
  low: LOW,
  close: CLOSE,
  volume: VOLUME,
  hl2: 6,
  hlc3: 7,
  ohlc4: 8,
  hlcc4: 9,
} as const

const rowLength = 10

/** What a single-series indicator may read: a field of the candle, or a mean of its prices (`hlc3` is the typical price). */
export type CandleSource = keyof typeof slots

/** What an indicator needs from a candle, for checking a feed before starting: a source, or the open time. */
export type CandleInput = CandleSource | 'openTime'

/** Every {@link CandleSource}, in slot order. */
export const candleSources = Object.keys(slots) as [CandleSource, ...CandleSource[]]

/** The slot of a row in which a source is found. */
export function sourceSlot(source: CandleSource): number {
  return slots[source]
}

/** An empty row, to be written with {@link writeCandle} and reused for every candle. */
export function createCandleRow(): CandleRow {
  return new Float64Array(rowLength).fill(Number.NaN)
}

/**
 * Writes a candle into a row, with its derived prices, and returns the row.
 *
 * @example
 * const row = writeCandle(createCandleRow(), 10, 14, 9, 12, 3.5, 1_700_000_000_000)
 * row[sourceSlot('hl2')] // => 11.5
 */
export function writeCandle(
  row: CandleRow,
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number,
  openTime: number,
): CandleRow {
  row[OPEN] = open
  row[HIGH] = high
  row[LOW] = low
  row[CLOSE] = close
  row[VOLUME] = volume
  row[OPEN_TIME] = openTime
  row[6] = (high + low) / 2
  row[7] = (high + low + close) / 3
  row[8] = (open + high + low + close) / 4
  row[9] = (high + low + close + close) / 4
  return row
}
