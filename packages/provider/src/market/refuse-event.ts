import { type BookChange, type Candle, closeTimeOf, openTimeOf, type Quote, type Trade } from '@barfinex/core'

/** Why an event never reaches the bus. */
export type EventRefusal =
  | 'market.event.unreadable'
  | 'market.event.unknown-symbol'
  | 'market.event.bad-time'
  | 'market.event.from-the-future'
  | 'market.event.out-of-order'
  | 'market.event.duplicate'
  | 'market.event.late'
  | 'market.trade.bad-number'
  | 'market.trade.outlier'
  | 'market.quote.bad-number'
  | 'market.quote.crossed'
  | 'market.quote.outlier'
  | 'market.book.bad-number'
  | 'market.book.bad-sequence'
  | 'market.candle.bad-number'
  | 'market.candle.bad-slot'
  | 'market.candle.not-final'

/** Prices and quantities at or beyond this are decimal mistakes, not markets. */
const absurd = 1e15
/** An exchange clock may be ahead of ours by this much before its events are refused, in milliseconds. */
const aheadLimitMs = 60_000

/** True for a number that can be a price or a traded quantity. */
function isAmount(value: number): boolean {
  return value > 0 && value < absurd
}

function isAmountOrZero(value: number): boolean {
  return value >= 0 && value < absurd
}

/** The latest exchange time that is believed while our clock says `now`. */
export function latestBelieved(now: number): number {
  return now + aheadLimitMs
}

export function refuseTime(occurredAt: number, latest: number): EventRefusal | null {
  if (!Number.isSafeInteger(occurredAt) || occurredAt < 0) return 'market.event.bad-time'
  return occurredAt > latest ? 'market.event.from-the-future' : null
}

export function refuseTrade(trade: Trade): EventRefusal | null {
  return isAmount(trade.price) && isAmount(trade.quantity) ? null : 'market.trade.bad-number'
}

export function refuseQuote(quote: Quote): EventRefusal | null {
  const isSound =
    isAmount(quote.bid) && isAmount(quote.ask) && isAmountOrZero(quote.bidQuantity) && isAmountOrZero(quote.askQuantity)
  if (!isSound) return 'market.quote.bad-number'
  return quote.bid < quote.ask ? null : 'market.quote.crossed'
}

export function refuseBook(change: BookChange): EventRefusal | null {
  const { firstSequence, lastSequence } = change
  const isOrdered = Number.isSafeInteger(firstSequence) && Number.isSafeInteger(lastSequence)
  if (!isOrdered || firstSequence < 0 || lastSequence < firstSequence) return 'market.book.bad-sequence'
  for (const [price, quantity] of change.bids) {
    if (!isAmount(price) || !isAmountOrZero(quantity)) return 'market.book.bad-number'
  }
  for (const [price, quantity] of change.asks) {
    if (!isAmount(price) || !isAmountOrZero(quantity)) return 'market.book.bad-number'
  }
  return null
}

/**
 * Checks a closed candle: sane numbers, high and low around open and close, a slot of its own timeframe, and an end that
 * is not later than `latest`.
 */
export function refuseCandle(candle: Candle, latest: number): EventRefusal | null {
  const { open, high, low, close, openTime } = candle
  const isSound =
    low > 0 &&
    high < absurd &&
    low <= open &&
    open <= high &&
    low <= close &&
    close <= high &&
    isAmountOrZero(candle.volume) &&
    candle.tradeCount >= 0
  if (!isSound) return 'market.candle.bad-number'
  if (!candle.isFinal) return 'market.candle.not-final'
  if (!Number.isSafeInteger(openTime) || openTime < 0) return 'market.candle.bad-slot'
  if (candle.closeTime > latest) return 'market.event.from-the-future'
  const isOwnSlot =
    openTimeOf(candle.timeframe, openTime) === openTime && closeTimeOf(candle.timeframe, openTime) === candle.closeTime
  return isOwnSlot ? null : 'market.candle.bad-slot'
}
