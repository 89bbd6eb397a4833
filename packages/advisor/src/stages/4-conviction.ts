import type { Conviction } from '../model/conviction-session.js'
import { rounded, type StageResult } from './stage.js'

/** The model's answer with its bound on the size. */
export interface ConvictionFound {
  readonly conviction: Conviction
  readonly sizeCap: number
}

/** Stage 4: what does the model think of setups like this? Never rejects by itself: calibration turns it into money first. */
export function convictionStage(conviction: Conviction, featuresHash: string): StageResult<ConvictionFound> {
  const { familiarity, engine } = conviction
  const sizeCap = engine === 'prior' || familiarity?.verdict === 'outside' ? 0.5 : 1
  return {
    status: conviction.reasons.length === 0 ? 'ok' : 'degraded',
    reasons: conviction.reasons,
    measured: {
      engine,
      modelId: conviction.modelId,
      logit: conviction.logit,
      pRaw: rounded(conviction.pRaw),
      familiarity: familiarity?.verdict ?? null,
      distance: familiarity === null ? null : rounded(familiarity.distance),
      sizeCap,
    },
    limits: { distance: familiarity === null ? null : rounded(familiarity.distanceLimit) },
    inputs: { features: featuresHash },
    found: { conviction, sizeCap },
  }
}
