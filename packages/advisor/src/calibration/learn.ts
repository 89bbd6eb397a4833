import { type Regime, regimes } from '../regime/regime.js'
import {
  type CalibrationMaps,
  type CalibrationState,
  type OutcomeWindow,
  priorRate,
  servedMap,
} from './calibration-state.js'
import { defaultShrinkage, fitMaps, type Shrinkage } from './fit-maps.js'
import { applyMap, type LogisticMap } from './logistic-map.js'
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
  /** Outcomes after which champion and challenger are compared. */
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
 * Before learning, all answers to this outcome are scored. After every 500 outcomes the online maps take over from the
 * shipped one if their logarithmic loss over these was lower by more than one standard error, and give way likewise; so
 * do the maps by regime against the online global one. A duel is judged once, at its end: looking at a running one after
 * every outcome would find a lucky winner sooner or later. Refits every 50 outcomes, or with the first outcome after a day.
 *
 * @example
 * const outcome = { strategyId: 'pullback', logit: 0.2, regime: 'quietTrend', won: true, resolvedAt: 1_700_000_000_000 }
 * learn(state, outcome).outcomeCount === state.outcomeCount + 1 // => true
 */
export function learn(
  state: CalibrationState,
  outcome: CalibrationOutcome,
  policy: LearningPolicy = defaultLearningPolicy,
): CalibrationState {
  const trackRecord = recordResult(state.trackRecord, outcome)
  if (outcome.logit === null) return { ...state, trackRecord }
  const z = Math.round(outcome.logit * 1e6) / 1e6
  const y = outcome.won ? 1 : 0
  const map = servedMap(state, outcome.regime)
  const served = map === null ? priorRate(state) : applyMap(map, z)
  const window: OutcomeWindow = {
    logits: [...state.window.logits, z].slice(-policy.windowCount),
    won: [...state.window.won, y].slice(-policy.windowCount),
    regimes: [...state.window.regimes, regimes.indexOf(outcome.regime)].slice(-policy.windowCount),
  }
  const pendingCount = state.refit.pendingCount + 1
  const isDue =
    pendingCount >= policy.refitEveryCount ||
    (state.refit.at !== null && outcome.resolvedAt - state.refit.at >= policy.refitEveryMs)
  const online = isDue && window.logits.length >= policy.minOutcomes ? fitOnline(window, policy) : state.online
  const duels = duelsAfter(state, z, outcome)
  const isOver = duels.online.length >= policy.duelCount
  const onlineWins = isOver ? winnerOf(duels.online, state.serving === 'online') : state.serving === 'online'
  // Without a shipped map nothing but the base rate stands against the online maps, and it knows no ranking.
  const serving = state.fixed === null ? (online === null ? 'prior' : 'online') : onlineWins ? 'online' : 'static'

  return {
    ...state,
    window,
    trackRecord,
    online,
    duels: isOver ? { online: [], regime: [] } : duels,
    serving,
    byRegime: isOver ? winnerOf(duels.regime, state.byRegime) : state.byRegime,
    outcomeCount: state.outcomeCount + 1,
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

function duelsAfter(
  state: CalibrationState,
  z: number,
  { regime, won }: CalibrationOutcome,
): CalibrationState['duels'] {
  const { fixed, online, byRegime, duels } = state
  if (online === null) return duels
  const loss = (map: LogisticMap | null) => pointLogLoss(map === null ? priorRate(state) : applyMap(map, z), won)
  const global = loss(online.global)
  const own = loss(online.regimes[regime])
  return {
    online: [...duels.online, loss(fixed) - (byRegime ? own : global)],
    regime: [...duels.regime, global - own],
  }
}

/** Whether the challenger answers from now on: only a duel won or lost by more than one standard error changes it. */
function winnerOf(gains: readonly number[], isChallengerServing: boolean): boolean {
  let mean = 0
  for (const gain of gains) mean += gain / gains.length
  let variance = 0
  for (const gain of gains) variance += (gain - mean) ** 2 / (gains.length - 1)
  const standardError = Math.sqrt(variance / gains.length)
  return Math.abs(mean) > standardError ? mean > 0 : isChallengerServing
}

function fitOnline(window: OutcomeWindow, policy: LearningPolicy): CalibrationMaps {
  const newest = window.logits.length - 1
  const weights = Float64Array.from(window.logits, (_, i) => 0.5 ** ((newest - i) / policy.halfLifeCount))
  return fitMaps({ ...window, weights }, policy.shrinkage)
}
