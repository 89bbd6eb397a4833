import type { BookChange, CancelTask, Candle, Quote, Timeframe, Trade } from '@barfinex/core'
import { OrderBook } from '../../market/order-book.js'
import type { EventTape, TapeEvent } from '../tape/tape.js'
import type { MarketFeed, Venue } from './market-feed.js'
import { QuoteLadder } from './quote-ladder.js'

/** Levels of a recorded book that our orders may reach. */
const depth = 50

/**
 * Plays a tape of quotes, trades and book changes at the instants at which they became known. Orders meet the recorded book
 * where there is one, else a ladder behind the recorded quote; where only trades were recorded, a quote around the last
 * one with the stated spread, which is also told.
 */
export function eventFeed(tape: EventTape, options: { readonly spreadBps: number }): MarketFeed {
  const lanes = new Map<string, SymbolLane>()
  const ticks = new Map(tape.instruments.map((instrument) => [instrument.symbol, Number(instrument.tickSize)]))
  let events: Iterator<TapeEvent> | null = null
  let next: TapeEvent | null = null
  let venue: Venue | null = null
  let cancel: CancelTask = () => {}

  function advance(): void {
    const result = events?.next()
    next = result === undefined || result.done === true ? null : result.value
  }

  function schedule(): void {
    if (venue !== null && next !== null) cancel = venue.clock.schedule(next.at, play)
  }

  /** Plays everything that became known at one instant. */
  function play(): void {
    if (venue === null || next === null) return
    const { at } = next
    while (next !== null && next.at <= at) {
      apply(venue, next)
      advance()
    }
    schedule()
  }

  function apply(into: Venue, event: TapeEvent): void {
    if (event.type === 'trade') applyTrade(into, event.trade)
    else if (event.type === 'quote') applyQuote(into, event.quote)
    else if (event.type === 'book') applyBook(into, event.change)
    else if (event.type === 'candle' && lanes.has(event.candle.symbol)) into.sink()?.candle(event.candle)
    else if (event.type === 'feed' && lanes.has(event.feed.symbol)) into.sink()?.feed(event.feed)
  }

  function applyBook(into: Venue, change: BookChange): void {
    const lane = lanes.get(change.symbol)
    if (lane === undefined) return
    lane.setBook(change)
    lane.showIfWorking(into)
    into.sink()?.book(change)
  }

  function applyQuote(into: Venue, quote: Quote): void {
    const lane = lanes.get(quote.symbol)
    if (lane === undefined) return
    lane.setQuote(quote)
    lane.showIfWorking(into)
    into.sink()?.quote(quote)
  }

  function applyTrade(into: Venue, trade: Trade): void {
    const { symbol, price, quantity, takerSide, occurredAt } = trade
    const lane = lanes.get(symbol)
    if (lane === undefined) return
    lane.lastPrice = price
    if (!tape.has.quotes && !tape.has.book) {
      const half = Math.max((price * options.spreadBps) / 20_000, (ticks.get(symbol) ?? 0) / 2)
      const [bid, ask] = [price - half, price + half]
      applyQuote(into, { symbol, bid, ask, bidQuantity: quantity, askQuantity: quantity, occurredAt })
    }
    if (into.engine.isWorking(symbol)) {
      into.tell(into.engine.print(symbol, price, quantity, takerSide, into.clock.now()))
    }
    into.sink()?.trade(trade)
  }

  return {
    instruments: tape.instruments,
    candleTimeframes: tape.candleTimeframes,
    trades: tape.has.trades,
    book: tape.has.book,
    startsAt: tape.startAt,
    endsAt: tape.endAt,
    connect(_clock, symbols) {
      for (const symbol of tape.symbols) if (symbols.includes(symbol)) lanes.set(symbol, new SymbolLane(symbol))
    },
    play(into) {
      venue = into
      events = tape.events()[Symbol.iterator]()
      advance()
      const now = into.clock.now()
      // What was known before our start is known, but told to nobody.
      const silent: Venue = { ...into, sink: () => null }
      while (next !== null && next.at < now) {
        apply(silent, next)
        advance()
      }
      schedule()
    },
    stop() {
      cancel()
      venue = null
      events?.return?.()
    },
    arm() {},
    show(symbol) {
      if (venue !== null) lanes.get(symbol)?.show(venue)
    },
    history: (_symbol: string, _timeframe: Timeframe): readonly Candle[] => [],
  }
}

/** What is known of one symbol. */
class SymbolLane {
  lastPrice = Number.NaN
  private quote: Quote | null = null
  private readonly book = new OrderBook()
  private readonly ladder = new QuoteLadder()
  private readonly top = new Float64Array(2 * depth)
  /** True once the engine has seen the present state: what was taken from it does not come back before the next. */
  private isShown = true

  constructor(private readonly symbol: string) {}

  setQuote(quote: Quote): void {
    this.quote = quote
    this.isShown = false
  }

  setBook(change: BookChange): void {
    this.book.apply(change)
    this.isShown = false
  }

  showIfWorking(venue: Venue): void {
    if (venue.engine.isWorking(this.symbol)) this.show(venue)
  }

  show(venue: Venue): void {
    if (this.isShown) return
    this.isShown = true
    const { quote, symbol } = this
    const now = venue.clock.now()
    if (Number.isNaN(this.book.bestBid)) {
      if (quote === null) return
      const { bid, ask, bidQuantity, askQuantity } = quote
      const { bids, asks } = this.ladder.set(bid, ask, bidQuantity, askQuantity, ask - bid)
      venue.tell(venue.engine.book(symbol, bids, asks, now))
    } else {
      venue.tell(venue.engine.book(symbol, this.levels('bids'), this.levels('asks'), now))
    }
    if (!Number.isNaN(this.lastPrice)) venue.tell(venue.engine.print(symbol, this.lastPrice, 0, 'buy', now))
  }

  /** The recorded book, with the newest best price in place of the levels that it has passed. */
  private levels(side: 'bids' | 'asks') {
    const { quote, top } = this
    const count = this.book.top(side, depth, top)
    const prices: number[] = []
    const quantities: number[] = []
    const best = quote === null ? Number.NaN : side === 'bids' ? quote.bid : quote.ask
    if (quote !== null) {
      prices.push(best)
      quantities.push(side === 'bids' ? quote.bidQuantity : quote.askQuantity)
    }
    for (let index = 0; index < count; index += 1) {
      const price = top[index * 2]!
      if (quote !== null && (side === 'bids' ? price >= best : price <= best)) continue
      prices.push(price)
      quantities.push(top[index * 2 + 1]!)
    }
    return { prices, quantities, count: prices.length }
  }
}
