import { hashOf } from '@barfinex/core'
import { type Regime, regimes } from '../regime/regime.js'
import type { LogisticMap } from './logistic-map.js'
import { emptyTrackRecord, type TrackRecord } from './track-record.js'

/** The maps learned from outcomes: one for all, and one per regime that was pulled towards it. */
export interface CalibrationMaps {
  readonly global: LogisticMap
  readonly regimes: Readonly<Record<Regime, LogisticMap>>
}

/** Which source answers. `prior`: the base rate; `static`: the map shipped with the model; `online`: those learned here. */
export type Serving = 'prior' | 'static' | 'online'

/** Resolved outcomes in columns, oldest first. Plain arrays, because they are written as JSON. */
export interface OutcomeWindow {
  /** Model logits, rounded to 1e-6. */
  readonly logits: readonly number[]
  /** 1 for a result above zero after costs, else 0. */
  readonly won: readonly number[]
  /** Index into `regimes`. */
  readonly regimes: readonly number[]
}

/** Everything the calibrator knows. Plain data: it survives as JSON and equal states have equal hashes. */
export interface CalibrationState {
  readonly version: 1
  /** Hash of the model file whose logits these maps read. Another model means another state. */
  readonly modelId: string
  /** Share of winners before anything was learned: of the model's training, or the break-even rate. */
  readonly baseRate: number
  readonly serving: Serving
  /** The map shipped with the model, or `null`. */
  readonly fixed: LogisticMap | null
  readonly online: CalibrationMaps | null
  /** Whether the online answer is the regime's own map; the global one until those have proved better. */
  readonly byRegime: boolean
  readonly window: OutcomeWindow
  /** Every resolved signal by strategy, also those that were decided without the model. */
  readonly trackRecord: TrackRecord
  /** Outcomes of the model's logits learned from since the beginning. */
  readonly outcomeCount: number
  readonly refit: {
    /** Outcomes since the last refit. */
    readonly pendingCount: number
    /** When the last refit was, milliseconds UTC; `null` before the first outcome. */
    readonly at: number | null
  }
  /** Differences of logarithmic loss since the last judgement, oldest first; above 0 where the challenger was better. */
  readonly duels: {
    /** Static (or prior) answer less the online one. */
    readonly online: readonly number[]
    /** Online global answer less the regime's own. */
    readonly regime: readonly number[]
  }
  /** Sums over every probability that was served and then resolved. */
  readonly served: { readonly count: number; readonly brierSum: number; readonly logLossSum: number }
}

/** What a model brings along: its base rate and, when it was calibrated on data kept aside, its map. */
export interface CalibrationStart {
  readonly modelId: string
  readonly baseRate: number
  readonly map: LogisticMap | null
  /** Kept from an earlier state when only the model was replaced. */
  readonly trackRecord?: TrackRecord
}

/** A calibrator that has seen no outcome: it serves the model's own map, or the base rate when there is none. */
export function initialCalibration({
  modelId,
  baseRate,
  map,
  trackRecord = emptyTrackRecord,
}: CalibrationStart): CalibrationState {
  return {
    version: 1,
    modelId,
    baseRate,
    serving: map === null ? 'prior' : 'static',
    fixed: map,
    online: null,
    byRegime: false,
    window: { logits: [], won: [], regimes: [] },
    trackRecord,
    outcomeCount: 0,
    refit: { pendingCount: 0, at: null },
    duels: { online: [], regime: [] },
    served: { count: 0, brierSum: 0, logLossSum: 0 },
  }
}

/** The map that answers in a regime, or `null` while the base rate does. */
export function servedMap({ serving, fixed, online, byRegime }: CalibrationState, regime: Regime): LogisticMap | null {
  if (serving === 'static') return fixed
  if (serving === 'prior' || online === null) return null
  return byRegime ? online.regimes[regime] : online.global
}

/** Hash of what is being served: equal hashes answer equally. */
export function calibratorHash(state: CalibrationState): string {
  const { modelId, serving } = state
  const maps = Object.fromEntries(regimes.map((regime) => [regime, servedMap(state, regime)]))
  return hashOf({ modelId, serving, maps, prior: serving === 'prior' ? priorRate(state) : null })
}

/** The base rate, moved by the outcomes seen as if it were twenty outcomes itself: Beta(20 · base, 20 · (1 − base)). */
export function priorRate({ baseRate, window }: CalibrationState): number {
  let won = 0
  for (const value of window.won) won += value
  return (20 * baseRate + won) / (20 + window.won.length)
}
