import { type CancelTask, type Candle, closeTimeOf, type Timeframe } from '@barfinex/core'
import type { BarRange } from '../matching/cross-bar.js'
import { candleAt, firstFrom } from '../tape/candle-columns.js'
import type { CandleTape } from '../tape/tape.js'
import { BarQuote, type BarQuoteOptions } from './bar-quote.js'
import type { MarketFeed, Venue } from './market-feed.js'
import { QuoteLadder } from './quote-ladder.js'

/**
 * Plays a tape of candles. Nothing is visible before its time:
 * - at a bar's open, only while something is at stake, a quote around the open: the engine may match against it;
 * - a millisecond before its close, only while orders work, the bar's range passes over them, stops first;
 * - at its close the quote around the close, then the closed candle, once.
 *
 * So an order sent at a close meets the next bar's open, after its latency and with the spread, and a stop placed then
 * rests before that bar's range is known. While no bar is open, orders wait for the next one.
 */
export function candleFeed(tape: CandleTape, options: BarQuoteOptions): MarketFeed {
  return new CandleFeed(tape, options)
}

class CandleFeed implements MarketFeed {
  readonly instruments
  readonly candleTimeframes: readonly Timeframe[]
  readonly trades = false
  readonly book = false
  readonly startsAt: number
  readonly endsAt: number
  private readonly symbol: string
  private readonly quote: BarQuote
  private readonly ladder = new QuoteLadder()
  private venue: Venue | null = null
  /** The bar that is open or comes next. */
  private index = 0
  private openTime = 0
  private closeTime = 0
  /** Whether the quote around the open has been told, and whether the engine has seen it. */
  private isOpenTold = false
  private isOpenShown = false
  private isRangeShown = false
  private isRangePlanned = false
  private readonly planned: CancelTask[] = []
  private readonly onOpen = () => this.open()
  private readonly onRange = () => this.range()
  private readonly onClose = () => this.close()

  constructor(
    private readonly tape: CandleTape,
    options: BarQuoteOptions,
  ) {
    this.instruments = tape.instruments
    this.candleTimeframes = [tape.timeframe]
    this.startsAt = tape.startAt
    this.endsAt = tape.endAt
    this.symbol = tape.columns.symbol
    this.quote = new BarQuote(tape, options)
  }

  connect(): void {}

  play(venue: Venue): void {
    this.venue = venue
    const { columns, timeframe } = this.tape
    const now = venue.clock.now()
    this.index = firstFrom(columns, now)
    // A bar that is open already still closes in our time.
    const before = this.index - 1
    if (before >= 0 && closeTimeOf(timeframe, columns.openTime[before]!) > now) this.index = before
    this.plan()
  }

  stop(): void {
    for (const cancel of this.planned) cancel()
    this.venue = null
  }

  arm(): void {
    if (this.venue !== null && this.index < this.tape.count) this.planOpen(this.venue)
  }

  show(): void {
    const { venue } = this
    if (venue === null) return
    const now = venue.clock.now()
    if (this.index >= this.tape.count) this.showClose(venue, this.tape.count - 1)
    else if (this.openTime <= now) this.showOpen(venue, now)
    else venue.tell(venue.engine.session(this.symbol, false, now))
  }

  history(_symbol: string, timeframe: Timeframe, until: number, limit: number): readonly Candle[] {
    const { columns } = this.tape
    if (timeframe !== this.tape.timeframe) return []
    let end = firstFrom(columns, until)
    while (end > 0 && closeTimeOf(timeframe, columns.openTime[end - 1]!) > until) end -= 1
    const start = Math.max(0, end - Math.max(0, Math.floor(limit)))
    return Array.from({ length: end - start }, (_, offset) => candleAt(columns, start + offset, 'tape'))
  }

