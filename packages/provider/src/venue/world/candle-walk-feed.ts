import type { CancelTask, Candle, Timeframe } from '@barfinex/core'
import type { MarketFeed, Venue } from '../../exchanges/paper/market-feed.js'
import { QuoteLadder } from '../../exchanges/paper/quote-ladder.js'
import { candleAt, firstFrom } from '../../exchanges/tape/candle-columns.js'
import type { CandleTape } from '../../exchanges/tape/tape.js'

/** Whole spread around the price of a candle, as a share of it. */
const spreadShare = 0.000_2
/** Traded in each step of a candle for which the tape counts no volume, in quote. */
const assumedQuote = 10_000

/**
 * Plays a tape of candles as trades, four in each: the open, the nearer extreme, the farther one, the close. So the venue's own candles
 * show the tape's prices again, and stops and limits meet them on the way.
 */
export function candleWalkFeed(tape: CandleTape): MarketFeed {
  const { symbol } = tape.columns
  const ladder = new QuoteLadder()
  let venue: Venue | null = null
  let cancel: CancelTask = () => {}
  let index = 0
  let step = 0

  function show(price: number, quantity: number): void {
    if (venue === null) return
    const gap = price * spreadShare
    const { bids, asks } = ladder.set(price - gap / 2, price + gap / 2, quantity, quantity, gap)
    venue.tell(venue.engine.book(symbol, bids, asks, venue.clock.now()))
  }

  function play(): void {
    if (venue === null || index >= tape.columns.count) return
    const candle = candleAt(tape.columns, index, 'tape')
    const path = pathOf(candle)
    const price = path[step] as number
    const before = step === 0 ? candle.open : (path[step - 1] as number)
    const quantity = candle.volume > 0 ? candle.volume / path.length : assumedQuote / price
    show(price, quantity)
    venue.tell(venue.engine.print(symbol, price, quantity, price < before ? 'sell' : 'buy', venue.clock.now()))
    step += 1
    if (step === path.length) {
      step = 0
      index += 1
    }
    plan()
  }

  function plan(): void {
    if (venue === null || index >= tape.columns.count) return
    const { openTime, closeTime } = candleAt(tape.columns, index, 'tape')
    cancel = venue.clock.schedule(openTime + Math.floor(((closeTime - openTime) * step) / 4), play)
  }

  return {
    instruments: tape.instruments,
    candleTimeframes: [tape.timeframe],
    trades: false,
    book: false,
    startsAt: tape.startAt,
    endsAt: tape.endAt,
    connect() {},
    play(into) {
      venue = into
      index = firstFrom(tape.columns, into.clock.now())
      plan()
    },
    stop() {
      cancel()
      venue = null
    },
    arm() {},
    show() {
      if (tape.columns.count > 0) show(candleAt(tape.columns, Math.min(index, tape.columns.count - 1), 'tape').open, 1)
    },
    history: (_symbol: string, _timeframe: Timeframe): readonly Candle[] => [],
  }
}

/** A candle that rose went down first, and the other way round. */
function pathOf({ open, high, low, close }: Candle): readonly number[] {
  return close >= open ? [open, low, high, close] : [open, high, low, close]
}
