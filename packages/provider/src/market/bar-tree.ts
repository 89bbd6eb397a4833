import { type Candle, canBuildFrom, type Timeframe, timeframeMs } from '@barfinex/core'
import { Bar, type Parcel } from './bar.js'

/** Gets every candle that is closed and whole, shorter ones first. */
export type CloseSink = (candle: Candle) => void

/**
 * A bar that is fed from outside, by trades or by the exchange's own candles, and every higher bar built from it: each
 * higher one is fed by the closings of the largest lower one that fits, so a trade costs the same for one timeframe and for ten.
 */
export class BarTree {
  readonly root: Bar
  /** Last price seen; `NaN` before the first. */
  lastPrice = Number.NaN
  private readonly bars: Bar[]

  constructor(
    symbol: string,
    timeframe: Timeframe,
    /** Whether a slot without trades becomes a synthetic candle: true where we see every trade, false for recorded candles. */
    private readonly fillsQuietSlots: boolean,
    private readonly onClose: CloseSink,
  ) {
    this.root = new Bar(symbol, timeframe)
    this.bars = [this.root]
  }

  has(timeframe: Timeframe): boolean {
    return this.bars.some((bar) => bar.timeframe === timeframe)
  }

  /** True when something is built from the root. */
  get isSource(): boolean {
    return this.bars.length > 1
  }

  canBuild(timeframe: Timeframe): boolean {
    return this.has(timeframe) || canBuildFrom(timeframe, this.root.timeframe)
  }

  /**
   * Adds a timeframe, or publishes one that was material so far. `past` are closed candles of the root's timeframe without
   * a hole up to the open root bar, from which the new bar learns what its slot has seen already.
   */
  add(timeframe: Timeframe, past: readonly Candle[]): void {
    const known = this.bars.find((bar) => bar.timeframe === timeframe)
    if (known !== undefined) {
      known.isPublished = true
      return
    }
    const source = this.bars
      .filter((bar) => canBuildFrom(timeframe, bar.timeframe))
      .reduce((best, bar) => (timeframeMs(bar.timeframe) > timeframeMs(best.timeframe) ? bar : best), this.root)
    const bar = new Bar(this.root.symbol, timeframe)
    bar.isPublished = true
    source.dependents.push(bar)
    source.dependents.sort((a, b) => timeframeMs(a.timeframe) - timeframeMs(b.timeframe))
    this.bars.push(bar)
    const isSourceOpen = source !== this.root && source.openTime >= 0
    bar.coveredFrom = isSourceOpen && !source.isWhole ? source.closeTime : (past[0]?.openTime ?? this.nextWhole)
    for (const candle of past) {
      // What lies in the source's open slot comes with the source.
      if (isSourceOpen && candle.openTime >= source.openTime) break
      this.feed(bar, candle.openTime, candle.closeTime, candle, false)
    }
  }

  /** Closed candles of the root's timeframe from before the start: they fill the higher bars that are open now, silently. */
  seed(past: readonly Candle[]): void {
    for (const candle of past) {
      this.lastPrice = candle.close
      for (const bar of this.root.dependents) this.feed(bar, candle.openTime, candle.closeTime, candle, false)
    }
  }

  /** Open time of the first root slot that has been or will be seen from its beginning. */
  private get nextWhole(): number {
    return this.root.isWhole ? this.root.openTime : this.root.closeTime
  }

  /** Takes a closed candle of the root's timeframe; `null` for a slot about which nothing can be said. */
  close(openTime: number, closeTime: number, candle: Candle | null): void {
    if (candle !== null) {
      this.lastPrice = candle.close
      if (this.root.isPublished) this.onClose(candle)
    }
    for (const bar of this.root.dependents) this.feed(bar, openTime, closeTime, candle, true)
  }

  /** Closes every higher bar that ended at or before `instant`: for sources that may leave slots out. */
  closeEnded(instant: number): void {
    for (const bar of this.bars) {
      if (bar !== this.root && bar.openTime >= 0 && bar.closeTime <= instant) this.finish(bar, true)
    }
  }

  /** What a bar that ends now comes to; `null` when nothing can be said. */
  closing(bar: Bar): Candle | null {
    if (bar.isTraded) return bar.candle(true)
    return this.fillsQuietSlots && !Number.isNaN(this.lastPrice) ? bar.quietCandle(this.lastPrice) : null
  }

  /** When the first open higher bar ends; `Infinity` when none is open. */
  get nextEnd(): number {
    let next = Number.POSITIVE_INFINITY
    for (const bar of this.bars) {
      if (bar !== this.root && bar.openTime >= 0 && bar.closeTime < next) next = bar.closeTime
    }
    return next
  }

  /** From when on nothing is missing: no higher bar that began before may be given out. */
  coverFrom(instant: number): void {
    for (const bar of this.bars) {
      if (bar === this.root) continue
      bar.coveredFrom = instant
      if (bar.openTime >= 0 && bar.openTime < instant) bar.isWhole = false
    }
  }

  /** Every published bar as it stands, the open root included. */
  forming(): Candle[] {
    const candles: Candle[] = []
    const { root } = this
    this.collect(root, root.isTraded ? root.candle(false) : null, candles)
    return candles
  }

  private collect(bar: Bar, standing: Candle | null, into: Candle[]): void {
    if (standing === null) return
    if (bar.isPublished) into.push(standing)
    for (const higher of bar.dependents) {
      if (higher.openTime < 0 || !higher.isTraded) {
        const whole = new Bar(higher.symbol, higher.timeframe)
        whole.begin(standing.openTime)
        whole.add(standing)
        this.collect(higher, whole.candle(false), into)
      } else {
        const so = higher.candle(false)
        this.collect(
          higher,
          {
            ...so,
            high: Math.max(so.high, standing.high),
            low: Math.min(so.low, standing.low),
            close: standing.close,
            volume: so.volume + standing.volume,
            tradeCount: so.tradeCount + standing.tradeCount,
          },
          into,
        )
      }
    }
  }

  private feed(bar: Bar, openTime: number, closeTime: number, parcel: Parcel | null, isHeard: boolean): void {
    // A source that leaves slots out may jump over the end of a bar.
    if (bar.openTime >= 0 && openTime >= bar.closeTime) this.finish(bar, isHeard)
    if (bar.openTime < 0) bar.begin(openTime)
    if (parcel !== null) bar.add(parcel)
    if (closeTime >= bar.closeTime) this.finish(bar, isHeard)
  }

  private finish(bar: Bar, isHeard: boolean): void {
    const { openTime, closeTime } = bar
    const candle = this.closing(bar)
    bar.openTime = -1
    if (candle !== null && bar.isWhole && isHeard) this.onClose(candle)
    for (const higher of bar.dependents) this.feed(higher, openTime, closeTime, candle, isHeard)
  }
}
