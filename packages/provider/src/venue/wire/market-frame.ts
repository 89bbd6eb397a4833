import type { VenueBook, VenueMarketEvent } from '../venue-world.js'

type EventOf<Type extends VenueMarketEvent['type']> = Extract<VenueMarketEvent, { readonly type: Type }>

/** The payload of a trade, aggregated trade, candle or best-price stream, under the names of the wire. */
export function frameOf(event: EventOf<'trade' | 'aggTrade' | 'kline' | 'bookTicker'>): object {
  switch (event.type) {
    case 'trade':
      return tradeFrame(event)
    case 'aggTrade':
      return aggTradeFrame(event)
    case 'kline':
      return klineFrame(event)
    case 'bookTicker':
      return bookTickerFrame(event)
  }
}

function tradeFrame(event: EventOf<'trade'>): object {
  const { symbol: s, time, tradeId: t, price: p, quantity: q, buyerIsMaker: m } = event
  if (event.market === 'usdm') return { e: 'trade', E: time, T: time, s, t, p, q, X: 'MARKET', m }
  return { e: 'trade', E: time, s, t, p, q, T: time, m, M: true }
}

function aggTradeFrame(event: EventOf<'aggTrade'>): object {
  const { symbol: s, time, aggTradeId: a, price: p, quantity: q, buyerIsMaker: m } = event
  const { firstTradeId: f, lastTradeId: l } = event
  const row = { e: 'aggTrade', E: time, s, a, p, q, f, l, T: time, m }
  return event.market === 'usdm' ? row : { ...row, M: true }
}

function klineFrame(event: EventOf<'kline'>): object {
  const { symbol: s, time, interval: i, kline } = event
  return {
    e: 'kline',
    E: time,
    s,
    k: {
      t: kline.openTime,
      T: kline.closeTime,
      s,
      i,
      f: kline.firstTradeId,
      L: kline.lastTradeId,
      o: kline.open,
      c: kline.close,
      h: kline.high,
      l: kline.low,
      v: kline.volume,
      n: kline.trades,
      x: kline.closed,
      q: kline.quoteVolume,
      V: kline.takerBase,
      Q: kline.takerQuote,
      B: '0',
    },
  }
}

function bookTickerFrame(event: EventOf<'bookTicker'>): object {
  const { symbol: s, time, updateId: u, bid, ask } = event
  const row = { u, s, b: bid[0], B: bid[1], a: ask[0], A: ask[1] }
  return event.market === 'usdm' ? { e: 'bookTicker', ...row, T: time, E: time } : row
}

/** A change of the book. Spot chains by `U` and `u`, perpetuals by `pu`. */
export function depthFrame(event: EventOf<'depth'>): object {
  const { symbol: s, time, firstUpdateId: U, lastUpdateId: u, previousUpdateId: pu, bids: b, asks: a } = event
  if (event.market === 'usdm') return { e: 'depthUpdate', E: time, T: time, s, U, u, pu, b, a }
  return { e: 'depthUpdate', E: time, s, U, u, b, a }
}

/** The best `levels` of the book. */
export function partialDepthFrame(event: EventOf<'depth'>, book: VenueBook, levels: number): object {
  const bids = book.bids.slice(0, levels)
  const asks = book.asks.slice(0, levels)
  if (event.market === 'spot') return { lastUpdateId: book.lastUpdateId, bids, asks }
  const { symbol: s, time, firstUpdateId: U, previousUpdateId: pu } = event
  return { e: 'depthUpdate', E: time, T: time, s, U, u: book.lastUpdateId, pu, b: bids, a: asks }
}

/** The short form of the 24 h ticker. */
export function miniTickerFrame(ticker: Readonly<Record<string, string | number>>): object {
  const { E, s, c, o, h, l, v, q } = ticker
  return { e: '24hrMiniTicker', E, s, c, o, h, l, v, q }
}
