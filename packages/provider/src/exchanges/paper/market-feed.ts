import type { Candle, Clock, Instrument, Timeframe } from '@barfinex/core'
import type { MarketSink } from '../exchange.js'
import type { MatchingEngine } from '../matching/matching-engine.js'
import type { MatchingEvent } from '../matching/matching-event.js'

/** What a feed plays into. */
export interface Venue {
  readonly clock: Clock
  readonly engine: MatchingEngine
  /** Where market events go; `null` while nobody follows. */
  readonly sink: () => MarketSink | null
  /** Takes what the engine said to a market move. */
  readonly tell: (events: readonly MatchingEvent[]) => void
  /** True while an order is on its way or works: only then the engine needs to see every move. */
  readonly isOrdered: (symbol: string) => boolean
  /** True while that, or while something is held. */
  readonly isAtStake: (symbol: string) => boolean
}

/** The market behind the paper exchange: generated, a tape of candles, or a tape of events. */
export interface MarketFeed {
  readonly instruments: readonly Instrument[]
  readonly candleTimeframes: readonly Timeframe[]
  readonly trades: boolean
  readonly book: boolean
  /** First instant of a recorded market; `null` where there is none. */
  readonly startsAt: number | null
  readonly endsAt: number | null
  /** Called once and before anything else, with the symbols that are wanted; of others nothing may be told. */
  connect(clock: Clock, symbols: readonly string[]): void
  /** Begins to play on the venue's clock. */
  play(venue: Venue): void
  stop(): void
  /** An order of this symbol has been sent: the engine will need the market when it arrives. */
  arm(symbol: string): void
  /** An order arrives: shows the engine the market of this symbol as it is now. */
  show(symbol: string): void
  history(symbol: string, timeframe: Timeframe, until: number, limit: number): readonly Candle[]
}
