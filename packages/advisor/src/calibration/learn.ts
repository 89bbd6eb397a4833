import { type Regime, regimes } from '../regime/regime.js'
import { type CalibrationMaps, type CalibrationState, type OutcomeWindow, priorRate } from './calibration-state.js'
import { defaultShrinkage, fitMaps, type Shrinkage } from './fit-maps.js'
import { applyMap } from './logistic-map.js'
import { pointLogLoss } from './metrics.js'
import { recordResult } from './track-record.js'

/** How the calibrator learns. */
export interface LearningPolicy {
  /** Below this many outcomes the base rate is better than any map. */
  readonly minOutcomes: number
  /** Outcomes kept; older ones are forgotten. */
  readonly windowCount: number
  /** An outcome this many outcomes ago counts half. */
  readonly halfLifeCount: number
  readonly refitEveryCount: number
  readonly refitEveryMs: number
  /** Outcomes over which champion and challenger are compared. */
  readonly duelCount: number
  readonly shrinkage: Shrinkage
}

export const defaultLearningPolicy: LearningPolicy = {
  minOutcomes: 50,
  windowCount: 3_000,
  halfLifeCount: 1_500,
  refitEveryCount: 50,
  refitEveryMs: 86_400_000,
  duelCount: 500,
  shrinkage: defaultShrinkage,
}

/** A decided signal whose result is known, be it of a trade or of barriers watched in its stead. */
export interface CalibrationOutcome {
  readonly strategyId: string
  /** The model's logit when it was decided; `null` when the table prior had answered, which the maps cannot learn from. */
  readonly logit: number | null
  /** Regime when it was decided. */
  readonly regime: Regime
  /** True when the result after costs was above zero. */
  readonly won: boolean
  /** When the label became known, milliseconds UTC. */
  readonly resolvedAt: number
}

/**
 * Learns from one resolved outcome and returns the next state; the given one is untouched.
 *
 * Before learning, the answers of the champion and of the challenger to this outcome are scored: the online maps take
 * over when their logarithmic loss over the last 500 outcomes is lower by more than one standard error, and give way
 * likewise. Refits every 50 outcomes, or with the first outcome after a day.
 *
 * @example
 * const next = learn(state, { strategyId: 'pullback', logit: 0.2, regime: 'quietTrend', won: true, resolvedAt: 1_700_000_000_000 })
 * next.outcomeCount === state.outcomeCount + 1 // => true
 */
export function learn(
  state: CalibrationState,
  outcome: CalibrationOutcome,
  policy: LearningPolicy = defaultLearningPolicy,
): CalibrationState {
  const trackRecord = recordResult(state.trackRecord, outcome)
  if (outcome.logit === null) return { ...state, trackRecord }
  const rounded = Math.round(outcome.logit * 1e6) / 1e6
  const answers = answersTo(state, rounded, outcome.regime)
  const served = state.serving === 'online' && answers.online !== null ? answers.online : answers.standing
  const y = outcome.won ? 1 : 0
  const duel =
    answers.online === null
      ? state.duel
      : [...state.duel, pointLogLoss(answers.standing, outcome.won) - pointLogLoss(answers.online, outcome.won)].slice(
          -policy.duelCount,
        )

  const window: OutcomeWindow = {
    logits: [...state.window.logits, rounded].slice(-policy.windowCount),
    won: [...state.window.won, y].slice(-policy.windowCount),
    regimes: [...state.window.regimes, regimes.indexOf(outcome.regime)].slice(-policy.windowCount),
  }
  const pendingCount = state.refit.pendingCount + 1
  const isDue =
    pendingCount >= policy.refitEveryCount ||
    (state.refit.at !== null && outcome.resolvedAt - state.refit.at >= policy.refitEveryMs)
  const refitted = isDue && window.logits.length >= policy.minOutcomes

  return {
    ...state,
    window,
    trackRecord,
    duel,
    outcomeCount: state.outcomeCount + 1,
    online: refitted ? fitOnline(window, policy) : state.online,
    serving: servingAfter(state, duel, refitted, policy),
    refit: isDue
      ? { pendingCount: 0, at: outcome.resolvedAt }
      : { pendingCount, at: state.refit.at ?? outcome.resolvedAt },
    served: {
      count: state.served.count + 1,
      brierSum: state.served.brierSum + (served - y) ** 2,
      logLossSum: state.served.logLossSum + pointLogLoss(served, outcome.won),
    },
  }
}

function answersTo(state: CalibrationState, z: number, regime: Regime) {
  const by = (maps: CalibrationMaps) => applyMap(maps.regimes[regime], z)
  return {
    standing: state.fixed === null ? priorRate(state) : by(state.fixed),
    online: state.online === null ? null : by(state.online),
  }
}

function servingAfter(
  { serving, fixed }: CalibrationState,
  duel: readonly number[],
  refitted: boolean,
  policy: LearningPolicy,
): CalibrationState['serving'] {
  // Without shipped maps nothing but the base rate stands against the online maps, and it knows no ranking.
  if (fixed === null) return refitted ? 'online' : serving
  if (duel.length < policy.duelCount) return serving
  let mean = 0
  for (const gain of duel) mean += gain / duel.length
  let variance = 0
  for (const gain of duel) variance += (gain - mean) ** 2 / (duel.length - 1)
  const standardError = Math.sqrt(variance / duel.length)
  if (mean > standardError) return 'online'
  if (mean < -standardError) return 'static'
  return serving
}

function fitOnline(window: OutcomeWindow, policy: LearningPolicy): CalibrationMaps {
  const newest = window.logits.length - 1
  const weights = Float64Array.from(window.logits, (_, i) => 0.5 ** ((newest - i) / policy.halfLifeCount))
  return fitMaps({ ...window, weights }, policy.shrinkage)
}
