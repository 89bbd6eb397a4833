import type { CancelTask, Clock, Order } from '@barfinex/core'
import type { QuotedLevels } from '../../exchanges/matching/external-book.js'
import { createMatchingEngine, type MatchingEngine } from '../../exchanges/matching/matching-engine.js'
import type { MatchingEvent } from '../../exchanges/matching/matching-event.js'
import type { MarketFeed, Venue } from '../../exchanges/paper/market-feed.js'
import { VenueError, type VenueMarket, type VenueMarketEvent, type VenueSymbolStatus } from '../venue-world.js'
import { amountText, plainText, type Units, unitsNear, unitsOf } from './amount.js'
import type { LazyKline } from './kline-book.js'
import { ListedSymbol } from './listed-symbol.js'
import type { PublicTrade } from './public-trades.js'
import type { SymbolRules } from './symbol-rules.js'
import { tickerFields } from './ticker-fields.js'

/** Who owns the orders: told of every event of the engine, in order. */
export interface OrderOwner {
  /** True for a buy; asked about the engine's id of an order. */
  isBuy(engineId: string): boolean
  /** `trade` is the public side of a fill. */
  take(event: MatchingEvent, trade: PublicTrade | null): void
  /** All events of one act have been told: what follows from them may act in turn. */
  settle(): void
}

export interface MarketHallOptions {
  readonly market: VenueMarket
  readonly clock: Clock
  /** The venue's time, skew included. */
  readonly now: () => number
  readonly rules: readonly SymbolRules[]
  readonly feed: MarketFeed
  /** The feed's clock: the venue's, or one shifted to the time of a tape. */
  readonly feedClock: Clock
  readonly feeCoin: { readonly asset: string; readonly discountBps: number } | null
  readonly tell: (event: VenueMarketEvent) => void
  /** Called when an act is over. */
  readonly flush: () => void
}

interface Print {
  readonly price: Units
  readonly quantity: Units
  readonly takerSide: 'buy' | 'sell'
}

/** Levels of a side that everybody sees. */
const shownLevels = 1_000
const depthEveryMs = 100
/** A market that its participants have eaten into is refilled after so long, if its source does not do it. */
const refillAfterMs = 1_000

/** One market of the venue: the matching engine, what moves it, and all that is public about it. */
export class MarketHall {
  readonly symbols = new Map<string, ListedSymbol>()
  readonly engine: MatchingEngine
  private readonly byEngineSymbol = new Map<string, ListedSymbol>()
  private readonly lastBook = new Map<string, { bids: QuotedLevels; asks: QuotedLevels }>()
  private readonly cancels = new Set<CancelTask>()
  private readonly dirtyDepth = new Set<ListedSymbol>()
  private readonly refilling = new Set<ListedSymbol>()
  private owner: OrderOwner | null = null
  private depth = 0
  private beats = 0

  constructor(private readonly options: MarketHallOptions) {
    const { rules, feed, feedClock, clock, feeCoin } = options
    this.engine = createMatchingEngine({
      instruments: rules.map((it) => it.instrument),
      feeAsset: 'received',
      ...(feeCoin === null ? {} : { feeCoin }),
      leverage: 20,
    })
    feed.connect(
      feedClock,
      rules.map((it) => it.symbol),
    )
    const startAt = clock.now()
    for (const rule of rules) {
      const history = feed.history.bind(feed, rule.symbol)
      const [last] = history('1s', startAt, 1)
      const [lastMinute] = last === undefined ? history('1m', startAt, 1) : [last]
      const price = unitsNear((last ?? lastMinute)?.close ?? 0)
      const listed = new ListedSymbol(rule, history, startAt, price, 1_000)
      this.symbols.set(rule.id, listed)
      this.byEngineSymbol.set(rule.symbol, listed)
    }
  }

  /** Opens the market for the orders of `owner`. */
  open(owner: OrderOwner): void {
    this.owner = owner
    const { feed, feedClock, clock } = this.options
    const venue: Venue = {
      clock: feedClock,
      engine: {
        ...this.engine,
        book: (symbol, bids, asks) => {
          this.show(symbol, bids, asks)
          return []
        },
        print: (symbol, price, quantity, takerSide) => {
          const listed = this.byEngineSymbol.get(symbol)
          if (listed !== undefined) this.print(listed, listed.moved(price), listed.onStep(quantity), takerSide)
          return []
        },
        isWorking: () => true,
      },
      sink: () => null,
      tell: () => {},
      isOrdered: () => true,
      isAtStake: () => true,
    }
    feed.play(venue)
    for (const listed of this.symbols.values()) {
      feed.show(listed.rules.symbol)
      const price = listed.lastPrice > 0n ? listed.lastPrice : listed.middle
      if (price > 0n) this.print(listed, price, listed.rules.step, 'buy')
    }
    this.cancels.add(clock.every(1_000, () => this.beat()))
  }

