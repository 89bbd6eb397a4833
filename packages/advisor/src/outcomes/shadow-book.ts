import type { Candle, Direction, Timeframe } from '@barfinex/core'
import type { CalibrationOutcome } from '../calibration/learn.js'
import type { Regime } from '../regime/regime.js'

/** A decided signal whose end is still to be seen. */
export interface WatchedSignal {
  readonly decisionId: string
  readonly strategyId: string
  readonly symbol: string
  readonly timeframe: Timeframe
  readonly direction: Direction
  readonly regime: Regime
  /** The model's logit; `null` when the table prior had answered. */
  readonly logit: number | null
  readonly entryPrice: number
  readonly stopPrice: number
  readonly targetPrice: number
  /** Costs of the round trip, in R. */
  readonly costR: number
  /** True when an intent left: then a real outcome is waited for, longer than the barriers need. */
  readonly hasIntent: boolean
}

interface Watch {
  readonly signal: WatchedSignal
  barCount: number
  /** What the barriers say, as soon as they say it. */
  won: boolean | null
  resolvedAt: number
}

/** Bars after which a trade that touched neither barrier is judged by its close. */
const horizonBars = 24
/** Bars for which a real outcome is waited for before the barriers' word is taken. */
const patienceBars = 96
const mostWatched = 5_000

/**
 * Watches what became of every decided signal, also of those that were refused: a calibrator that learned only from what it
 * let pass would never find out what it missed.
 *
 * A signal ends at its stop, its target, or after 24 bars; when one bar holds both, the stop counts. A real trade's outcome
 * takes the place of the barriers' when it comes in time.
 */
export class ShadowBook {
  private readonly watches = new Map<string, Watch>()

  get size(): number {
    return this.watches.size
  }

  watch(signal: WatchedSignal): void {
    this.watches.set(signal.decisionId, { signal, barCount: 0, won: null, resolvedAt: 0 })
    if (this.watches.size > mostWatched) {
      const oldest = this.watches.keys().next().value
      if (oldest !== undefined) this.watches.delete(oldest)
    }
  }

  /** Takes a closed candle; returns what became known by it, in the order in which the signals were decided. */
  candle(candle: Candle): readonly CalibrationOutcome[] {
    const known: CalibrationOutcome[] = []
    for (const [id, watch] of this.watches) {
      const { signal } = watch
      if (signal.symbol !== candle.symbol || signal.timeframe !== candle.timeframe) continue
      watch.barCount += 1
      if (watch.won === null) this.judge(watch, candle)
      const isDue = watch.won !== null && (!signal.hasIntent || watch.barCount >= patienceBars)
      if (!isDue) continue
      this.watches.delete(id)
      known.push(outcomeOf(watch, watch.won === true, candle.closeTime))
    }
    return known
  }

  /** A real trade ended: its result counts, and the barriers' is dropped. `null` when the signal is not watched any more. */
  settle(decisionId: string, won: boolean, resolvedAt: number): CalibrationOutcome | null {
    const watch = this.watches.get(decisionId)
    if (watch === undefined) return null
    this.watches.delete(decisionId)
    return outcomeOf(watch, won, resolvedAt)
  }

  private judge(watch: Watch, candle: Candle): void {
    const { direction, entryPrice, stopPrice, targetPrice, costR } = watch.signal
    const isLong = direction === 'long'
    const isStopped = isLong ? candle.low <= stopPrice : candle.high >= stopPrice
    const isReached = isLong ? candle.high >= targetPrice : candle.low <= targetPrice
    if (isStopped) watch.won = false
    else if (isReached) watch.won = true
    else if (watch.barCount >= horizonBars) {
      const gained = (isLong ? 1 : -1) * (candle.close - entryPrice)
      watch.won = gained / Math.abs(entryPrice - stopPrice) - costR > 0
    }
  }
}

function outcomeOf({ signal }: Watch, won: boolean, resolvedAt: number): CalibrationOutcome {
  const { strategyId, logit, regime } = signal
  return { strategyId, logit, regime, won, resolvedAt }
}
