import {
  type Candle,
  CandleRing,
  type Feed,
  type Instrument,
  type PositionState,
  type Quote,
  type Timeframe,
  timeframes,
} from '@barfinex/core'
import { featureSchema } from '../model/feature-schema.js'
import type { RegimeReading } from '../regime/regime.js'
import { createRegimeClassifier, type RegimeClassifier } from '../regime/regime-classifier.js'

/** Candles kept per symbol and timeframe: what a feature vector and its checks look back upon. */
export const keptBars = featureSchema.lookback
/** Spreads kept per symbol, one per closed candle of the shortest timeframe seen. */
const keptSpreads = 500

interface SymbolWatch {
  instrument: Instrument | null
  quote: Quote | null
  feed: Feed | null
  position: PositionState | null
  readonly series: Map<
    Timeframe,
    { readonly ring: CandleRing; readonly regime: RegimeClassifier; reading: RegimeReading | null }
  >
  readonly spreadsBps: number[]
  shortest: Timeframe | null
}

/** What the advisor has seen of the market so far. Shell state: stages never touch it, they get a frozen snapshot. */
export class MarketWatch {
  private readonly symbols = new Map<string, SymbolWatch>()

  instrument(instrument: Instrument): void {
    this.of(instrument.symbol).instrument = instrument
  }

  quote(quote: Quote): void {
    this.of(quote.symbol).quote = quote
  }

  feed(feed: Feed): void {
    this.of(feed.symbol).feed = feed
  }

  positions(positions: readonly PositionState[]): void {
    for (const position of positions) this.of(position.symbol).position = position
  }

  /** Takes a closed candle; a correction replaces its bar in the history, not in the regime that has been read from it. */
  candle(candle: Candle): void {
    const watch = this.of(candle.symbol)
    let series = watch.series.get(candle.timeframe)
    if (series === undefined) {
      const ring = new CandleRing(candle.symbol, candle.timeframe, keptBars)
      series = { ring, regime: createRegimeClassifier(), reading: null }
      watch.series.set(candle.timeframe, series)
    }
    const isNew = series.ring.lastOpenTime === null || candle.openTime > series.ring.lastOpenTime
    series.ring.push(candle)
    if (isNew) series.reading = series.regime.update(candle.close)
    if (watch.shortest === null || timeframes.indexOf(candle.timeframe) < timeframes.indexOf(watch.shortest)) {
      watch.shortest = candle.timeframe
    }
    if (isNew && candle.timeframe === watch.shortest && watch.quote !== null) this.sampleSpread(watch, watch.quote)
  }

  /** The watch of a symbol, `null` when nothing has been seen of it. */
  symbol(symbol: string): Readonly<SymbolWatch> | null {
    return this.symbols.get(symbol) ?? null
  }

  private sampleSpread(watch: SymbolWatch, { bid, ask }: Quote): void {
    watch.spreadsBps.push((20_000 * (ask - bid)) / (ask + bid))
    if (watch.spreadsBps.length > keptSpreads) watch.spreadsBps.shift()
  }

  private of(symbol: string): SymbolWatch {
    let watch = this.symbols.get(symbol)
    if (watch === undefined) {
      watch = {
        instrument: null,
        quote: null,
        feed: null,
        position: null,
        series: new Map(),
        spreadsBps: [],
        shortest: null,
      }
      this.symbols.set(symbol, watch)
    }
    return watch
  }
}
