import { InstrumentGrid } from '../../exchanges/matching/instrument-grid.js'
import type { VenueFilters, VenueSymbolStatus } from '../venue-world.js'
import { amountText, quotient, type Units, unitsNear, unitsOf } from './amount.js'
import { BookView } from './book-view.js'
import { KlineBook, type KlineHistory, type KlineInterval, klineIntervals, type LazyKline } from './kline-book.js'
import { type PublicTrade, PublicTrades } from './public-trades.js'
import { percentPrice, type SymbolRules, withFilters } from './symbol-rules.js'
import { addMinute, type DaySums } from './ticker24h.js'

const minuteMs = 60_000
const minutesPerDay = 1_440
/** Trades that `trades` and `aggTrades` can still show. */
const keptTrades = 50_000

/** A candle to tell of. */
export interface ToldKline {
  readonly interval: KlineInterval
  readonly kline: LazyKline
}

/** Everything public about one symbol: its status, book, trades and candles. */
export class ListedSymbol {
  status: VenueSymbolStatus = 'TRADING'
  readonly book: BookView
  readonly trades = new PublicTrades(keptTrades)
  readonly grid: InstrumentGrid
  /** By how much the market is moved against what its source says. */
  ratio = 1
  lastPrice: Units
  lastQuantity: Units = 0n
  private readonly klines = new Map<KlineInterval, KlineBook>()
  private fullMinutes: { readonly until: number; readonly sums: DaySums | null } = { until: -1, sums: null }

  /** What orders are held against now; the engine goes on by those that the symbol began with. */
  rules: SymbolRules
  private readonly firstRules: SymbolRules

  /** `startPrice` is the last price before `startAt`. */
  constructor(rules: SymbolRules, history: KlineHistory, startAt: number, startPrice: Units, firstUpdateId: number) {
    this.rules = rules
    this.firstRules = rules
    this.grid = new InstrumentGrid(rules.instrument, 8, 8)
    this.lastPrice = startPrice
    this.book = new BookView(firstUpdateId)
    for (const interval of klineIntervals) {
      this.klines.set(interval, new KlineBook(interval, history, startAt, startPrice))
    }
  }

  /** -1013 for a tick or a step that is no multiple of the first one. */
  changeFilters(filters: VenueFilters): void {
    this.rules = withFilters(this.rules, this.firstRules, filters)
  }

  /** Counts a trade in every candle that now covers. */
  countTrade(trade: PublicTrade): void {
    this.lastPrice = trade.price
    this.lastQuantity = trade.quantity
    for (const book of this.klines.values()) book.add(trade)
  }

  /** Closes the candles that have ended and returns them, shortest interval first. */
  *closeKlines(now: number): Generator<ToldKline> {
    for (const [interval, book] of this.klines) {
      for (const kline of book.closeUntil(now)) yield { interval, kline }
    }
  }

  /** Forming candles that have changed; `isFast` asks for those of seconds, else for all others. */
  *changedKlines(isFast: boolean): Generator<ToldKline> {
    for (const [interval, book] of this.klines) {
      if ((interval === '1s') !== isFast) continue
      const kline = book.takeChanged()
      if (kline !== null) yield { interval, kline }
    }
  }

  klinesOf(interval: KlineInterval): KlineBook {
    return this.klines.get(interval) as KlineBook
  }

  daySums(): DaySums {
    const minutes = this.klinesOf('1m')
    const forming = minutes.current
    if (this.fullMinutes.until !== forming.openTime) {
      const since = forming.openTime - (minutesPerDay - 1) * minuteMs
      let sums: DaySums | null = null
      for (const minute of minutes.query(since, forming.openTime - 1, minutesPerDay)) sums = addMinute(sums, minute)
      this.fullMinutes = { until: forming.openTime, sums }
    }
    return addMinute(this.fullMinutes.sums, forming)
  }

  /** Mean price of the last five minutes by volume, else the last price: what filters hold prices against. */
  averagePrice(): Units {
    let volume = 0n
    let quoteVolume = 0n
    for (const minute of this.klinesOf('1m').query(undefined, undefined, percentPrice.avgPriceMins)) {
      volume += unitsOf(minute.volume)
      quoteVolume += unitsOf(minute.quoteVolume)
    }
    return volume === 0n ? this.lastPrice : quotient(quoteVolume, volume)
  }

  /** A float price of the market on the tick grid. */
  onTick(price: number): Units {
    return unitsOf(this.grid.priceText(this.grid.ticksNear(price)))
  }

  /** A float quantity of the market in whole steps. */
  onStep(quantity: number): Units {
    return unitsOf(this.grid.quantityText(this.grid.stepsBelow(quantity)))
  }

  /** Middle of the book; 0 while a side is empty. */
  get middle(): Units {
    const { bestBid, bestAsk } = this.book
    return bestBid === undefined || bestAsk === undefined ? 0n : (unitsOf(bestBid[0]) + unitsOf(bestAsk[0])) / 2n
  }

  get averageText(): string {
    return amountText(this.averagePrice())
  }

  /** The market's own price moved by {@link ratio}. */
  moved(price: number): Units {
    return unitsNear(price * this.ratio)
  }
}
