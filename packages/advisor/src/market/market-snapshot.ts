import { createHash } from 'node:crypto'
import {
  type CandleColumns,
  canonicalJson,
  closeTimeOf,
  type Feed,
  type Instrument,
  type PositionState,
  type Quote,
  type Signal,
  type Timeframe,
  timeframeMs,
  timeframes,
} from '@barfinex/core'
import type { News } from '../llm/synthesis.js'
import type { HigherCloses } from '../model/features.js'
import type { RegimeReading } from '../regime/regime.js'
import type { MarketWatch } from './market-watch.js'

/** Everything the eight stages may see of the market: copied, closed at `asOf`, and named by one hash. */
export interface MarketSnapshot {
  readonly asOf: number
  readonly symbol: string
  readonly timeframe: Timeframe
  readonly instrument: Instrument | null
  readonly quote: Quote | null
  readonly feed: Feed | null
  readonly position: PositionState | null
  /** Closed candles of the signal's timeframe, oldest first; `null` when none were followed. */
  readonly candles: CandleColumns | null
  /** Up to two longer timeframes, shortest first. */
  readonly higher: readonly (HigherCloses & { readonly timeframe: Timeframe })[]
  /** Spreads at past candle closes, basis points, oldest first. */
  readonly spreadsBps: Float64Array
  readonly regime: RegimeReading | null
  /** Headlines, cleaned, newest first; empty where none are followed. */
  readonly news: readonly News[]
  /** Items that were newer than `asOf` and were left out: 0 in a correct replay. */
  readonly futureCount: number
  readonly hash: string
}

/** Takes a snapshot for one signal. Items that were not known at `asOf` are left out and counted. */
export function takeSnapshot(
  watch: MarketWatch,
  signal: Signal,
  asOf: number,
  news: readonly News[] = [],
): MarketSnapshot {
  const seen = watch.symbol(signal.symbol)
  const series = seen?.series.get(signal.timeframe)
  let futureCount = 0
  const known = <T extends { readonly occurredAt: number }>(item: T | null): T | null => {
    if (item === null || item.occurredAt <= asOf) return item
    futureCount += 1
    return null
  }
  const candles = series === undefined ? null : copyColumns(series.ring.columns())
  if (candles !== null) futureCount += laterThan(candles, signal.timeframe, asOf)
  const quote = known(seen?.quote ?? null)
  const content = {
    asOf,
    symbol: signal.symbol,
    timeframe: signal.timeframe,
    instrument: seen?.instrument ?? null,
    quote,
    feed: seen?.feed ?? null,
    position: seen?.position ?? null,
    candles,
    higher: higherOf(seen?.series ?? new Map(), signal.timeframe),
    spreadsBps: Float64Array.from(seen?.spreadsBps ?? []),
    regime: series?.reading ?? null,
    news,
    futureCount,
  }
  return Object.freeze({ ...content, hash: snapshotHash(content) })
}

function laterThan(candles: CandleColumns, timeframe: Timeframe, asOf: number): number {
  let count = 0
  for (let index = candles.length - 1; index >= 0; index -= 1) {
    if (closeTimeOf(timeframe, candles.openTime[index] as number) <= asOf) break
    count += 1
  }
  return count
}

function higherOf(
  series: ReadonlyMap<Timeframe, { readonly ring: { columns(): CandleColumns } }>,
  timeframe: Timeframe,
): MarketSnapshot['higher'] {
  // The next one may be so near that it says the same: from three times the length on it is another view.
  const wanted = timeframes.filter((it) => timeframeMs(it) >= 3 * timeframeMs(timeframe) && series.has(it)).slice(0, 2)
  return wanted.map((it) => {
    const columns = series.get(it)?.ring.columns() as CandleColumns
    return {
      timeframe: it,
      length: columns.length,
      close: columns.close.slice(),
      closeTime: columns.openTime.map((openTime) => closeTimeOf(it, openTime)),
    }
  })
}

function copyColumns(columns: CandleColumns): CandleColumns {
  return {
    length: columns.length,
    openTime: columns.openTime.slice(),
    open: columns.open.slice(),
    high: columns.high.slice(),
    low: columns.low.slice(),
    close: columns.close.slice(),
    volume: columns.volume.slice(),
  }
}

function snapshotHash({ candles, higher, spreadsBps, ...rest }: Omit<MarketSnapshot, 'hash'>): string {
  const hash = createHash('sha256').update(canonicalJson(rest))
  const add = (column: Float64Array) => hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
  if (candles !== null) {
    const { openTime, open, high, low, close, volume } = candles
    for (const column of [openTime, open, high, low, close, volume]) add(column)
  }
  for (const frame of higher) {
    hash.update(frame.timeframe)
    add(frame.close)
    add(frame.closeTime)
  }
  add(spreadsBps)
  return hash.digest('hex')
}
