import type { BookChange, Candle, Feed, Instrument, Quote, Timeframe, Trade } from '@barfinex/core'
import type { CandleColumns } from './candle-columns.js'

/** One recorded market event and the instant at which it became known. */
export type TapeEvent =
  | { readonly type: 'trade'; readonly at: number; readonly trade: Trade }
  | { readonly type: 'quote'; readonly at: number; readonly quote: Quote }
  | { readonly type: 'book'; readonly at: number; readonly change: BookChange }
  | { readonly type: 'candle'; readonly at: number; readonly candle: Candle }
  | { readonly type: 'feed'; readonly at: number; readonly feed: Pick<Feed, 'symbol' | 'state' | 'code'> }

/** Slots of the timeframe between first and last candle that the tape does not have: a closed market, or lost data. */
export interface TapeGaps {
  readonly count: number
  /** Candles that would fill them. */
  readonly missing: number
  /** Longest one, in milliseconds. */
  readonly longestMs: number
}

interface TapeFacts {
  readonly path: string
  readonly symbols: readonly string[]
  readonly instruments: readonly Instrument[]
  /** SHA-256 of the file's bytes: names the tape in a run's record. */
  readonly contentHash: string
  /** First instant of the recorded market, milliseconds UTC. */
  readonly startAt: number
  /** Instant after which nothing more comes. */
  readonly endAt: number
  /** Candles, or events. */
  readonly count: number
  /** False when a recording broke off without its end: everything up to there is sound. */
  readonly isComplete: boolean
  /** All events in order; candles come at their close. Each call reads from the start. */
  events(): Iterable<TapeEvent>
}

/** A tape of one symbol's candles of one timeframe, held as columns. */
export interface CandleTape extends TapeFacts {
  readonly kind: 'candles'
  readonly timeframe: Timeframe
  readonly columns: CandleColumns
  /** What the volume counts; `none` means that liquidity is not known either. */
  readonly volumeUnit: 'base' | 'quote' | 'none'
  readonly gaps: TapeGaps
  /** Candles of which a price lies between two ticks. They are kept as they are; orders still trade on the grid. */
  readonly offGridCount: number
}

/** A tape of quotes, trades and book changes, read from its file as it is played. */
export interface EventTape extends TapeFacts {
  readonly kind: 'events'
  readonly timeframe: null
  /** Which kinds of event it has. */
  readonly has: { readonly trades: boolean; readonly quotes: boolean; readonly book: boolean }
  /** Timeframes of the closed candles it has. */
  readonly candleTimeframes: readonly Timeframe[]
  /** Recorded events that could not be used, such as book changes before the first snapshot. */
  readonly skippedCount: number
}

/** A recorded market. */
export type Tape = CandleTape | EventTape
