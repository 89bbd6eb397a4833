import { type CancelTask, type Candle, type Clock, type Timeframe, timeframeMs } from '@barfinex/core'
import type { BarTree } from './bar-tree.js'

/** The newest closed candles of one timeframe until an instant, oldest first: at most `limit`. */
export type FetchCandles = (timeframe: Timeframe, until: number, limit: number) => Promise<readonly Candle[]>

/** A slot that has closed; `candle` is `null` where nothing can be said about it. */
export interface ClosedSlot {
  readonly openTime: number
  readonly closeTime: number
  readonly candle: Candle | null
}

/** How often a missing candle is asked for on the machine's clock, and how long apart: exchanges publish theirs with a delay. */
const attemptLimit = 5
const attemptEveryMs = 1_000
/** Slots asked at once; a longer hole is filled from its end. */
const longestHole = 1_000

/**
 * Keeps the order of closed slots while missing ones are fetched from the exchange: what closes meanwhile waits.
 * What cannot be fetched is left out, and so is every higher bar that contains it.
 */
export class Repair {
  private waiting: ClosedSlot[] | null = null
  private retry: CancelTask | null = null
  private isStopped = false

  constructor(
    private readonly tree: BarTree,
    private readonly clock: Clock,
    private readonly fetch: FetchCandles,
  ) {}

  /** A slot that was seen whole. */
  pass(slot: ClosedSlot): void {
    if (this.waiting === null) this.tree.close(slot.openTime, slot.closeTime, slot.candle)
    else this.waiting.push(slot)
  }

  /** The slots from `from` until `until` were not seen whole. */
  begin(from: number, until: number): void {
    if (this.waiting !== null) {
      // A second hole while the first is being filled: it stays one, and the higher bars know.
      this.waiting.push({ openTime: until, closeTime: until, candle: null })
      return
    }
    this.waiting = []
    this.ask(from, until, 1)
  }

  stop(): void {
    this.isStopped = true
    this.retry?.()
  }

  private ask(from: number, until: number, attempt: number): void {
    const { timeframe } = this.tree.root
    const wanted = Math.min(longestHole, Math.max(1, Math.round((until - from) / timeframeMs(timeframe))))
    const asked = this.fetch(timeframe, until, wanted).catch(() => [])
    void this.clock.hold(
      asked.then((candles) => {
        if (this.isStopped) return
        const found = candles.filter((candle) => candle.openTime >= from && candle.closeTime <= until)
        const isThere = found.at(-1)?.closeTime === until
        if (isThere || this.clock.kind === 'virtual' || attempt >= attemptLimit) this.settle(found, from, until)
        else {
          this.retry = this.clock.schedule(this.clock.now() + attemptEveryMs, () => this.ask(from, until, attempt + 1))
        }
      }),
    )
  }

  private settle(found: readonly Candle[], from: number, until: number): void {
    let expected = from
    for (const candle of found) {
      if (candle.openTime !== expected) this.tree.coverFrom(candle.openTime)
      expected = candle.closeTime
      this.tree.close(candle.openTime, candle.closeTime, { ...candle, provenance: 'repaired' })
    }
    if (expected !== until) this.tree.coverFrom(until)
    const waiting = this.waiting ?? []
    this.waiting = null
    for (const slot of waiting) {
      if (slot.openTime === slot.closeTime) this.tree.coverFrom(slot.closeTime)
      else this.tree.close(slot.openTime, slot.closeTime, slot.candle)
    }
  }
}
