import type { Instrument, Quote, Reason, Signal } from '@barfinex/core'
import type { CalibratedProbability, Calibrator } from '../calibration/calibrator.js'
import { breakEvenProbability, expectedR } from '../calibration/expected-r.js'
import type { Gates } from '../gates.js'
import type { Conviction } from '../model/conviction-session.js'
import type { RegimeReading } from '../regime/regime.js'
import { failed, rounded, type StageResult } from './stage.js'

/** What the trade costs and brings, in units of its risk. */
export interface TradeEconomics {
  /** Distance from entry to stop over entry. */
  readonly riskShare: number
  readonly rewardToRiskGross: number
  /** Fees of entry and exit, spread and slippage, in R. */
  readonly costR: number
}

export interface CalibrationFound {
  readonly calibrated: CalibratedProbability
  readonly expectedR: number
  readonly economics: TradeEconomics
  readonly sizeCap: number
}

/**
 * Costs by the instrument's taker fee on both ends, the present spread and the assumed slippage, over the risk.
 * Entry is taken at the far side of the quote.
 */
export function economicsOf(signal: Signal, quote: Quote, instrument: Instrument, gates: Gates): TradeEconomics {
  const entry = signal.direction === 'long' ? quote.ask : quote.bid
  const risk = Math.abs(entry - signal.stopPrice)
  const reward = Math.abs(signal.targetPrice - entry)
  const feeShare = (2 * Number(instrument.takerFeeBps) + gates.slippageBps) / 10_000
  const spreadShare = (quote.ask - quote.bid) / (2 * entry)
  return {
    riskShare: risk / entry,
    rewardToRiskGross: risk > 0 ? reward / risk : 0,
    costR: risk > 0 ? ((feeShare + spreadShare) * entry) / risk : Number.POSITIVE_INFINITY,
  }
}

/** Stage 5: how often do setups of this conviction win in this regime, and is that worth the risk after costs? */
export function calibrationStage(
  conviction: Conviction,
  calibrator: Calibrator,
  regime: RegimeReading,
  economics: TradeEconomics,
  gates: Gates,
): StageResult<CalibrationFound> {
  const calibrated =
    conviction.engine === 'prior'
      ? { ...calibrator.calibrate(conviction.logit, regime.regime), probability: conviction.pRaw }
      : calibrator.calibrate(conviction.logit, regime.regime)
  const low = Math.min(calibrated.low, calibrated.probability)
  const terms = { rewardToRisk: economics.rewardToRiskGross, costR: economics.costR }
  const value = expectedR({ ...terms, probability: calibrated.probability })
  const valueLow = expectedR({ ...terms, probability: low })
  const reasons: Reason[] = []
  if (!(value >= gates.minExpectedR)) {
    const message = `The expected result is ${value.toFixed(3)} R at a probability of ${calibrated.probability.toFixed(3)}.`
    reasons.push(failed('advisor.calibration.expected-r', message, gates.minExpectedR, rounded(value)))
  }
  if (!(valueLow >= gates.minExpectedRLow)) {
    const message = `At the lower end of the interval, ${low.toFixed(3)}, the expected result is ${valueLow.toFixed(3)} R.`
    reasons.push(failed('advisor.calibration.expected-r-low', message, gates.minExpectedRLow, rounded(valueLow)))
  }
  const soft: Reason[] = regime.transition
    ? [failed('advisor.calibration.transition', 'The regime has just changed or is not settled.', false, true)]
    : []
  return {
    status: reasons.length > 0 ? 'rejected' : soft.length > 0 ? 'degraded' : 'ok',
    reasons: [...reasons, ...soft],
    measured: {
      regime: regime.regime,
      regimeBars: regime.barCount,
      transition: regime.transition,
      probability: rounded(calibrated.probability),
      low: rounded(low),
      high: rounded(calibrated.high),
      interval: calibrated.interval,
      sampleCount: rounded(calibrated.sampleCount),
      serving: calibrated.serving,
      rewardToRiskGross: rounded(economics.rewardToRiskGross),
      costR: rounded(economics.costR),
      breakEven: rounded(breakEvenProbability({ rewardToRisk: economics.rewardToRiskGross, costR: economics.costR })),
      expectedR: rounded(value),
      expectedRLow: rounded(valueLow),
    },
    limits: { expectedR: gates.minExpectedR, expectedRLow: gates.minExpectedRLow },
    inputs: { calibrator: calibrator.calibratorId },
    found: { calibrated, expectedR: value, economics, sizeCap: regime.transition ? 0.5 : 1 },
  }
}
