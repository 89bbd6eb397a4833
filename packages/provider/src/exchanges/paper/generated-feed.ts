import type { CancelTask, Candle, Instrument, Timeframe } from '@barfinex/core'
import type { MarketFeed, Venue } from './market-feed.js'
import { createMarketGenerator, type MarketGenerator } from './market-generator.js'
import { minuteMs } from './market-path.js'
import type { MinuteTicks } from './market-ticks.js'
import { QuoteLadder } from './quote-ladder.js'

const dayMs = 86_400_000

export interface GeneratedFeedOptions {
  readonly seed: number | string
  readonly instruments: readonly Instrument[]
  readonly startAt: number
  readonly historyDays: number
  readonly ticksPerMinute: number
}

/** Plays generated markets: quotes and trades of every symbol, on and on. */
export function generatedFeed(options: GeneratedFeedOptions): MarketFeed {
  const { seed, instruments, startAt, historyDays, ticksPerMinute } = options
  const lanes = new Map<string, Lane>()

  return {
    instruments,
    candleTimeframes: [],
    trades: true,
    book: false,
    startsAt: startAt,
    endsAt: null,
    connect(clock, symbols) {
      // The machine's clock has gone past any fixed beginning: there the market begins today.
      const today = Math.floor(clock.now() / dayMs) * dayMs
      const from = clock.kind === 'virtual' ? startAt : Math.max(startAt, today)
      for (const instrument of instruments) {
        const { symbol } = instrument
        if (!symbols.includes(symbol)) continue
        const originAt = from - historyDays * dayMs
        const market = createMarketGenerator({ seed, symbol, originAt, ticksPerMinute, instrument })
        lanes.set(symbol, new Lane(market, from))
      }
    },
    play(venue) {
      for (const lane of lanes.values()) lane.play(venue)
    },
    stop() {
      for (const lane of lanes.values()) lane.stop()
    },
    arm() {},
    show: (symbol) => lanes.get(symbol)?.show(),
    history: (symbol, timeframe, until, limit) => lanes.get(symbol)?.history(timeframe, until, limit) ?? [],
  }
}

/** One symbol's market as it plays. One task is due at a time, so the order of events is the order of time. */
class Lane {
  private venue: Venue | null = null
  private cancel: CancelTask = () => {}
  private minute = 0
  private ticks: MinuteTicks
  private next = 0
  private tradeNumber = 0
  private bid = Number.NaN
  private ask = Number.NaN
  private bidQuantity = 0
  private askQuantity = 0
  private lastPrice = Number.NaN
  /** True once the engine has seen the present quote: what was taken from it does not come back before the next. */
  private isShown = false
  private readonly ladder = new QuoteLadder()
  private readonly task = () => this.tick()

  constructor(
    private readonly market: MarketGenerator,
    private readonly startAt: number,
  ) {
    this.ticks = market.minute(startAt)
  }

  play(venue: Venue): void {
    this.venue = venue
    const now = Math.max(venue.clock.now(), this.startAt)
    this.minute = Math.floor(now / minuteMs) * minuteMs
    this.ticks = this.market.minute(this.minute - minuteMs)
    this.remember(this.ticks.count - 1)
    this.ticks = this.market.minute(this.minute)
    while (this.next < this.ticks.count && this.ticks.at[this.next]! < now) {
      this.remember(this.next)
      this.next += 1
    }
    this.schedule()
  }

  stop(): void {
    this.cancel()
    this.venue = null
  }

  show(): void {
    const { venue, market, bid, ask } = this
    if (venue === null || this.isShown || Number.isNaN(bid)) return
    this.isShown = true
    const { symbol } = market.instrument
    const now = venue.clock.now()
    const { bids, asks } = this.ladder.set(bid, ask, this.bidQuantity, this.askQuantity, ask - bid)
    venue.tell(venue.engine.book(symbol, bids, asks, now))
    venue.tell(venue.engine.print(symbol, this.lastPrice, 0, 'buy', now))
  }

  history(timeframe: Timeframe, until: number, limit: number): readonly Candle[] {
    return this.market.history(timeframe, until, limit)
  }

  /** Makes a tick of the present minute the newest quote. */
  private remember(index: number): void {
    const { ticks } = this
    this.bid = ticks.bid[index]!
    this.ask = ticks.ask[index]!
    this.bidQuantity = ticks.bidQuantity[index]!
    this.askQuantity = ticks.askQuantity[index]!
    this.lastPrice = ticks.tradePrice[ticks.firstTrade[index + 1]! - 1]!
    this.isShown = false
  }

  private schedule(): void {
    const { venue } = this
    if (venue === null) return
    if (this.next >= this.ticks.count) {
      this.minute += minuteMs
      this.ticks = this.market.minute(this.minute)
      this.next = 0
    }
    this.cancel = venue.clock.schedule(this.ticks.at[this.next]!, this.task)
  }

  private tick(): void {
    const { venue, market, ticks, lastPrice } = this
    if (venue === null) return
    const { symbol } = market.instrument
    const index = this.next
    this.next += 1
    const occurredAt = ticks.at[index]!
    const sink = venue.sink()
    const isWorking = venue.engine.isWorking(symbol)
    this.remember(index)
    // The trades of this tick come after its quote.
    this.lastPrice = lastPrice
    if (isWorking) this.show()
    const { bid, ask, bidQuantity, askQuantity } = this
    sink?.quote({ symbol, bid, ask, bidQuantity, askQuantity, occurredAt })
    const end = ticks.firstTrade[index + 1]!
    for (let trade = ticks.firstTrade[index]!; trade < end; trade += 1) {
      const price = ticks.tradePrice[trade]!
      const quantity = ticks.tradeQuantity[trade]!
      const takerSide = ticks.tradeIsBuy[trade] === 1 ? 'buy' : 'sell'
      this.lastPrice = price
      this.tradeNumber += 1
      if (isWorking) venue.tell(venue.engine.print(symbol, price, quantity, takerSide, occurredAt))
      sink?.trade({ symbol, tradeId: String(this.tradeNumber), price, quantity, takerSide, occurredAt })
    }
    this.schedule()
  }
}
