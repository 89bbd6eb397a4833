import type { Bus, Unsubscribe } from '../bus/bus.js'
import type { Envelope } from '../bus/envelope.js'
import { type CandleReply, queries } from '../bus/queries.js'
import type { Candle } from '../flow/1-market.js'
import { flow } from '../flow/map.js'
import type { Reason, Timeframe } from '../flow/primitives.js'
import { timeframeMs } from '../model/timeframe.js'
import type { Clock } from '../runtime/clock.js'
import { BarfinexError } from '../runtime/error.js'

export interface FollowCandlesOptions {
  readonly bus: Bus
  /** Says until when history may be seen, and stands still while history is asked. Leave it out only in a notebook. */
  readonly clock?: Clock | undefined
  readonly symbol: string
  readonly timeframe: Timeframe
  /** Closed candles wanted before the first live one; 0 asks for none. */
  readonly need: number
  /**
   * Gets every candle once, oldest first. `envelope` is `null` for one that comes from history: learn from it, do not act on
   * it. `warm` is true once `need` candles have been handed over, this one included.
   */
  readonly onCandle: (candle: Candle, envelope: Envelope<Candle> | null, warm: boolean) => void
  /** Gets a higher revision of a candle that was handed over already. Left out, corrections of the past are ignored. */
  readonly onRevision?: (candle: Candle, envelope: Envelope<Candle>) => void
  /** Told of everything that is missing, while it happens: `history.too-short`, `history.unavailable`, `history.gap`. */
  readonly onReason?: (reason: Reason) => void
  /** On the system clock an unavailable history is asked again so often, in milliseconds; 1000 when absent. */
  readonly retryEveryMs?: number
}

/** How the warm-up ended. */
export interface WarmUp {
  /** Candles handed over from history and from those that arrived meanwhile. */
  readonly count: number
  /** True when fewer than `need` candles could be had; `reasons` says why. */
  readonly degraded: boolean
  readonly reasons: readonly Reason[]
}

export interface CandleFollower {
  /** Resolves when history has been handed over and live candles go straight through. Rejects when `onCandle` throws. */
  readonly ready: Promise<WarmUp>
  /** Ends it; harmless twice. A pending `ready` resolves with what there is. */
  stop(): void
}

const pageSize = 1_000
const endOfTime = 8_640_000_000_000_000
/** Corrected bars that are remembered, so that a correction that comes twice is told from a further one. */
const rememberedCorrections = 1_024

/**
 * Hands over closed candles without gap and without overlap, from history into the live stream, starting at any moment.
 *
 * Live candles that arrive while history is being asked wait and are spliced in; of two revisions of a candle the higher one
 * is used. A gap in the live stream is filled from history before it goes on. What cannot be had is said, never skipped over.
 *
 * @example
 * const follower = followCandles({ bus, clock, symbol: 'BTC/USDT', timeframe: '1m', need: 200, onCandle: (candle) => ema.update(candle.close) })
 * const { degraded } = await follower.ready
 */
