import type { CancelTask, Incident, Protection } from '@barfinex/core'
import type { Context } from '../context.js'
import { type Coverage, coverageOf } from './coverage.js'
import type { Lot } from './lot.js'
import type { LotView } from './lot-view.js'
import { type NakedTime, nakedUntil, neverNaked, withCover } from './naked-time.js'
import { createNakedTimes, type NakedTimes } from './naked-times.js'

/** Says continuously whether every position is covered, and counts how long it was not. */
export interface CoverWatch {
  /** Looks at a symbol again; what changed became true at `at`. */
  update(symbol: string, at: number): void
  /** As {@link CoverWatch.update} while reading the journal: counts, and says nothing. */
  recall(symbol: string, at: number): void
  /** Starts the clocks again for what was naked when the process ended: the bound begins anew, the count goes on. */
  resume(): void
  /** Milliseconds beyond the bound, and the stretches themselves, over all symbols, up to now. */
  totals(): { readonly nakedBeyondBoundMs: number; readonly longestNakedMs: number; readonly nakedTimes: NakedTimes }
  stop(): void
}

type Escalate = (lot: Lot, code: string, message: string) => void

export function createCoverWatch(context: Context, viewOf: (lot: Lot) => LotView, escalate: Escalate): CoverWatch {
  const { memory, outbox, runtime, protection } = context
  const { clock } = runtime
  const { nakedBoundMs, alarmAfterMs, leaveAfterMs } = protection
  const stretches = createNakedTimes()
  const times = new Map<string, NakedTime>()
  const said = new Map<string, string>()
  const timers = new Map<string, CancelTask>()
  /** Start of the stretch a person was told of, by code and symbol: once each, however long it lasts. */
  const told = new Map<string, number>()

  function lotsOf(symbol: string): readonly Lot[] {
    return [...memory.lots.values()].filter(({ intent }) => intent.symbol === symbol)
  }

  function observe(symbol: string, at: number): Coverage {
    const coverage = coverageOf(lotsOf(symbol).map(viewOf), context.account?.known !== false)
    const isNaked = coverage.covered.lessThan(coverage.open)
    const before = times.get(symbol) ?? neverNaked
    // Within one instant an exchange may take the siblings back before it reports the fill: no time has passed without cover.
    if (!isNaked && before.since !== null && at > before.since) stretches.add(at - before.since)
    times.set(symbol, withCover(before, isNaked, at, nakedBoundMs))
    return coverage
  }

  /** Two stages, counted from `from`: a person is told, then what is still not covered is left. */
  function arm(symbol: string, from: number): void {
    const isNaked = times.get(symbol)?.since != null
    if (isNaked === timers.has(symbol)) return
    timers.get(symbol)?.()
    timers.delete(symbol)
    if (isNaked && alarmAfterMs < leaveAfterMs) plan(symbol, from + alarmAfterMs, () => alarm(symbol, from))
    else if (isNaked) plan(symbol, from + leaveAfterMs, () => leave(symbol))
  }

  function plan(symbol: string, after: number, stage: () => void): void {
    const run = (): void => {
      timers.delete(symbol)
      stage()
    }
    timers.set(symbol, clock.schedule(after + 1, run))
  }

  function alarm(symbol: string, from: number): void {
    if (tell('inspector.protection.naked', 'warning', alarmAfterMs, symbol) === null) return
    plan(symbol, Math.max(from + leaveAfterMs, clock.now()), () => leave(symbol))
  }

  function leave(symbol: string): void {
    const code = 'inspector.protection.naked-too-long'
    const found = tell(code, 'critical', leaveAfterMs, symbol)
    for (const lot of found?.coverage.nakedLots ?? []) escalate(lot, code, found?.message ?? '')
    arm(symbol, clock.now())
  }

  /** Says what is not covered, once for each stretch; `null` when all is by now. */
  function tell(
    code: string,
    severity: Incident['severity'],
    limit: number,
    symbol: string,
  ): { readonly coverage: Coverage; readonly message: string } | null {
    const coverage = observe(symbol, clock.now())
    const since = times.get(symbol)?.since ?? null
    if (since === null) return null
    const message = `${coverage.open.minus(coverage.covered)} of ${coverage.open} ${symbol} is without a stop since ${since}.`
    const reason = { code, message, limit, observed: clock.now() - since }
    const key = `${code}/${symbol}`
    if (told.get(key) !== since) outbox.incident(severity, reason, symbol, coverage.nakedLots[0]?.cause)
    told.set(key, since)
    return { coverage, message }
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
      const ongoing = [...times.values()].flatMap(({ since }) =>
        since === null ? [] : [Math.max(0, clock.now() - since)],
      )
      return { nakedBeyondBoundMs, longestNakedMs, nakedTimes: stretches.summary(ongoing) }
    },
    stop() {
      for (const cancel of timers.values()) cancel()
      timers.clear()
    },
  }
}
