import { type Regime, regimes } from '../regime/regime.js'
import { type CalibrationState, calibratorHash, priorRate, type Serving, servedMap } from './calibration-state.js'
import { defaultShrinkage } from './fit-maps.js'
import { applyMap, type LogisticMap } from './logistic-map.js'
import { vennAbers } from './venn-abers.js'
import { wilsonInterval } from './wilson.js'

/** A calibrated probability with its interval and origin. */
export interface CalibratedProbability {
  readonly probability: number
  /** Lower end of the interval: what a careful gate should use. Never above `probability`. */
  readonly low: number
  readonly high: number
  /** `vennAbers` over the last outcomes, or `wilson` over the effective count while they are few. */
  readonly interval: 'vennAbers' | 'wilson'
  /** Effective number of outcomes behind the answer. */
  readonly sampleCount: number
  readonly serving: Serving
}

/** A calibration state made ready to answer. */
export interface Calibrator {
  /** Hash of what answers: recorded with every decision. */
  readonly calibratorId: string
  calibrate(logit: number, regime: Regime): CalibratedProbability
}

const vennAbersMinCount = 200
const vennAbersWindow = 1_000
/** One in ten below the lower end, as Wilson's interval is read one-sided. */
const intervalZ = 1.2816
/** What the base rate weighs, see {@link priorRate}. */
const priorWeight = 20

/**
 * Prepares a state for answering. Make one per state and keep it: the past outcomes are sorted once.
 *
 * @example
 * const { probability, low } = calibratorOf(state).calibrate(0.3, 'quietTrend')
 */
export function calibratorOf(state: CalibrationState): Calibrator {
  const prior = priorRate(state)
  const answer = (z: number, regime: Regime): number => {
    const map = servedMap(state, regime)
    return map === null ? prior : applyMap(map, z)
  }

  const { window } = state
  const past = window.logits.slice(-vennAbersWindow).length
  const from = window.logits.length - past
  const bounds =
    state.serving === 'prior' || past < vennAbersMinCount
      ? null
      : vennAbers(
          Float64Array.from({ length: past }, (_, i) =>
            answer(window.logits[from + i]!, regimes[window.regimes[from + i]!]!),
          ),
          window.won.slice(from),
        )

  return {
    calibratorId: calibratorHash(state),
    calibrate: (logit, regime) => {
      const probability = answer(logit, regime)
      const sampleCount = effectiveCount(state, servedMap(state, regime))
      const { low, high } = bounds === null ? wilsonInterval(probability, sampleCount, intervalZ) : bounds(probability)
      return {
        probability,
        low: Math.min(low, probability),
        high: Math.max(high, probability),
        interval: bounds === null ? 'wilson' : 'vennAbers',
        sampleCount,
        serving: state.serving,
      }
    },
  }
}

/** A regime's own map stands on its outcomes and on as many of the others as pull it towards the global map. */
function effectiveCount({ online, byRegime, window }: CalibrationState, map: LogisticMap | null): number {
  if (map === null) return priorWeight + window.won.length
  if (online === null || !byRegime) return map.sampleCount
  const others = Math.max(0, online.global.sampleCount - map.sampleCount)
  return map.sampleCount + Math.min(defaultShrinkage.regimePseudoCount, others)
}