export function followCandles(options: FollowCandlesOptions): CandleFollower {
  const { bus, clock, symbol, timeframe, need, onCandle } = options
  /** Of bars that were corrected: the others, nearly all, cost nothing. */
  const revisions = new Map<number, number>()
  const reasons: Reason[] = []
  let early: Envelope<Candle>[] | null = []
  let last: Candle | null = null
  let count = 0
  const ending = new AbortController()
  let stopped = false
  let wake: (() => void) | null = null
  let unsubscribe: Unsubscribe = () => {}

  function report(code: string, message: string, limit: number, observed: number): void {
    const reason = { code, message, limit, observed }
    if (early !== null) reasons.push(reason)
    options.onReason?.(reason)
  }

  function hand(candle: Candle, envelope: Envelope<Candle> | null): void {
    last = candle
    if (candle.revision > 0) remember(candle)
    count += 1
    onCandle(candle, envelope, count >= need)
  }

  function remember({ openTime, revision }: Candle): void {
    revisions.set(openTime, revision)
    if (revisions.size > rememberedCorrections) revisions.delete(revisions.keys().next().value as number)
  }

  function revise(envelope: Envelope<Candle>): void {
    const candle = envelope.payload
    if (candle.revision <= (revisions.get(candle.openTime) ?? 0)) return
    remember(candle)
    options.onRevision?.(candle, envelope)
  }

  function take(envelope: Envelope<Candle>): void | Promise<void> {
    const candle = envelope.payload
    if (last !== null && candle.openTime <= last.openTime) return revise(envelope)
    if (last !== null && candle.openTime > last.closeTime) return bridge(last, envelope)
    hand(candle, envelope)
  }

  /** Fills the slots between two candles from history. What is not there is reported, and life goes on. */
  async function bridge(from: Candle, envelope: Envelope<Candle>): Promise<void> {
    const { openTime } = envelope.payload
    const missing = Math.max(1, Math.round((openTime - from.closeTime) / timeframeMs(timeframe)))
    const asked = await hold(newest(missing, openTime, from.closeTime)).catch((error: unknown) =>
      stopped ? [] : unavailable(error),
    )
    if (stopped) return
    const found = asked.filter((it) => it.openTime >= from.closeTime && it.closeTime <= openTime)
    for (const candle of found) hand(candle, null)
    if (found.length < missing) {
      const message = `${symbol} ${timeframe}: ${missing - found.length} of ${missing} candles are missing before ${openTime}.`
      report('history.gap', message, missing, found.length)
    }
    hand(envelope.payload, envelope)
  }

  function unavailable(error: unknown): readonly Candle[] {
    const text = error instanceof Error ? error.message : String(error)
    report('history.unavailable', `No history of ${symbol} ${timeframe}: ${text}`.slice(0, 500), need, count)
    return []
  }

  /** At most `wanted` candles that closed until `until`, the newest, oldest first. */
  async function newest(wanted: number, until: number, notBefore: number): Promise<readonly Candle[]> {
    const pages: (readonly Candle[])[] = []
    let cursor: number | null = null
    for (let left = wanted; left > 0; ) {
      const limit = Math.min(left, pageSize)
      const request = { symbol, timeframe, until, limit, cursor }
      const reply: CandleReply = await bus.ask(queries.candles, request, { abortSignal: ending.signal })
      if (stopped) break
      pages.unshift(reply.candles)
      left -= reply.candles.length
      // A cursor that does not move back would ask for ever.
      if (reply.cursor === null || (cursor !== null && reply.cursor >= cursor) || reply.cursor <= notBefore) break
      cursor = reply.cursor
    }
    return pages.flat().slice(-wanted)
  }

  /** History as asked at the start. On the system clock it waits for a Provider that is not there yet. */
  async function history(): Promise<readonly Candle[]> {
    let told = false
    for (;;) {
      if (stopped) return []
      try {
        return await newest(need, clock?.now() ?? endOfTime, 0)
      } catch (error) {
        if (stopped) return []
        const isLater = clock?.kind === 'system' && BarfinexError.is(error) && error.retryable
        if (!isLater) return unavailable(error)
        if (!told) unavailable(error)
        told = true
        await pause(clock)
      }
    }
  }

  function pause(on: Clock): Promise<void> {
    return new Promise((resolve) => {
      const cancel = on.schedule(on.now() + (options.retryEveryMs ?? 1_000), resolve)
      wake = () => {
        cancel()
        resolve()
      }
    })
  }

  function hold<T>(effect: Promise<T>): Promise<T> {
    return clock === undefined ? effect : clock.hold(effect)
  }

  async function warmUp(): Promise<WarmUp> {
    const past = need > 0 ? await history() : []
    const waiting = early ?? []
    const corrected = new Map(past.map((candle) => [candle.openTime, candle]))
    for (const { payload } of waiting) {
      const known = corrected.get(payload.openTime)
      if (known !== undefined && payload.revision > known.revision) corrected.set(payload.openTime, payload)
    }
    for (const candle of corrected.values()) hand(candle, null)
    // More may arrive while a gap is being bridged: the list is read until it is empty.
    for (let next = waiting.shift(); next !== undefined && !stopped; next = waiting.shift()) await take(next)
    if (count < need && !stopped) {
      report('history.too-short', `${symbol} ${timeframe}: ${count} candles of ${need} wanted.`, need, count)
    }
    early = null
    return { count, degraded: count < need, reasons }
  }

  unsubscribe = bus.subscribe(
    flow.candle,
    (envelope) => {
      if (early === null) return take(envelope)
      early.push(envelope)
    },
    { keys: [`${symbol}@${timeframe}`] },
  )
  return {
    ready: hold(warmUp()),
    stop() {
      stopped = true
      ending.abort()
      unsubscribe()
      wake?.()
    },
  }
}
