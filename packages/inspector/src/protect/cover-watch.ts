import type { CancelTask, Protection } from '@barfinex/core'
import type { Context } from '../context.js'
import { type Coverage, coverageOf } from './coverage.js'
import type { Lot } from './lot.js'
import type { LotView } from './lot-view.js'
import { type NakedTime, nakedUntil, neverNaked, withCover } from './naked-time.js'

/** Says continuously whether every position is covered, and counts how long it was not. */
export interface CoverWatch {
  /** Looks at a symbol again; what changed became true at `at`. */
  update(symbol: string, at: number): void
  /** As {@link CoverWatch.update} while reading the journal: counts, and says nothing. */
  recall(symbol: string, at: number): void
  /** Starts the clocks again for what was naked when the process ended: the bound begins anew, the count goes on. */
  resume(): void
  /** Milliseconds beyond the bound, and the longest stretch, over all symbols, up to now. */
  totals(): { readonly nakedBeyondBoundMs: number; readonly longestNakedMs: number }
  stop(): void
}

type Escalate = (lot: Lot, code: string, message: string) => void

export function createCoverWatch(context: Context, viewOf: (lot: Lot) => LotView, escalate: Escalate): CoverWatch {
  const { memory, outbox, runtime, protection } = context
  const { clock } = runtime
  const { nakedBoundMs } = protection
  const times = new Map<string, NakedTime>()
  const said = new Map<string, string>()
  const timers = new Map<string, CancelTask>()
  /** Start of the stretch a person was told of: once each, however long it lasts. */
  const sounded = new Map<string, number>()

  function lotsOf(symbol: string): readonly Lot[] {
    return [...memory.lots.values()].filter(({ intent }) => intent.symbol === symbol)
  }

  function observe(symbol: string, at: number): Coverage {
    const coverage = coverageOf(lotsOf(symbol).map(viewOf), context.account?.known !== false)
    const isNaked = coverage.covered.lessThan(coverage.open)
    times.set(symbol, withCover(times.get(symbol) ?? neverNaked, isNaked, at, nakedBoundMs))
    return coverage
  }

  function arm(symbol: string, from: number): void {
    const isNaked = times.get(symbol)?.since != null
    if (isNaked === timers.has(symbol)) return
    timers.get(symbol)?.()
    timers.delete(symbol)
    if (isNaked)
      timers.set(
        symbol,
        clock.schedule(from + nakedBoundMs + 1, () => sound(symbol)),
      )
  }

  /** The bound has passed: what is still not covered is left. */
  function sound(symbol: string): void {
    timers.delete(symbol)
    const coverage = observe(symbol, clock.now())
    const since = times.get(symbol)?.since ?? null
    if (since === null) return
    const message = `${coverage.open.minus(coverage.covered)} of ${coverage.open} ${symbol} is without a stop since ${since}.`
    const reason = {
      code: 'inspector.protection.naked-too-long',
      message,
      limit: nakedBoundMs,
      observed: clock.now() - since,
    }
    if (sounded.get(symbol) !== since) outbox.incident('critical', reason, symbol, coverage.nakedLots[0]?.cause)
    sounded.set(symbol, since)
    for (const lot of coverage.nakedLots) escalate(lot, 'inspector.protection.naked-too-long', message)
    arm(symbol, clock.now())
  }

  function publish(symbol: string, coverage: Coverage): void {
    const now = clock.now()
    const time = nakedUntil(times.get(symbol) ?? neverNaked, now, nakedBoundMs)
    const known: Omit<Protection, 'longestNakedMs' | 'asOf'> = {
      account: context.accountId,
      symbol,
      status: coverage.status,
      positionQuantity: coverage.open.toString(),
      coveredQuantity: coverage.covered.toString(),
      stopPrice: coverage.stopPrice,
      targetPrice: coverage.targetPrice,
      stopOrderId: coverage.stopOrderId,
      targetOrderId: coverage.targetOrderId,
      nakedSince: time.since,
    }
    const text = JSON.stringify(known)
    if (said.get(symbol) === text) return
    said.set(symbol, text)
    outbox.protection({ ...known, longestNakedMs: time.longestMs, asOf: now }, lotsOf(symbol)[0]?.cause)
  }

  return {
    update(symbol, at) {
      const coverage = observe(symbol, at)
      arm(symbol, at)
      publish(symbol, coverage)
    },
    recall(symbol, at) {
      observe(symbol, at)
    },
    resume() {
      for (const symbol of times.keys()) {
        publish(symbol, observe(symbol, clock.now()))
        arm(symbol, clock.now())
      }
    },
    totals() {
      let nakedBeyondBoundMs = 0
      let longestNakedMs = 0
      for (const time of times.values()) {
        const until = nakedUntil(time, clock.now(), nakedBoundMs)
        nakedBeyondBoundMs += until.beyondBoundMs
        longestNakedMs = Math.max(longestNakedMs, until.longestMs)
      }
      return { nakedBeyondBoundMs, longestNakedMs }
    },
    stop() {
      for (const cancel of timers.values()) cancel()
      timers.clear()
    },
  }
}