  private plan(): void {
    const { venue, tape } = this
    this.isOpenTold = false
    this.isOpenShown = false
    this.isRangeShown = false
    this.isRangePlanned = false
    if (venue === null || this.index >= tape.count) return
    this.openTime = tape.columns.openTime[this.index]!
    this.closeTime = closeTimeOf(tape.timeframe, this.openTime)
    this.planned[0] = venue.clock.schedule(this.closeTime, this.onClose)
    if (venue.isAtStake(this.symbol)) this.planOpen(venue)
  }

  private planOpen(venue: Venue): void {
    if (!this.isOpenTold) this.planned[1] = venue.clock.schedule(this.openTime, this.onOpen)
    if (this.isRangePlanned || !venue.isOrdered(this.symbol)) return
    this.isRangePlanned = true
    this.planned[2] = venue.clock.schedule(this.closeTime - 1, this.onRange)
  }

  private open(): void {
    const { venue, quote, index, openTime } = this
    if (venue === null || this.isOpenTold || index >= this.tape.count) return
    const now = venue.clock.now()
    if (openTime > now) return
    this.isOpenTold = true
    quote.atOpen(index)
    venue.sink()?.quote(quote.message(openTime))
    if (venue.engine.isWorking(this.symbol)) this.showOpen(venue, now)
  }

  /** Lets the engine match against the quote around the open, once: what is taken from it does not come back. */
  private showOpen(venue: Venue, now: number): void {
    if (this.isOpenShown) return
    this.open()
    if (this.isOpenShown) return
    this.isOpenShown = true
    this.quote.atOpen(this.index)
    this.showQuote(venue, this.index, now)
    venue.tell(venue.engine.session(this.symbol, true, now))
  }

  /** The range of the bar that is about to close, and what is left to trade with after it: the quote around its close. */
  private range(): void {
    const { venue, index } = this
    if (venue === null || this.isRangeShown || index >= this.tape.count) return
    if (venue.clock.now() < this.closeTime - 1 || !venue.engine.isWorking(this.symbol)) return
    const now = venue.clock.now()
    this.showOpen(venue, now)
    this.isRangeShown = true
    venue.tell(venue.engine.bar(this.symbol, this.barRange(index), now))
    this.showClose(venue, index)
  }

  private close(): void {
    const { venue, tape, quote, symbol, closeTime, index } = this
    if (venue === null) return
    if (!this.isRangeShown && venue.engine.isWorking(symbol)) this.range()
    const sink = venue.sink()
    if (sink !== null) {
      quote.atClose(index)
      sink.quote(quote.message(closeTime))
      sink.candle(candleAt(tape.columns, index, 'tape'))
    }
    this.index += 1
    this.plan()
  }

  private showClose(venue: Venue, index: number): void {
    this.quote.atClose(index)
    this.showQuote(venue, index, venue.clock.now())
  }

  private showQuote(venue: Venue, index: number, now: number): void {
    const { quote, ladder, symbol } = this
    const { low, high } = quote.boundsOf(index)
    const { bids, asks } = ladder.set(quote.bid, quote.ask, quote.quantity, quote.quantity, quote.gap, low, high)
    venue.tell(venue.engine.book(symbol, bids, asks, now, 'market'))
    venue.tell(venue.engine.print(symbol, quote.price, 0, 'buy', now))
  }

  private barRange(index: number): BarRange {
    const { columns } = this.tape
    const { sides } = columns
    const low = columns.low[index]!
    const high = columns.high[index]!
    return {
      open: columns.open[index]!,
      close: columns.close[index]!,
      bidLow: sides === null ? low : sides.bidLow[index]!,
      bidHigh: sides === null ? high : sides.bidHigh[index]!,
      askLow: sides === null ? low : sides.askLow[index]!,
      askHigh: sides === null ? high : sides.askHigh[index]!,
      halfSpread: sides === null ? this.quote.halfSpreadAt(columns.open[index]!) : 0,
      liquidity: this.quote.barLiquidity(index),
    }
  }
}
