import { type CancelTask, type Candle, type Clock, type Timeframe, type Trade, timeframeMs } from '@barfinex/core'
import { BarTree } from './bar-tree.js'
import type { EventRefusal } from './refuse-event.js'
import { type FetchCandles, Repair } from './repair.js'

export interface CandleLaneOptions {
  readonly symbol: string
  readonly clock: Clock
  /** Timeframes the exchange gives as closed candles; empty where everything is built from trades. */
  readonly given: readonly Timeframe[]
  readonly hasTrades: boolean
  /** How long after its end a slot stays open for what is still on its way, in milliseconds. */
  readonly graceMs: number
  readonly onClose: (candle: Candle) => void
  /** Forming candles are said at most so often, in milliseconds. */
  readonly formingEveryMs: number
  readonly onForming: (candle: Candle) => void
  readonly fetch: FetchCandles
}

/** A slot waits no longer than this for a clock or a connection that is behind, in milliseconds. */
const longestLagMs = 60_000

interface TradeStem {
  readonly tree: BarTree
  readonly repair: Repair
  /** First slot that was not seen whole and is still to be repaired; `null` when nothing is missing. */
  missingFrom: number | null
}

/**
 * All candles of one symbol.
 *
 * A slot closes once: when the first trade at or past its end comes, or when the clock reaches its end plus the grace and the
 * delay of the newest trade. A trade counts as long as the smallest bar it belongs to is open, in any order; a later one
 * is refused (`market.event.late`) and changes nothing. A slot without trades repeats the last price (`synthetic`). A slot that
 * was not seen from its beginning is fetched whole from the exchange (`repaired`) or, where that fails, left out.
 *
 * Where the exchange gives closed candles, those are passed on and the higher ones are built from them; a slot it leaves
 * out stays out.
 */
export class CandleLane {
  private readonly fromTrades: TradeStem[] = []
  private readonly fromCandles: BarTree[]
  private timer: CancelTask | null = null
  private timerAt = Number.POSITIVE_INFINITY
  private isStarted = false
  /** True while the feed is lost: what passes now is not seen. */
  private isBlind = false
  private seenFrom = 0
  private hasTraded = false
  /** A trade before this instant belongs to a closed slot. */
  private floor = 0
  /** Delay of the newest trade by our clock, never below zero. */
  private lagMs = 0
  private newestAt = 0
  private formedAt = Number.NEGATIVE_INFINITY

  // Read once: a trade must not pay for looking them up.
  private readonly clock: Clock
  private readonly formingEveryMs: number

  constructor(private readonly options: CandleLaneOptions) {
    const { symbol, given, onClose } = options
    this.clock = options.clock
    this.formingEveryMs = options.formingEveryMs
    this.fromCandles = given.map((timeframe) => new BarTree(symbol, timeframe, false, onClose))
  }

  /**
   * Builds a timeframe from now on. `past` gives closed candles that end where the open slot begins. False when nothing this
   * exchange gives can make it.
   */
  ensure(timeframe: Timeframe, past: (root: Timeframe, until: number) => readonly Candle[]): boolean {
    const trees = [...this.fromCandles, ...this.fromTrades.map((stem) => stem.tree)]
    const able = trees.filter((tree) => tree.canBuild(timeframe))
    const tree = able.find((it) => it.has(timeframe)) ?? able.reduce<BarTree | null>(larger, null)
    if (tree !== null) {
      const { root } = tree
      tree.add(timeframe, root.openTime < 0 ? [] : joined(past(root.timeframe, root.openTime), root.openTime))
      return true
    }
    if (!this.options.hasTrades) return false
    const stem = this.addStem(timeframe)
    stem.tree.add(timeframe, [])
    if (this.isStarted) this.startStem(stem, this.clock.now(), [])
    this.arm()
    return true
  }

  /** Timeframes fed from outside: history of these is worth having at the start. */
  get roots(): readonly Timeframe[] {
    return [...this.fromCandles, ...this.fromTrades.map((stem) => stem.tree)].map((tree) => tree.root.timeframe)
  }

  /** From now on everything is seen. `past` gives closed candles of a root timeframe up to now, oldest first. */
  start(past: (root: Timeframe) => readonly Candle[]): void {
    const now = this.clock.now()
    this.isStarted = true
    this.seenFrom = now
    for (const tree of this.fromCandles) {
      const candles = past(tree.root.timeframe)
      const last = candles.at(-1)
      if (last === undefined) continue
      tree.coverFrom((candles[0] as Candle).openTime)
      tree.seed(candles)
      tree.root.openTime = last.closeTime
    }
    for (const stem of this.fromTrades) this.startStem(stem, now, past(stem.tree.root.timeframe))
    this.arm()
  }

  /** The feed is lost: nothing that is open now is whole. */
  interrupt(): void {
    this.isBlind = true
    const now = this.clock.now()
    for (const tree of this.fromCandles) tree.coverFrom(now)
    for (const stem of this.fromTrades) {
      stem.tree.root.isWhole = false
      stem.missingFrom ??= stem.tree.root.openTime
    }
  }

  /** The feed is back. */
  resume(): void {
    this.isBlind = false
    this.hasTraded = false
    this.seenFrom = this.clock.now()
    for (const tree of this.fromCandles) tree.coverFrom(this.seenFrom)
  }

