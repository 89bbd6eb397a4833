import {
  BarfinexError,
  type BookChange,
  type Candle,
  type CandleReply,
  type CandleRequest,
  type Feed,
  flow,
  type Instrument,
  type Runtime,
  type Timeframe,
  timeframeMs,
  timeframes,
} from '@barfinex/core'
import type { Exchange } from '../exchanges/exchange.js'
import { memoryHistory } from '../history/memory-history.js'
import { Candles } from './candles.js'
import { Follow } from './follow.js'
import type { Marks } from './marks.js'
import { prehistory } from './prehistory.js'

export interface MarketOptions {
  readonly runtime: Runtime
  readonly exchange: Exchange
  readonly symbols: readonly string[]
  /** Built from the start; others when somebody asks for their history. The usual ones when absent. */
  readonly timeframes: readonly Timeframe[] | undefined
  readonly recentCandles: number
  readonly staleAfterMs: number | undefined
  readonly closeGraceMs: number
  readonly formingEveryMs: number
  readonly marks: Marks
  readonly onInstrument: (instrument: Instrument) => void
}

/** What is built when nobody says otherwise; those the exchange's data cannot make are left out. */
const usualTimeframes: readonly Timeframe[] = ['1m', '5m', '15m', '1h', '4h', '1d']
/** A feed of trades without any event for so long is stale; one of candles after three of its bars. */
const usualStaleMs = 30_000

/** Provider's market half: what the exchange says, checked, on the bus, and the candles made of it. */
export class Market {
  private readonly candles: Candles
  private readonly follow: Follow
  private readonly recent

  constructor(private readonly options: MarketOptions) {
    const { runtime, exchange, symbols, marks } = options
    const { bus, clock, epoch } = runtime
    const { candleTimeframes, trades, book } = exchange.capabilities
    this.recent = memoryHistory(options.recentCandles)
    const closed = bus.publisher(flow.candle, 'provider', epoch)
    const forming = bus.publisher(flow.formingCandle, 'provider', epoch)
    this.candles = new Candles({
      clock,
      symbols,
      given: candleTimeframes,
      hasTrades: trades,
      graceMs: options.closeGraceMs,
      formingEveryMs: options.formingEveryMs,
      recent: this.recent,
      fetch: (symbol, timeframe, until, limit) => this.before(symbol, timeframe, until, limit),
      onClose: (candle) => {
        this.recent.append(candle)
        closed.publishAt(candle, clock.now())
      },
      onForming: (candle) => forming.publishAt(candle, clock.now()),
    })
    const usualMs =
      trades || book || candleTimeframes.length === 0
        ? usualStaleMs
        : 3 * Math.min(...candleTimeframes.map((timeframe) => timeframeMs(timeframe)))
    const staleAfterMs = options.staleAfterMs ?? usualMs
    const { onInstrument } = options
    this.follow = new Follow({ ...runtime, symbols, staleAfterMs, marks, candles: this.candles, onInstrument })
    for (const symbol of symbols) this.build(symbol)
  }

  /** Lets the market flow. */
  async open(): Promise<void> {
    await this.candles.load()
    this.candles.start()
    this.follow.start()
    this.options.exchange.follow(this.follow)
  }

  /** Stops the flow. */
  close(): void {
    this.options.exchange.unfollow()
    this.follow.stop()
    this.candles.stop()
  }

  /** Closed candles until an instant that is not later than now; asking for a timeframe has it built from then on. */
  answer(request: CandleRequest): CandleReply | Promise<CandleReply> {
    const { symbol, timeframe, limit } = request
    this.demand(symbol, timeframe)
    const until = Math.min(request.until, request.cursor ?? request.until, this.options.runtime.clock.now())
    const kept = this.recent.read(symbol, timeframe, until, limit)
    const oldest = kept[0]
    if (oldest !== undefined && kept.length === limit) return { candles: kept, cursor: oldest.openTime }
    const missing = limit - kept.length
    return this.before(symbol, timeframe, oldest?.openTime ?? until, missing).then((older) => {
      const candles = [...older, ...kept]
      return { candles, cursor: older.length < missing ? null : (candles[0]?.openTime ?? null) }
    })
  }

  feedOf(symbol: string): Feed | null {
    return this.follow.feedOf(symbol)
  }

  bookOf(symbol: string, depth: number): BookChange | null {
    return this.follow.bookOf(symbol, depth)
  }

  refusals(): Readonly<Record<string, number>> {
    return this.follow.refusals()
  }

  private build(symbol: string): void {
    const { timeframes: wanted } = this.options
    for (const timeframe of timeframes) {
      if (wanted === undefined) {
        if (usualTimeframes.includes(timeframe)) this.candles.ensure(symbol, timeframe)
      } else if (wanted.includes(timeframe)) this.demand(symbol, timeframe)
    }
  }

  private demand(symbol: string, timeframe: Timeframe): void {
    if (this.candles.ensure(symbol, timeframe)) return
    const { exchange, symbols } = this.options
    const message = symbols.includes(symbol)
      ? `${timeframe} candles of ${symbol} cannot be made from what ${exchange.id} gives (${exchange.capabilities.candleTimeframes.join(', ')}). Ask for a longer timeframe.`
      : `${symbol} is not followed. Add it to \`symbols\`; followed are ${symbols.join(', ')}.`
    throw new BarfinexError('exchange.not-supported', message, { details: { symbol, timeframe } })
  }

  private before(symbol: string, timeframe: Timeframe, until: number, limit: number): Promise<readonly Candle[]> {
    return prehistory(this.options.exchange, symbol, timeframe, until, limit)
  }
}
