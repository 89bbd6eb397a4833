import { type Candle, closeTimeOf, openTimeOf, type Timeframe } from '@barfinex/core'
import { larger } from '../../exchanges/matching/instrument-grid.js'
import type { VenueKline } from '../venue-world.js'
import { amountText, product, smaller, type Units, unitsNear } from './amount.js'
import type { PublicTrade } from './public-trades.js'

/** Intervals of the wire. All but `3d` are timeframes of ours. */
export const klineIntervals = [
  '1s',
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '6h',
  '8h',
  '12h',
  '1d',
  '3d',
  '1w',
  '1M',
] as const
export type KlineInterval = (typeof klineIntervals)[number]

const threeDaysMs = 259_200_000

export function intervalOpen(interval: KlineInterval, at: number): number {
  return interval === '3d' ? at - (at % threeDaysMs) : openTimeOf(interval, at)
}

/** First instant after the candle. */
export function intervalEnd(interval: KlineInterval, openTime: number): number {
  return interval === '3d' ? openTime + threeDaysMs : closeTimeOf(interval, openTime)
}

/** Candles from before the venue began. */
export type KlineHistory = (timeframe: Timeframe, until: number, limit: number) => readonly Candle[]

/** A candle while it forms. */
interface Forming {
  openTime: number
  endTime: number
  open: Units
  high: Units
  low: Units
  close: Units
  volume: Units
  quoteVolume: Units
  takerBase: Units
  takerQuote: Units
  trades: number
  firstTradeId: number
  lastTradeId: number
}

/** Puts a candle into words when somebody wants them: most nobody does, and some need history that is made first. */
export type LazyKline = () => VenueKline

/** Closed candles kept per interval, of the venue's own time. */
const keptKlines = 20_000

/** Candles of one symbol and one interval: those before the venue began come from its history, later ones from its trades. */
export class KlineBook {
  private readonly closed: Forming[] = []
  private forming: Forming
  private isChanged = true
  /** What history knows of the candle that formed when the venue began; `null` until somebody asks. */
  private before: Forming | null = null
  private readonly firstOpenTime: number

  /** `price` is the last one before `startAt`. */
  constructor(
    private readonly interval: KlineInterval,
    private readonly history: KlineHistory,
    private readonly startAt: number,
    private readonly price: Units,
  ) {
    const openTime = intervalOpen(interval, startAt)
    this.firstOpenTime = openTime
    this.forming = emptyAt(openTime, intervalEnd(interval, openTime), price)
  }

  /** Counts a trade; the candles that end before it must be closed already. */
  add(trade: PublicTrade): void {
    const { price, quantity, buyerIsMaker, id } = trade
    const it = this.forming
    if (it.trades === 0) it.open = price
    it.high = it.trades === 0 || price > it.high ? price : it.high
    it.low = it.trades === 0 || price < it.low ? price : it.low
    it.close = price
    const quote = product(price, quantity)
    it.volume += quantity
    it.quoteVolume += quote
    if (!buyerIsMaker) {
      it.takerBase += quantity
      it.takerQuote += quote
    }
    it.trades += 1
    if (it.firstTradeId < 0) it.firstTradeId = id
    it.lastTradeId = id
    this.isChanged = true
  }

  /** Closes every candle that has ended by now and returns them; a candle without trades repeats the last close. */
  closeUntil(now: number): readonly LazyKline[] {
    if (now < this.forming.endTime) return []
    const ended: LazyKline[] = []
    while (now >= this.forming.endTime) {
      const { forming } = this
      ended.push(() => this.worded(forming, true))
      this.closed.push(forming)
      const { endTime, close } = forming
      this.forming = emptyAt(endTime, intervalEnd(this.interval, endTime), close)
    }
    if (this.closed.length > keptKlines * 1.25) this.closed.splice(0, this.closed.length - keptKlines)
    this.isChanged = true
    return ended
  }

  /** The forming candle if it has changed since the last time. */
  takeChanged(): LazyKline | null {
    if (!this.isChanged) return null
    this.isChanged = false
    const forming = { ...this.forming }
    return () => this.worded(forming, false)
  }

  /** The forming candle. */
  get current(): VenueKline {
    return this.worded(this.forming, false)
  }

  /** With a start the oldest from there, else the newest up to the end. */
  query(startTime: number | undefined, endTime: number | undefined, limit: number): readonly VenueKline[] {
    const until = endTime ?? Number.POSITIVE_INFINITY
    const since = startTime ?? Number.NEGATIVE_INFINITY
    const firstOwn = (this.closed[0] ?? this.forming).openTime
    const own = [...this.closed, this.forming].filter((it) => it.openTime >= since && it.openTime <= until)
    const kept = startTime === undefined ? own.slice(-limit) : own.slice(0, limit)
    let rows = kept.map((it) => this.worded(it, it !== this.forming))
    const isOlderWanted = startTime === undefined ? rows.length < limit : since < firstOwn
    if (isOlderWanted)
      rows = [...this.older(since, Math.min(until, firstOwn - 1), limit, rows.length, startTime), ...rows]
    return startTime === undefined ? rows.slice(-limit) : rows.slice(0, limit)
  }