  /** Delivers what has been told. */
  flush(): void {
    if (this.depth === 0) this.options.flush()
  }

  close(): void {
    this.options.feed.stop()
    for (const cancel of this.cancels) cancel()
    this.cancels.clear()
  }

  /** The symbol of the wire; -1121 for any other. */
  listed(id: string | undefined): ListedSymbol {
    const found = id === undefined ? undefined : this.symbols.get(id)
    if (found === undefined) throw new VenueError(-1121, 'Invalid symbol.')
    return found
  }

  submit(listed: ListedSymbol, account: string, order: Order): void {
    this.act(listed, () => this.engine.submit(account, order, this.options.clock.now()))
  }

  cancel(listed: ListedSymbol, account: string, engineId: string): void {
    this.act(listed, () => this.engine.cancel(account, engineId, listed.rules.symbol, this.options.clock.now()))
  }

  setStatus(listed: ListedSymbol, status: VenueSymbolStatus): void {
    listed.status = status
    if (status === 'TRADING') this.options.feed.show(listed.rules.symbol)
  }

  /** Moves the market to a price: its book first, then a trade there, which wakes stops. */
  movePrice(listed: ListedSymbol, price: Units): void {
    const from = listed.lastPrice
    if (price <= 0n || from <= 0n) throw new VenueError(-1013, 'Invalid price.')
    listed.ratio *= Number(price) / Number(from)
    const book = this.lastBook.get(listed.rules.symbol)
    if (book !== undefined) this.show(listed.rules.symbol, book.bids, book.asks)
    this.print(listed, price, listed.rules.step, price >= from ? 'buy' : 'sell')
  }

  /** Others' book has changed. */
  show(symbol: string, bids: QuotedLevels, asks: QuotedLevels): void {
    const listed = this.byEngineSymbol.get(symbol)
    if (listed === undefined) return
    this.lastBook.set(symbol, { bids: copied(bids, 1), asks: copied(asks, 1) })
    if (listed.status !== 'TRADING') return
    const now = this.options.clock.now()
    this.act(listed, () => this.engine.book(symbol, copied(bids, listed.ratio), copied(asks, listed.ratio), now))
  }

  /** Somebody outside trades; with a quantity of 0 only the last price moves. */
  print(listed: ListedSymbol, price: Units, quantity: Units, takerSide: 'buy' | 'sell'): void {
    if (listed.status !== 'TRADING') return
    const onTick = listed.onTick(Number(plainText(price)))
    const [asPrice, asQuantity] = [Number(plainText(onTick)), Number(plainText(quantity))]
    const now = this.options.clock.now()
    this.act(
      listed,
      () => this.engine.print(listed.rules.symbol, asPrice, asQuantity, takerSide, now),
      quantity > 0n ? { price: onTick, quantity, takerSide } : undefined,
    )
  }

  /** Runs one act of the engine and tells everybody what came of it. */
  private act(listed: ListedSymbol, run: () => readonly MatchingEvent[], print?: Print): void {
    this.depth += 1
    try {
      this.closeKlines(listed)
      const trades = this.tellEvents(listed, run(), print)
      this.tellTrades(listed, trades)
      this.refresh(listed)
      this.owner?.settle()
      this.refillLater(listed, trades.length > 0 && print === undefined)
    } finally {
      this.depth -= 1
    }
    this.flush()
  }

  /** Tells the owner of orders each event, and returns the public trades among them with what is left of a print. */
  private tellEvents(
    listed: ListedSymbol,
    events: readonly MatchingEvent[],
    print: Print | undefined,
  ): readonly PublicTrade[] {
    const trades: PublicTrade[] = []
    const known = new Map<string, PublicTrade>()
    let left = print?.quantity ?? 0n
    const printRest = () => {
      if (print === undefined || left <= 0n) return
      trades.push(listed.trades.add(print.price, left, print.takerSide === 'sell', this.options.now()))
      left = 0n
    }
    for (const event of events) {
      // What a print wakes trades after it.
      if (event.type === 'triggered') printRest()
      if (event.type !== 'fill') {
        this.owner?.take(event, null)
        continue
      }
      let trade = known.get(event.tradeId)
      if (trade === undefined) {
        trade = this.publicTrade(listed, event)
        known.set(event.tradeId, trade)
        trades.push(trade)
        left -= trade.quantity
      }
      this.owner?.take(event, trade)
    }
    printRest()
    return trades
  }

  private publicTrade(listed: ListedSymbol, fill: Extract<MatchingEvent, { type: 'fill' }>): PublicTrade {
    const isBuy = this.owner?.isBuy(fill.clientOrderId) === true
    const buyerIsMaker = fill.liquidity === 'maker' ? isBuy : !isBuy
    return listed.trades.add(unitsOf(fill.price), unitsOf(fill.quantity), buyerIsMaker, this.options.now())
  }

