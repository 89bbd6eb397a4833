import type { BookChange, CancelTask } from '@barfinex/core'
import type { MarketSink } from '../exchange.js'
import { BookChain } from './book-chain.js'
import type { ExchangeTime } from './exchange-time.js'
import type { Listing } from './instruments.js'
import type { Listings } from './listings.js'
import { type MarketFrame, numberedTrade, readMarketFrame } from './market-frame.js'
import { aggTradeReply, depthReply } from './reply-schemas.js'
import type { Rest } from './rest.js'
import { SocketLine, type SocketLineOptions } from './socket-line.js'
import { TradeChain } from './trade-chain.js'

export interface MarketStreamOptions extends Pick<SocketLineOptions, 'url' | 'clock' | 'random' | 'pingMs' | 'openMs'> {
  readonly rest: Rest
  readonly time: ExchangeTime
  readonly listings: Listings
  readonly sink: MarketSink
  readonly isBookKept: boolean
}

interface Lane {
  readonly listing: Listing
  readonly trades: TradeChain
  readonly book: BookChain | null
  quotedAt: number
}

const bookDepth = 1_000
const tradePage = 1_000
/** A line on which no market has said anything for so long may be dead: another one is made beside it. In milliseconds. */
const quietMs = 30_000

/** The public streams of everything that is served, over one connection. */
export class MarketStream {
  private readonly line: SocketLine
  private readonly lanes = new Map<string, Lane>()
  private isOpen = false
  private isStopped = false
  private heardAt = 0
  private watch: CancelTask | null = null

  constructor(private readonly options: MarketStreamOptions) {
    for (const listing of options.listings.all) this.lanes.set(listing.marketId, this.lane(listing))
    this.line = new SocketLine({
      ...options,
      url: `${options.url}?streams=${this.streams().join('/')}`,
      onOpen: () => this.open(),
      onText: (text) => this.hear(text),
      onCut: () => this.cut(),
    })
  }

  start(): void {
    const { clock } = this.options
    this.say('lost', 'market.feed.connecting')
    this.watch = clock.every(quietMs / 6, () => this.renewIfQuiet())
    this.line.start()
  }

  stop(): void {
    this.isStopped = true
    this.watch?.()
    this.line.stop()
    for (const { book } of this.lanes.values()) book?.stop()
  }

  private streams(): readonly string[] {
    return [...this.lanes.keys()].flatMap((it) => {
      const id = it.toLowerCase()
      return [`${id}@aggTrade`, `${id}@bookTicker`, ...(this.options.isBookKept ? [`${id}@depth@100ms`] : [])]
    })
  }

  private open(): void {
    this.isOpen = true
    this.heardAt = this.options.clock.now()
    this.say('live', 'market.feed.live')
    for (const { book } of this.lanes.values()) book?.begin()
  }

  private cut(): void {
    if (!this.isOpen) return
    this.isOpen = false
    for (const { book } of this.lanes.values()) book?.stop()
    this.say('lost', 'market.feed.disconnected')
  }

  private say(state: 'live' | 'lost', code: string): void {
    for (const { listing } of this.lanes.values()) this.options.sink.feed({ symbol: listing.symbol, state, code })
  }

  private renewIfQuiet(): void {
    const now = this.options.clock.now()
    if (!this.isOpen || now - this.heardAt < quietMs) return
    this.heardAt = now
    this.line.renew()
  }

  private hear(text: string): void {
    this.heardAt = this.options.clock.now()
    const frame = readMarketFrame(text, (it) => this.options.listings.symbolOf(it))
    if (frame === null) {
      this.options.sink.unreadable?.()
      return
    }
    if (frame.type === 'ending') {
      this.line.renew()
      return
    }
    const lane = this.lanes.get(frame.marketId)
    if (lane === undefined) return
    if (frame.type === 'trade') lane.trades.take(frame.trade)
    else if (frame.type === 'book') lane.book?.take(frame.change)
    else this.quote(lane, frame)
  }

  /** Quotes carry no time: it is the exchange's, as far as known, when they come. */
  private quote(lane: Lane, { bid, ask }: Extract<MarketFrame, { type: 'quote' }>): void {
    lane.quotedAt = Math.max(lane.quotedAt, this.options.time.now())
    this.options.sink.quote({
      symbol: lane.listing.symbol,
      bid: bid.price,
      ask: ask.price,
      bidQuantity: bid.quantity,
      askQuantity: ask.quantity,
      occurredAt: lane.quotedAt,
    })
  }

  private lane(listing: Listing): Lane {
    const { clock, rest, sink, isBookKept } = this.options
    const { symbol, marketId } = listing
    const unlessStopped = (act: () => void) => {
      if (!this.isStopped) act()
    }
    const trades = new TradeChain({
      read: async (fromId) => {
        const page = await rest.call('aggTrades', aggTradeReply, { symbol: marketId, fromId, limit: tradePage })
        return page.map((it) => numberedTrade(symbol, it))
      },
      emit: (trade) => unlessStopped(() => sink.trade(trade)),
      onGap: () => sink.feed({ symbol, state: 'gap', code: 'market.feed.trades-missing' }),
      onWhole: () =>
        unlessStopped(() => {
          if (this.isOpen) sink.feed({ symbol, state: 'live', code: 'market.feed.live' })
        }),
    })
    const book = isBookKept
      ? new BookChain({
          clock,
          read: () => this.wholeBook(listing),
          emit: (change) => unlessStopped(() => sink.book(change)),
        })
      : null
    return { listing, trades, book, quotedAt: 0 }
  }

  private async wholeBook({ symbol, marketId }: Listing): Promise<BookChange> {
    const { rest, time } = this.options
    const { lastUpdateId, bids, asks } = await rest.call('depth', depthReply, { symbol: marketId, limit: bookDepth })
    return {
      symbol,
      kind: 'snapshot',
      firstSequence: lastUpdateId,
      lastSequence: lastUpdateId,
      bids: bids.map(([price, quantity]) => [price, quantity]),
      asks: asks.map(([price, quantity]) => [price, quantity]),
      occurredAt: Math.floor(time.now()),
    }
  }
}
