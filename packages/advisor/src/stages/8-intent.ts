import { derivedId, type ExecutionIntent, type Signal } from '@barfinex/core'
import type { CalibratedProbability } from '../calibration/calibrator.js'
import type { Validation } from './7-validation.js'
import { rounded, type StageResult } from './stage.js'

export type IntentDraft = Omit<ExecutionIntent, 'decisionFingerprint'>

/**
 * Stage 8: the intent. Its size cap is the smallest of all caps met on the way, so no stage can undo another's caution, and it
 * holds no text of a language model.
 */
export function intentStage(
  signal: Signal,
  decisionId: string,
  validation: Validation,
  calibrated: CalibratedProbability,
  regime: string,
  caps: readonly number[],
  degraded: readonly string[],
  now: number,
): StageResult<IntentDraft> {
  const sizeCap = Math.min(signal.sizeHint, ...caps)
  const intentId = `int-${derivedId('intent', decisionId)}`
  return {
    status: 'ok',
    reasons: [],
    measured: { intentId, sizeCap: rounded(sizeCap), degradedCount: degraded.length, expiresAt: signal.expiresAt },
    limits: { sizeCap: 1 },
    found: {
      intentId,
      decisionId,
      signalId: signal.signalId,
      strategyId: signal.strategyId,
      symbol: signal.symbol,
      direction: signal.direction,
      entry: 'market',
      limitPrice: null,
      referencePrice: validation.referencePrice,
      stopPrice: validation.stopPrice,
      targetPrice: validation.targetPrice,
      sizeCap,
      rewardToRisk: validation.rewardToRisk,
      probability: calibrated.probability,
      expectedR: validation.expectedR,
      regime,
      degraded: [...degraded],
      issuedAt: now,
      expiresAt: signal.expiresAt,
    },
  }
}