  private tellTrades(listed: ListedSymbol, trades: readonly PublicTrade[]): void {
    if (trades.length === 0) return
    const at = this.at(listed)
    const { tell } = this.options
    for (const trade of trades) {
      listed.countTrade(trade)
      tell({ ...at, type: 'trade', tradeId: trade.id, ...tradeFields(trade) })
    }
    for (const trade of listed.trades.aggregate(trades)) {
      const { id, firstTradeId, lastTradeId } = trade
      tell({ ...at, type: 'aggTrade', aggTradeId: id, firstTradeId, lastTradeId, ...tradeFields(trade) })
    }
  }

  private refresh(listed: ListedSymbol): void {
    const { symbol } = listed.rules
    const { book } = listed
    const [bid, ask] = [String(book.bestBid), String(book.bestAsk)]
    const isChanged = book.refresh(
      this.engine.levels(symbol, 'buy', shownLevels),
      this.engine.levels(symbol, 'sell', shownLevels),
    )
    if (!isChanged) return
    const { bestBid, bestAsk, updateId } = book
    if (bestBid !== undefined && bestAsk !== undefined && (String(bestBid) !== bid || String(bestAsk) !== ask)) {
      this.options.tell({ ...this.at(listed), type: 'bookTicker', updateId, bid: bestBid, ask: bestAsk })
    }
    if (this.dirtyDepth.has(listed)) return
    this.dirtyDepth.add(listed)
    this.later(depthEveryMs, () => this.tellDepth(listed))
  }

  private tellDepth(listed: ListedSymbol): void {
    this.dirtyDepth.delete(listed)
    const changes = listed.book.takeChanges()
    if (changes === null) return
    this.options.tell({ ...this.at(listed), type: 'depth', ...changes })
    this.options.flush()
  }

  /** Participants took what others offered: others offer anew. */
  private refillLater(listed: ListedSymbol, isEaten: boolean): void {
    if (!isEaten || this.refilling.has(listed)) return
    this.refilling.add(listed)
    this.later(refillAfterMs, () => {
      this.refilling.delete(listed)
      const book = this.lastBook.get(listed.rules.symbol)
      if (book !== undefined) this.show(listed.rules.symbol, book.bids, book.asks)
    })
  }

  /** Every second: candles and tickers. */
  private beat(): void {
    this.beats += 1
    const { tell, flush, now } = this.options
    for (const listed of this.symbols.values()) {
      this.closeKlines(listed)
      const at = this.at(listed)
      let isTraded = false
      for (const { interval, kline } of listed.changedKlines(true)) {
        isTraded = true
        tell(klineEvent(at, interval, kline))
      }
      if (this.beats % 2 === 0) {
        for (const { interval, kline } of listed.changedKlines(false)) tell(klineEvent(at, interval, kline))
      }
      if (isTraded) tell(tickerEvent(at, listed, now()))
    }
    flush()
  }

  private closeKlines(listed: ListedSymbol): void {
    const at = this.at(listed)
    for (const { interval, kline } of listed.closeKlines(this.options.now())) {
      this.options.tell(klineEvent(at, interval, kline))
    }
  }

  private at(listed: ListedSymbol) {
    return { market: this.options.market, symbol: listed.rules.id, time: this.options.now() }
  }

  private later(ms: number, task: () => void): void {
    const { clock } = this.options
    const cancel = clock.schedule(clock.now() + ms, () => {
      this.cancels.delete(cancel)
      task()
    })
    this.cancels.add(cancel)
  }
}

type EventPlace = Pick<VenueMarketEvent, 'market' | 'symbol' | 'time'>

/** The candle is put into words when somebody reads it. */
function klineEvent(at: EventPlace, interval: string, kline: LazyKline): VenueMarketEvent {
  return {
    ...at,
    type: 'kline',
    interval,
    get kline() {
      return kline()
    },
  }
}

/** The day is summed up when somebody reads it. */
function tickerEvent(at: EventPlace, listed: ListedSymbol, now: number): VenueMarketEvent {
  return {
    ...at,
    type: 'ticker',
    get fields() {
      return tickerFields(listed, now)
    },
  }
}

function tradeFields(trade: PublicTrade) {
  const { price, quantity, buyerIsMaker } = trade
  return { price: amountText(price), quantity: amountText(quantity), buyerIsMaker }
}

function copied(levels: QuotedLevels, ratio: number): QuotedLevels {
  const { count } = levels
  return {
    prices: Array.from({ length: count }, (_, index) => (levels.prices[index] as number) * ratio),
    quantities: Array.from({ length: count }, (_, index) => levels.quantities[index] as number),
    count,
  }
}
