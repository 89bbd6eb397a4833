import type { Candle, Timeframe } from '@barfinex/core'

/** Where closed candles are kept. */
export interface History {
  /** Adds a closed candle; a higher revision of a slot replaces the lower one. */
  append(candle: Candle): void
  /** The newest candles that closed at or before `until`, at most `limit`, oldest first. */
  read(
    symbol: string,
    timeframe: Timeframe,
    until: number,
    limit: number,
  ): readonly Candle[] | Promise<readonly Candle[]>
}
