import { amountText } from './amount.js'
import type { ListedSymbol } from './listed-symbol.js'
import { changePercent, meanPrice } from './ticker24h.js'

/** The event of `@ticker`, under the names of the wire. */
export function tickerFields(listed: ListedSymbol, now: number): Readonly<Record<string, string | number>> {
  const sums = listed.daySums()
  const { book, lastPrice } = listed
  const [bid, bidQuantity] = book.bestBid ?? none
  const [ask, askQuantity] = book.bestAsk ?? none
  return {
    e: '24hrTicker',
    E: now,
    s: listed.rules.id,
    p: amountText(sums.last - sums.open),
    P: changePercent(sums),
    w: meanPrice(sums),
    x: amountText(sums.open),
    c: amountText(lastPrice),
    Q: amountText(listed.lastQuantity),
    b: bid,
    B: bidQuantity,
    a: ask,
    A: askQuantity,
    o: amountText(sums.open),
    h: amountText(sums.high),
    l: amountText(sums.low),
    v: amountText(sums.volume),
    q: amountText(sums.quoteVolume),
    O: sums.openTime,
    C: now,
    F: sums.firstTradeId,
    L: sums.lastTradeId,
    n: sums.trades,
  }
}

/** The row of `GET ticker/24hr`. */
export function tickerRow(listed: ListedSymbol, now: number): Readonly<Record<string, string | number>> {
  const f = tickerFields(listed, now)
  const pick = (key: string) => f[key] as string | number
  return {
    symbol: pick('s'),
    priceChange: pick('p'),
    priceChangePercent: pick('P'),
    weightedAvgPrice: pick('w'),
    prevClosePrice: pick('x'),
    lastPrice: pick('c'),
    lastQty: pick('Q'),
    bidPrice: pick('b'),
    bidQty: pick('B'),
    askPrice: pick('a'),
    askQty: pick('A'),
    openPrice: pick('o'),
    highPrice: pick('h'),
    lowPrice: pick('l'),
    volume: pick('v'),
    quoteVolume: pick('q'),
    openTime: pick('O'),
    closeTime: pick('C'),
    firstId: pick('F'),
    lastId: pick('L'),
    count: pick('n'),
  }
}

const none = ['0.00000000', '0.00000000'] as const