  trade(trade: Trade): EventRefusal | null {
    const { occurredAt } = trade
    if (!this.isStarted) return null
    if (occurredAt < this.floor) return 'market.event.late'
    const now = this.clock.now()
    if (occurredAt >= this.newestAt) {
      this.newestAt = occurredAt
      this.lagMs = now > occurredAt ? Math.min(now - occurredAt, longestLagMs) : 0
    }
    if (!this.hasTraded) this.firstTrade(occurredAt - now)
    for (const stem of this.fromTrades) {
      const { root } = stem.tree
      while (occurredAt >= root.closeTime) this.closeSlot(stem)
      root.trade(trade.price, trade.quantity, occurredAt)
    }
    if (now - this.formedAt >= this.formingEveryMs) this.form(now)
    return null
  }

  /** Takes a closed candle of the exchange. */
  candle(candle: Candle): EventRefusal | null {
    for (const tree of this.fromCandles) {
      const { root } = tree
      if (root.timeframe !== candle.timeframe) continue
      if (candle.openTime < root.openTime) {
        if (candle.revision === 0) return 'market.event.out-of-order'
        if (root.isPublished) this.options.onClose(candle)
        return null
      }
      if (root.openTime < 0) tree.coverFrom(candle.openTime)
      root.openTime = candle.closeTime
      tree.close(candle.openTime, candle.closeTime, candle)
      if (this.timer === null && tree.isSource) this.arm()
    }
    return null
  }

  stop(): void {
    this.isStarted = false
    this.timer?.()
    this.timer = null
    for (const stem of this.fromTrades) stem.repair.stop()
  }

  /** Says every published bar as it stands. */
  private form(now: number): void {
    this.formedAt = now
    for (const { tree } of this.fromTrades) for (const candle of tree.forming()) this.options.onForming(candle)
  }

  private addStem(timeframe: Timeframe): TradeStem {
    const { symbol, clock, fetch, onClose } = this.options
    const tree = new BarTree(symbol, timeframe, true, onClose)
    const stem: TradeStem = { tree, repair: new Repair(tree, clock, fetch), missingFrom: null }
    this.fromTrades.push(stem)
    return stem
  }

  private startStem(stem: TradeStem, now: number, past: readonly Candle[]): void {
    const { tree } = stem
    const { root } = tree
    root.coveredFrom = now
    root.begin(now)
    this.floor = Math.max(this.floor, root.openTime)
    const candles = joined(past, root.openTime)
    const covered = candles[0]?.openTime ?? root.openTime
    tree.coverFrom(covered)
    tree.seed(candles)
    if (!root.isWhole) stem.missingFrom = root.openTime
  }

  /** Until the first trade we do not know how far the exchange's clock is ahead of ours: what lies between was not seen. */
  private firstTrade(aheadMs: number): void {
    this.hasTraded = true
    if (aheadMs <= 0) return
    for (const stem of this.fromTrades) {
      const { root } = stem.tree
      if (root.openTime >= this.seenFrom + aheadMs) continue
      root.isWhole = false
      stem.missingFrom ??= root.openTime
    }
  }

  private closeSlot(stem: TradeStem): void {
    const { tree, repair } = stem
    const { root } = tree
    const { openTime, closeTime, isWhole } = root
    const candle = tree.closing(root)
    if (root.isTraded) tree.lastPrice = root.lastPrice
    root.next()
    root.isWhole = !this.isBlind
    if (closeTime > this.floor) this.floor = closeTime
    if (isWhole) repair.pass({ openTime, closeTime, candle })
    else if (this.isBlind) stem.missingFrom ??= openTime
    else {
      repair.begin(stem.missingFrom ?? openTime, closeTime)
      stem.missingFrom = null
    }
  }

  private due(): void {
    const now = this.clock.now()
    for (const stem of this.fromTrades) {
      while (stem.tree.root.closeTime + this.options.graceMs + this.lagMs <= now) this.closeSlot(stem)
    }
    for (const tree of this.fromCandles) tree.closeEnded(now - this.candleGraceMs)
  }

  /** A candle that closes now must come before what is built from it ends, so at least one millisecond. */
  private get candleGraceMs(): number {
    return Math.max(1, this.options.graceMs)
  }

  private arm(): void {
    if (!this.isStarted) return
    let next = Number.POSITIVE_INFINITY
    for (const { tree } of this.fromTrades) {
      next = Math.min(next, tree.root.closeTime + this.options.graceMs + this.lagMs)
    }
    for (const tree of this.fromCandles) next = Math.min(next, tree.nextEnd + this.candleGraceMs)
    if (next === Number.POSITIVE_INFINITY || (this.timer !== null && this.timerAt <= next)) return
    this.timer?.()
    this.timerAt = next
    this.timer = this.clock.schedule(next, () => {
      this.timer = null
      this.due()
      this.arm()
    })
  }
}

function larger(best: BarTree | null, tree: BarTree): BarTree {
  return best !== null && timeframeMs(best.root.timeframe) > timeframeMs(tree.root.timeframe) ? best : tree
}

/** The longest run of candles without a hole that ends at `until`; empty when the newest ends elsewhere. */
function joined(candles: readonly Candle[], until: number): readonly Candle[] {
  let end = until
  let from = candles.length
  while (from > 0 && (candles[from - 1] as Candle).closeTime === end) {
    from -= 1
    end = (candles[from] as Candle).openTime
  }
  return candles.slice(from)
}
