import { type Candle, type Timeframe, timeframeMs } from '@barfinex/core'
import type { MemoryHistory } from '../history/memory-history.js'
import { CandleLane, type CandleLaneOptions } from './candle-lane.js'

export interface CandlesOptions extends Omit<CandleLaneOptions, 'symbol' | 'fetch'> {
  readonly symbols: readonly string[]
  /** Closed candles seen so far. */
  readonly recent: MemoryHistory
  /** Closed candles from before, from the exchange. */
  readonly fetch: (symbol: string, timeframe: Timeframe, until: number, limit: number) => Promise<readonly Candle[]>
}

/** Bars of a root timeframe asked at the start, so that the higher bars open at that moment are whole. */
const seedLimit = 1_500

/** The candles of all symbols: which timeframes are built, and how they begin. */
export class Candles {
  private readonly lanes = new Map<string, CandleLane>()

  constructor(private readonly options: CandlesOptions) {
    const { given, fetch } = options
    for (const symbol of options.symbols) {
      const lane = new CandleLane({
        ...options,
        symbol,
        given: [...given].sort((a, b) => timeframeMs(a) - timeframeMs(b)),
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

  /** The candles of one symbol; one that is not followed has none. */
  lane(symbol: string): CandleLane | undefined {
    return this.lanes.get(symbol)
  }

  stop(): void {
    for (const lane of this.lanes.values()) lane.stop()
  }
}
