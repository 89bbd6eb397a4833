import { type Candle, type Clock, type Timeframe, type Trade, timeframeMs } from '@barfinex/core'
import type { MemoryHistory } from '../history/memory-history.js'
import { CandleLane } from './candle-lane.js'
import type { EventRefusal } from './refuse-event.js'

export interface CandlesOptions {
  readonly clock: Clock
  readonly symbols: readonly string[]
  /** Timeframes the exchange gives as closed candles. */
  readonly given: readonly Timeframe[]
  readonly hasTrades: boolean
  readonly graceMs: number
  /** Forming candles of a symbol are said at most so often, in milliseconds. */
  readonly formingEveryMs: number
  /** Closed candles seen so far. */
  readonly recent: MemoryHistory
  /** Closed candles from before, from the exchange. */
  readonly fetch: (symbol: string, timeframe: Timeframe, until: number, limit: number) => Promise<readonly Candle[]>
  readonly onClose: (candle: Candle) => void
  readonly onForming: (candle: Candle) => void
}

/** Bars of a root timeframe asked at the start, so that the higher bars open at that moment are whole. */
const seedLimit = 1_500

/** The candles of all symbols: which timeframes are built, and the forming ones now and then. */
export class Candles {
  private readonly lanes = new Map<string, CandleLane>()
  private readonly formedAt = new Map<string, number>()

  constructor(private readonly options: CandlesOptions) {
    const { clock, given, hasTrades, graceMs, fetch, onClose } = options
    for (const symbol of options.symbols) {
      const lane = new CandleLane({
        symbol,
        clock,
        given: [...given].sort((a, b) => timeframeMs(a) - timeframeMs(b)),
        hasTrades,
        graceMs,
        onClose,
        fetch: (timeframe, until, limit) => fetch(symbol, timeframe, until, limit),
      })
      this.lanes.set(symbol, lane)
    }
  }

  /**
   * Builds a timeframe of a symbol from now on: because it is configured or because somebody has asked for its history.
   * False when what the exchange gives cannot make it.
   */
  ensure(symbol: string, timeframe: Timeframe): boolean {
    const { recent } = this.options
    const lane = this.lanes.get(symbol)
    if (lane === undefined) return false
    return lane.ensure(timeframe, (root, until) => recent.read(symbol, root, until, seedLimit))
  }

  /** Reads from the exchange what the bars that are open now have seen already. */
  async load(): Promise<void> {
    const { clock, fetch, recent } = this.options
    for (const [symbol, lane] of this.lanes) {
      for (const root of lane.roots) {
        const candles = await fetch(symbol, root, clock.now(), seedLimit).catch(() => [])
        for (const candle of candles) recent.append(candle)
      }
    }
  }

  /** From now on everything is seen. */
  start(): void {
    const { clock, recent } = this.options
    for (const [symbol, lane] of this.lanes) {
      lane.start((root) => recent.read(symbol, root, clock.now(), seedLimit))
    }
  }

  trade(trade: Trade): EventRefusal | null {
    const lane = this.lanes.get(trade.symbol)
    if (lane === undefined) return 'market.event.unknown-symbol'
    const refusal = lane.trade(trade)
    if (refusal === null) this.form(trade.symbol, lane)
    return refusal
  }

  candle(candle: Candle): EventRefusal | null {
    return this.lanes.get(candle.symbol)?.candle(candle) ?? null
  }

  interrupt(symbol: string): void {
    this.lanes.get(symbol)?.interrupt()
  }

  resume(symbol: string): void {
    this.lanes.get(symbol)?.resume()
  }

  stop(): void {
    for (const lane of this.lanes.values()) lane.stop()
  }

  private form(symbol: string, lane: CandleLane): void {
    const now = this.options.clock.now()
    if (now - (this.formedAt.get(symbol) ?? Number.NEGATIVE_INFINITY) < this.options.formingEveryMs) return
    this.formedAt.set(symbol, now)
    for (const candle of lane.forming()) this.options.onForming(candle)
  }
}
