import type { Random } from '@barfinex/core'
import { calibrationErrorFloor } from '../../calibration/calibration-error-floor.js'
import { fitMap, identityMap } from '../../calibration/logistic-map.js'
import { areaUnderCurve, brierScore, calibrationError, logit, logLoss, rankOrder } from '../../calibration/metrics.js'

/** Forecasts on rows that no fit had seen, with how those ended. */
export interface Forecasts {
  readonly p: Float64Array
  /** What a forecaster without a model would have said: the win rate of the training rows. */
  readonly constant: Float64Array
  readonly won: Float64Array
  readonly resultR: Float64Array
}

/** How good forecasts were. */
export interface ForecastQuality {
  readonly count: number
  readonly winRate: number
  readonly auc: number
  readonly aucStandardError: number
  readonly brier: number
  readonly constantBrier: number
  readonly logLoss: number
  readonly constantLogLoss: number
  /** Over ten bins of equal mass, beside what a perfect forecaster would show on as many rows. */
  readonly calibrationError: number
  readonly floorMean: number
  readonly floorP95: number
  /** Of a logistic map of the forecasts' own logits: 1 and 0 when they need none. */
  readonly calibrationSlope: number
  readonly calibrationIntercept: number
  /** Mean result in R by tenth of the forecasts, lowest first. */
  readonly resultRByDecile: readonly number[]
  /** True when the Brier score is no better than the constant's: the ranking earns nothing. */
  readonly noSkill: boolean
  /** True above an AUC of 0.6: on candles that is not skill but a look into the future, until proven otherwise. */
  readonly suspectedLeak: boolean
}

const leakAuc = 0.6

/** Measures forecasts. Every number is rounded to 1e-6, so that reports compare as text. */
export function forecastQuality({ p, constant, won, resultR }: Forecasts, random: Random): ForecastQuality {
  const { auc, standardError } = areaUnderCurve(p, won)
  const floor = calibrationErrorFloor(p, random)
  const line = fitMap({ z: p.map(logit), y: won, weight: new Float64Array(p.length).fill(1) }, identityMap, 0)
  const brier = brierScore(p, won)
  const constantBrier = brierScore(constant, won)
  return {
    count: p.length,
    winRate: rounded(mean(won)),
    auc: rounded(auc),
    aucStandardError: rounded(standardError),
    brier: rounded(brier),
    constantBrier: rounded(constantBrier),
    logLoss: rounded(logLoss(p, won)),
    constantLogLoss: rounded(logLoss(constant, won)),
    calibrationError: rounded(calibrationError(p, won)),
    floorMean: rounded(floor.mean),
    floorP95: rounded(floor.p95),
    calibrationSlope: rounded(line.slope),
    calibrationIntercept: rounded(line.intercept),
    resultRByDecile: byDecile(p, resultR),
    noSkill: brier >= constantBrier,
    suspectedLeak: auc > leakAuc,
  }
}

function byDecile(p: Float64Array, resultR: Float64Array): readonly number[] {
  const order = rankOrder(p)
  return Array.from({ length: 10 }, (_, decile) => {
    const own = order.subarray(Math.floor((decile * p.length) / 10), Math.floor(((decile + 1) * p.length) / 10))
    return own.length === 0 ? 0 : rounded(mean(Float64Array.from(own, (row) => resultR[row]!)))
  })
}

function mean(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return values.length === 0 ? 0 : sum / values.length
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
