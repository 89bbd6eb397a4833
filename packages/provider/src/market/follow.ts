import {
  type BookChange,
  type Bus,
  type Candle,
  type Clock,
  type Feed,
  flow,
  type Instrument,
  type Log,
  type Publisher,
  type Quote,
  type Trade,
} from '@barfinex/core'
import type { MarketSink } from '../exchanges/exchange.js'
import { BookFollower } from './book-follower.js'
import type { CandleLane } from './candle-lane.js'
import type { Candles } from './candles.js'
import { FeedWatch } from './feed-watch.js'
import type { Mark, Marks } from './marks.js'
import { OutlierGate } from './outlier-gate.js'
import { RecentIds } from './recent-ids.js'
import {
  type EventRefusal,
  latestBelieved,
  refuseBook,
  refuseCandle,
  refuseQuote,
  refuseTime,
  refuseTrade,
} from './refuse-event.js'

export interface FollowOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly epoch: number
  readonly symbols: readonly string[]
  readonly staleAfterMs: number
  readonly marks: Marks
  readonly candles: Candles
  /** Told of changed rules of a followed instrument. */
  readonly onInstrument: (instrument: Instrument) => void
}

interface Followed {
  readonly watch: FeedWatch
  readonly book: BookFollower
  readonly lane: CandleLane
  readonly mark: Mark
  readonly tradeIds: RecentIds
  readonly tradeGate: OutlierGate
  readonly quoteGate: OutlierGate
  newestTradeAt: number
  newestQuoteAt: number
}

/** Trade ids remembered per symbol to refuse a print that comes twice. */
const rememberedTrades = 1_000

/**
 * The way out of the exchange: every event is checked here, once, and either goes on to the bus or is refused, counted and
 * never seen again. Behind this door market data is trusted.
 */
export class Follow implements MarketSink {
  private readonly followed = new Map<string, Followed>()
  private readonly refused = new Map<EventRefusal, number>()
  private readonly trades
  private readonly quotes
  private readonly books
  private readonly feeds

  constructor(private readonly options: FollowOptions) {
    const { bus, clock, epoch, staleAfterMs } = options
    this.trades = bus.publisher(flow.trade, 'provider', epoch)
    this.quotes = bus.publisher(flow.quote, 'provider', epoch)
    this.books = bus.publisher(flow.book, 'provider', epoch)
    this.feeds = bus.publisher(flow.feed, 'provider', epoch)
    for (const symbol of options.symbols) {
      const lane = options.candles.lane(symbol)
      if (lane === undefined) continue
      const watch = new FeedWatch({
        symbol,
        clock,
        staleAfterMs,
        onState: (feed) => this.feeds.publishAt(feed, clock.now()),
      })
      this.followed.set(symbol, {
        watch,
        book: new BookFollower(),
        lane,
        mark: options.marks.of(symbol),
        tradeIds: new RecentIds(rememberedTrades),
        tradeGate: new OutlierGate(),
        quoteGate: new OutlierGate(),
        newestTradeAt: -1,
        newestQuoteAt: -1,
      })
    }
  }

  start(): void {
    for (const { watch } of this.followed.values()) watch.start()
  }

  stop(): void {
    for (const { watch } of this.followed.values()) watch.stop()
  }