  /** A candle in the words of the wire, with what history knows of the one that formed when the venue began. */
  private worded(it: Forming, closed: boolean): VenueKline {
    if (it.openTime !== this.firstOpenTime) return klineOf(it, closed)
    if (this.before === null) {
      this.before = emptyAt(it.openTime, it.endTime, this.price)
      for (const candle of candlesSince(this.history, it.openTime, this.startAt)) addCandle(this.before, candle)
    }
    return klineOf(joined(this.before, it), closed)
  }

  private older(
    since: number,
    until: number,
    limit: number,
    known: number,
    startTime: number | undefined,
  ): readonly VenueKline[] {
    if (until < 0) return []
    const end = intervalEnd(this.interval, intervalOpen(this.interval, until))
    const wanted = startTime === undefined ? limit - known : this.countBetween(since, end)
    return this.fromHistory(end, wanted).filter((it) => it.openTime >= since && it.openTime <= until)
  }

  private countBetween(since: number, end: number): number {
    const length = intervalEnd(this.interval, intervalOpen(this.interval, since)) - intervalOpen(this.interval, since)
    return Math.ceil((end - since) / length) + 1
  }

  private fromHistory(end: number, wanted: number): readonly VenueKline[] {
    if (this.interval !== '3d') return this.history(this.interval, end, wanted).map(historicKline)
    const joined = new Map<number, Forming>()
    for (const day of this.history('1d', end, wanted * 3)) {
      const openTime = intervalOpen('3d', day.openTime)
      let it = joined.get(openTime)
      if (it === undefined) {
        it = emptyAt(openTime, openTime + threeDaysMs, unitsNear(day.open))
        joined.set(openTime, it)
      }
      addCandle(it, day)
    }
    return [...joined.values()].map((it) => klineOf(it, true))
  }
}

/** One candle from its first part and its second. */
function joined(first: Forming, second: Forming): Forming {
  if (first.trades === 0 && first.volume === 0n) return second
  if (second.trades === 0) return first
  return {
    ...second,
    open: first.open,
    high: larger(first.high, second.high),
    low: smaller(first.low, second.low),
    volume: first.volume + second.volume,
    quoteVolume: first.quoteVolume + second.quoteVolume,
    takerBase: first.takerBase + second.takerBase,
    takerQuote: first.takerQuote + second.takerQuote,
    trades: first.trades + second.trades,
  }
}

/** What history knows of the candle that is forming when the venue begins: whole days, then hours, minutes and seconds. */
function candlesSince(history: KlineHistory, openTime: number, startAt: number): readonly Candle[] {
  const candles: Candle[] = []
  let from = openTime
  for (const timeframe of ['1d', '1h', '1m', '1s'] as const) {
    const end = openTimeOf(timeframe, startAt)
    const length = closeTimeOf(timeframe, 0)
    if (end <= from) continue
    const count = Math.ceil((end - from) / length)
    candles.push(...history(timeframe, end, count).filter((it) => it.openTime >= from))
    from = end
  }
  return candles
}

function emptyAt(openTime: number, endTime: number, price: Units): Forming {
  return {
    openTime,
    endTime,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: 0n,
    quoteVolume: 0n,
    takerBase: 0n,
    takerQuote: 0n,
    trades: 0,
    firstTradeId: -1,
    lastTradeId: -1,
  }
}

function addCandle(into: Forming, candle: Candle): void {
  const [open, high, low, close] = [candle.open, candle.high, candle.low, candle.close].map(unitsNear) as [
    Units,
    Units,
    Units,
    Units,
  ]
  const isFirst = into.trades === 0 && into.volume === 0n
  if (isFirst) into.open = open
  into.high = isFirst || high > into.high ? high : into.high
  into.low = isFirst || low < into.low ? low : into.low
  into.close = close
  const volume = unitsNear(candle.volume)
  const quote = product((open + high + low + close) / 4n, volume)
  into.volume += volume
  into.quoteVolume += quote
  // History does not say who took: half and half.
  into.takerBase += volume / 2n
  into.takerQuote += quote / 2n
  into.trades += candle.tradeCount
}

function historicKline(candle: Candle): VenueKline {
  const it = emptyAt(candle.openTime, candle.closeTime, unitsNear(candle.open))
  addCandle(it, candle)
  return klineOf(it, true)
}

function klineOf(it: Forming, closed: boolean): VenueKline {
  return {
    openTime: it.openTime,
    closeTime: it.endTime - 1,
    open: amountText(it.open),
    high: amountText(it.high),
    low: amountText(it.low),
    close: amountText(it.close),
    volume: amountText(it.volume),
    quoteVolume: amountText(it.quoteVolume),
    trades: it.trades,
    takerBase: amountText(it.takerBase),
    takerQuote: amountText(it.takerQuote),
    firstTradeId: it.firstTradeId,
    lastTradeId: it.lastTradeId,
    closed,
  }
}
