import { type Candle, closeTimeOf, type Timeframe } from '@barfinex/core'
import type { TapeEvent } from './tape.js'

/** Closed candles of one symbol and timeframe as columns, oldest first. A million of them take 64 MB, not 300. */
export interface CandleColumns {
  readonly symbol: string
  readonly timeframe: Timeframe
  readonly count: number
  readonly openTime: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  /** In base; all 0 where the source counts none. */
  readonly volume: Float64Array
  /** Trades inside; `null` where the source does not say. */
  readonly tradeCount: Float64Array | null
  /** Both sides of the market, where the source has them; the candle itself is then the middle. */
  readonly sides: QuotedSides | null
}

/** Bid and ask through each bar. */
export interface QuotedSides {
  readonly bidOpen: Float64Array
  readonly bidHigh: Float64Array
  readonly bidLow: Float64Array
  readonly bidClose: Float64Array
  readonly askOpen: Float64Array
  readonly askHigh: Float64Array
  readonly askLow: Float64Array
  readonly askClose: Float64Array
}

/** The candle at an index, as a message. */
export function candleAt(columns: CandleColumns, index: number, provenance: Candle['provenance']): Candle {
  const { symbol, timeframe } = columns
  const openTime = columns.openTime[index]!
  return {
    symbol,
    timeframe,
    openTime,
    closeTime: closeTimeOf(timeframe, openTime),
    open: columns.open[index]!,
    high: columns.high[index]!,
    low: columns.low[index]!,
    close: columns.close[index]!,
    volume: columns.volume[index]!,
    tradeCount: columns.tradeCount === null ? 0 : columns.tradeCount[index]!,
    isFinal: true,
    provenance,
    revision: 0,
  }
}

/** Index of the first candle that opens at or after an instant; `count` when there is none. */
export function firstFrom(columns: CandleColumns, openTime: number): number {
  let low = 0
  let high = columns.count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (columns.openTime[middle]! < openTime) low = middle + 1
    else high = middle
  }
  return low
}

/** The candles of a tape as events at their close. */
export function* candleEvents(columns: CandleColumns): Generator<TapeEvent> {
  for (let index = 0; index < columns.count; index += 1) {
    const candle = candleAt(columns, index, 'tape')
    yield { type: 'candle', at: candle.closeTime, candle }
  }
}