  /** Events refused since the start, by reason. */
  refusals(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.refused)
  }

  feedOf(symbol: string): Feed | null {
    return this.followed.get(symbol)?.watch.feed ?? null
  }

  /** The book's best levels as a snapshot; `null` while there is none that may be used. */
  bookOf(symbol: string, depth: number): BookChange | null {
    const book = this.followed.get(symbol)?.book
    if (book === undefined || !book.isUsable) return null
    return {
      symbol,
      kind: 'snapshot',
      firstSequence: book.sequence,
      lastSequence: book.sequence,
      ...book.book.levels(depth),
      occurredAt: book.changedAt,
    }
  }

  trade(trade: Trade): void {
    const followed = this.find(trade.symbol)
    if (followed === null) return
    const now = this.options.clock.now()
    const unsound = refuseTrade(trade) ?? refuseTime(trade.occurredAt, latestBelieved(now))
    if (unsound !== null) {
      this.refuse(unsound, followed)
      return
    }
    // A newer print cannot be a repetition, so only the others pay for the look.
    if (trade.occurredAt <= followed.newestTradeAt && followed.tradeIds.has(trade.tradeId)) {
      this.refuse('market.event.duplicate', followed)
      return
    }
    if (followed.tradeGate.refuses(trade.price, trade.occurredAt)) {
      this.refuse('market.trade.outlier', followed)
      return
    }
    followed.watch.hear(trade.occurredAt)
    const refusal = followed.lane.trade(trade)
    if (refusal !== null) {
      this.refuse(refusal, followed)
      return
    }
    followed.tradeIds.add(trade.tradeId)
    if (trade.occurredAt > followed.newestTradeAt) followed.newestTradeAt = trade.occurredAt
    followed.mark.print(trade.price, trade.occurredAt)
    this.say(this.trades, trade, now)
  }

  quote(quote: Quote): void {
    const followed = this.find(quote.symbol)
    if (followed === null) return
    const now = this.options.clock.now()
    const refusal =
      refuseQuote(quote) ??
      refuseTime(quote.occurredAt, latestBelieved(now)) ??
      (quote.occurredAt < followed.newestQuoteAt ? 'market.event.out-of-order' : null) ??
      (followed.quoteGate.refuses((quote.bid + quote.ask) / 2, quote.occurredAt) ? 'market.quote.outlier' : null)
    if (refusal !== null) {
      this.refuse(refusal, followed)
      return
    }
    followed.newestQuoteAt = quote.occurredAt
    followed.watch.hear(quote.occurredAt)
    followed.mark.quote(quote)
    this.say(this.quotes, quote, now)
  }

  book(change: BookChange): void {
    const followed = this.find(change.symbol)
    if (followed === null) return
    const now = this.options.clock.now()
    const refusal = refuseBook(change) ?? refuseTime(change.occurredAt, latestBelieved(now))
    if (refusal !== null) {
      this.refuse(refusal, followed)
      return
    }
    const outcome = followed.book.take(change, (applied) => {
      followed.watch.hear(applied.occurredAt)
      this.say(this.books, applied, now)
    })
    if (outcome === 'applied') followed.watch.clear('gap', 'book')
    else if (outcome === 'gap') followed.watch.trouble('gap', 'book', 'market.book.sequence-gap')
    else if (outcome === 'crossed') followed.watch.trouble('gap', 'book', 'market.book.crossed')
  }

  candle(candle: Candle): void {
    const followed = this.find(candle.symbol)
    if (followed === null) return
    const { clock } = this.options
    const now = clock.now()
    // On a virtual clock there is no other clock to differ from: a candle from the future would be a look ahead.
    const unsound = refuseCandle(candle, clock.kind === 'virtual' ? now : latestBelieved(now))
    if (unsound !== null) {
      this.refuse(unsound, followed)
      return
    }
    followed.watch.hear(candle.closeTime - 1)
    followed.mark.print(candle.close, candle.closeTime - 1)
    const refusal = followed.lane.candle(candle)
    if (refusal !== null) this.refuse(refusal, followed)
  }

  feed(state: Pick<Feed, 'symbol' | 'state' | 'code'>): void {
    const followed = this.find(state.symbol)
    if (followed === null) return
    const { watch, book, lane } = followed
    switch (state.state) {
      case 'live':
        lane.resume()
        watch.clear('lost', 'feed')
        watch.clear('gap', 'feed')
        break
      case 'lost':
      case 'gap':
        lane.interrupt()
        if (state.state === 'lost') book.invalidate()
        watch.trouble(state.state, 'feed', state.code)
        break
      case 'stale':
        watch.trouble('stale', 'feed', state.code)
        break
      case 'starting':
        break
    }
  }

  instrument(instrument: Instrument): void {
    if (this.find(instrument.symbol) !== null) this.options.onInstrument(instrument)
  }

  unreadable(): void {
    this.count('market.event.unreadable')
  }

  /** On a virtual clock events arrive when they happen; elsewhere the difference is worth knowing. */
  private say<Event extends { readonly occurredAt: number }>(to: Publisher<Event>, event: Event, now: number): void {
    const { occurredAt } = event
    if (this.options.clock.kind === 'virtual') to.publishAt(event, occurredAt)
    else to.publish(event, { occurredAt, receivedAt: now })
  }

  private find(symbol: string): Followed | null {
    const followed = this.followed.get(symbol)
    if (followed !== undefined) return followed
    this.count('market.event.unknown-symbol')
    return null
  }

  private refuse(refusal: EventRefusal, followed: Followed): void {
    followed.watch.refuse()
    this.count(refusal)
  }

  private count(refusal: EventRefusal): void {
    const count = (this.refused.get(refusal) ?? 0) + 1
    this.refused.set(refusal, count)
    if (count === 1) this.options.log.warn('market event refused; more of the kind are only counted', { code: refusal })
  }
}
