import { VenueError, type VenueParams, type VenueReply } from '../venue-world.js'
import { amountText, product } from './amount.js'
import { type KlineInterval, klineIntervals } from './kline-book.js'
import type { ListedSymbol } from './listed-symbol.js'
import type { MarketHall } from './market-hall.js'
import type { AggregateTrade, PublicTrade, RowQuery } from './public-trades.js'
import { integerIn, limitIn, required } from './read-value.js'
import { percentPrice } from './symbol-rules.js'
import { tickerRow } from './ticker-fields.js'

const noLevel = ['0.00000000', '0.00000000'] as const

/** The public reads that spot and perpetuals have in common. */
export class MarketReads {
  constructor(
    private readonly hall: MarketHall,
    private readonly now: () => number,
  ) {}

  depth(params: VenueParams): VenueReply {
    const listed = this.hall.listed(required(params, 'symbol'))
    const limit = limitIn(params, 100, 5_000)
    const { lastUpdateId, bids, asks } = listed.book.snapshot()
    return { lastUpdateId, bids: bids.slice(0, limit), asks: asks.slice(0, limit) }
  }

  klines(params: VenueParams): readonly (readonly (string | number)[])[] {
    const listed = this.hall.listed(required(params, 'symbol'))
    const interval = required(params, 'interval')
    if (!isInterval(interval)) throw new VenueError(-1120, 'Invalid interval.')
    const limit = limitIn(params, 500, 1_000)
    const startTime = integerIn(params, 'startTime')
    const endTime = integerIn(params, 'endTime')
    return listed
      .klinesOf(interval)
      .query(startTime, endTime, limit)
      .map((it) => [
        it.openTime,
        it.open,
        it.high,
        it.low,
        it.close,
        it.volume,
        it.closeTime,
        it.quoteVolume,
        it.trades,
        it.takerBase,
        it.takerQuote,
        '0',
      ])
  }

  trades(params: VenueParams): readonly VenueReply[] {
    const listed = this.hall.listed(required(params, 'symbol'))
    return listed.trades.recent({ limit: limitIn(params, 500, 1_000) }).map(tradeRow)
  }

  historicalTrades(params: VenueParams): readonly VenueReply[] {
    const listed = this.hall.listed(required(params, 'symbol'))
    const fromId = integerIn(params, 'fromId')
    const limit = limitIn(params, 500, 1_000)
    return listed.trades.recent(fromId === undefined ? { limit } : { limit, fromId }).map(tradeRow)
  }

  aggTrades(params: VenueParams): readonly VenueReply[] {
    const listed = this.hall.listed(required(params, 'symbol'))
    return listed.trades.recentAggregates(rowQuery(params, 500, 1_000)).map(aggregateRow)
  }

  avgPrice(params: VenueParams): VenueReply {
    const listed = this.hall.listed(required(params, 'symbol'))
    return { mins: percentPrice.avgPriceMins, price: listed.averageText, closeTime: this.now() }
  }

  ticker24hr(params: VenueParams): VenueReply | readonly VenueReply[] {
    return this.forSymbols(params, (listed) => tickerRow(listed, this.now()))
  }

  tickerPrice(params: VenueParams): VenueReply | readonly VenueReply[] {
    return this.forSymbols(params, (listed) => ({ symbol: listed.rules.id, price: amountText(listed.lastPrice) }))
  }

  bookTicker(params: VenueParams): VenueReply | readonly VenueReply[] {
    return this.forSymbols(params, (listed) => {
      const [bidPrice, bidQty] = listed.book.bestBid ?? noLevel
      const [askPrice, askQty] = listed.book.bestAsk ?? noLevel
      return { symbol: listed.rules.id, bidPrice, bidQty, askPrice, askQty }
    })
  }

  /** One row for `symbol`, else a list: of `symbols`, or of all. */
  forSymbols(params: VenueParams, row: (listed: ListedSymbol) => VenueReply): VenueReply | readonly VenueReply[] {
    if (params['symbol'] !== undefined) return row(this.hall.listed(params['symbol']))
    return symbolsIn(this.hall, params).map(row)
  }
}

/** The symbols that `symbol`, or `symbols` as a JSON list, names; all when neither is there. */
export function symbolsIn(hall: MarketHall, params: VenueParams): readonly ListedSymbol[] {
  if (params['symbol'] !== undefined) return [hall.listed(params['symbol'])]
  const text = params['symbols']
  if (text === undefined) return [...hall.symbols.values()]
  const names = text.replace(/[[\]"\s]/g, '').split(',')
  return names.map((name) => hall.listed(name))
}

/** Which rows a list of trades is asked for. */
export function rowQuery(params: VenueParams, usual: number, most: number): RowQuery {
  const query: { -readonly [Key in keyof RowQuery]: RowQuery[Key] } = { limit: limitIn(params, usual, most) }
  for (const key of ['fromId', 'startTime', 'endTime'] as const) {
    const value = integerIn(params, key)
    if (value !== undefined) query[key] = value
  }
  return query
}

function isInterval(text: string): text is KlineInterval {
  return (klineIntervals as readonly string[]).includes(text)
}

function tradeRow(trade: PublicTrade): VenueReply {
  const { id, price, quantity, time, buyerIsMaker } = trade
  return {
    id,
    price: amountText(price),
    qty: amountText(quantity),
    quoteQty: amountText(product(price, quantity)),
    time,
    isBuyerMaker: buyerIsMaker,
    isBestMatch: true,
  }
}

function aggregateRow(trade: AggregateTrade): VenueReply {
  const { id, price, quantity, firstTradeId, lastTradeId, time, buyerIsMaker } = trade
  return {
    a: id,
    p: amountText(price),
    q: amountText(quantity),
    f: firstTradeId,
    l: lastTradeId,
    T: time,
    m: buyerIsMaker,
    M: true,
  }
}
