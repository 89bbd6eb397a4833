import {
  type Decision,
  derivedId,
  type ExecutionIntent,
  type Quote,
  type Reason,
  type Signal,
  type StageName,
} from '@barfinex/core'
import type { CalibrationState } from './calibration/calibration-state.js'
import type { Calibrator } from './calibration/calibrator.js'
import { hitRateOf, tablePrior } from './calibration/track-record.js'
import type { Gates, Profile } from './gates.js'
import { evidenceOf } from './llm/evidence.js'
import { ruleSynthesis } from './llm/rule-synthesis.js'
import { renderSynthesis, type Synthesis, type SynthesisMode, type SynthesisRequest } from './llm/synthesis.js'
import type { MarketSnapshot } from './market/market-snapshot.js'
import { type ConvictionModel, contributionsOf } from './model/conviction-model.js'
import type { Conviction, ConvictionRequest } from './model/conviction-session.js'
import { featureSchemaHash } from './model/feature-schema.js'
import { computeFeatures } from './model/features.js'
import { featuresHash } from './model/features-hash.js'
import { contextStage } from './stages/1-context.js'
import { qualityStage } from './stages/2-quality.js'
import { scoreStage } from './stages/3-score.js'
import { convictionStage } from './stages/4-conviction.js'
import { calibrationStage, economicsOf } from './stages/5-calibration.js'
import { synthesisStage } from './stages/6-synthesis.js'
import { validationStage } from './stages/7-validation.js'
import { intentStage } from './stages/8-intent.js'
import { StageLedger } from './stages/stage-ledger.js'

/** Everything a decision may depend on. Frozen: two cases that are equal are decided equally, byte for byte. */
export interface AdviceCase {
  readonly signal: Signal
  readonly snapshot: MarketSnapshot
  readonly gates: Gates
  readonly profile: Profile
  /** Hash of the advisor's configuration. */
  readonly configHash: string
  readonly calibration: CalibrationState
  readonly calibrator: Calibrator
  /** The model in use, for explaining; `null` when the prior answers. */
  readonly model: ConvictionModel | null
  readonly synthesisMode: SynthesisMode
  /** Microseconds of wall time, for durations that stand outside every hash. */
  readonly wallMicros: () => number
}

/** What the shell knows again after an effect: the price and the time of that moment. */
export interface Moment {
  readonly now: number
  readonly quote: Quote | null
}

/** What the heart wants done before it can go on, or its conclusion. */
export type AdviceStep =
  | { readonly type: 'infer'; readonly request: ConvictionRequest; resume(conviction: Conviction): AdviceStep }
  | {
      readonly type: 'synthesise'
      readonly request: SynthesisRequest
      resume(synthesis: Synthesis, moment: Moment): AdviceStep
    }
  | {
      readonly type: 'done'
      readonly decision: Decision
      readonly intent: ExecutionIntent | null
      /** The model's logit when it was asked and answered, for learning from what comes of it. */
      readonly logit: number | null
    }

/**
 * The advisor's heart: a step machine over one frozen snapshot. Pure: it asks for a model's answer by returning an effect and
 * goes on when that is given back. It ends in a decision with eight stage records, whatever happens.
 */
export function advise(it: AdviceCase): AdviceStep {
  const { signal, snapshot, gates } = it
  const ledger = new StageLedger(snapshot.hash, it.wallMicros)
  const decisionId = `dec-${derivedId('decision', signal.signalId, snapshot.hash, it.configHash, it.calibrator.calibratorId)}`
  const known: Known = { conviction: null, probability: null, expectedR: null, source: null, rationale: '' }

  const context = ledger.enter('context', contextStage(snapshot, signal.expiresAt))
  if (context.status === 'rejected' || context.found === null) return reject('context', context.reasons)
  const { candles, quote, regime } = context.found

  const quality = ledger.enter('quality', qualityStage(snapshot, context.found, gates))
  if (quality.status === 'rejected') return reject('quality', quality.reasons)

  const score = ledger.enter('score', scoreStage(snapshot, context.found, signal, gates))
  if (score.status === 'rejected') return reject('score', score.reasons)

  const features = computeFeatures({
    candles,
    index: candles.length - 1,
    direction: signal.direction,
    spread: quote.ask - quote.bid,
    asOf: snapshot.asOf,
    higher: snapshot.higher,
    resolved: hitRateOf(it.calibration.trackRecord, signal.strategyId),
  })
  const { trackRecord, baseRate } = it.calibration
  const prior = tablePrior(trackRecord, baseRate, signal.strategyId, regime.regime)
  const economics = economicsOf(signal, quote, context.found.instrument, gates)
  const { rewardToRiskGross: rewardToRisk } = economics
  return {
    type: 'infer',
    request: { features, schemaHash: featureSchemaHash(), prior, rewardToRisk },
    resume: afterConviction,
  }

  function afterConviction(conviction: Conviction): AdviceStep {
    if (context.found === null) return reject('context', context.reasons)
    const asked = ledger.enter('conviction', convictionStage(conviction, featuresHash(features)))
    known.conviction = conviction.pRaw
    const calibrated = ledger.enter(
      'calibration',
      calibrationStage(conviction, it.calibrator, regime, economics, gates),
    )
    known.probability = calibrated.found.calibrated.probability
    known.expectedR = calibrated.found.expectedR
    if (calibrated.status === 'rejected') return reject('calibration', calibrated.reasons, conviction)
    // Features the model would not be asked about have no contributions either.
    const contributions = it.model === null || conviction.engine === 'prior' ? [] : contributionsOf(it.model, features)
    const evidence = evidenceOf(snapshot, score.found, calibrated.found, contributions)
    const request: SynthesisRequest = {
      decisionId,
      symbol: signal.symbol,
      direction: signal.direction,
      timeframe: signal.timeframe,
      asOf: snapshot.asOf,
      evidence,
      news: snapshot.news,
      gaps: ledger.degraded,
    }
    const resume = (synthesis: Synthesis, moment: Moment): AdviceStep => {
      const rules = ruleSynthesis(request)
      const judged = ledger.enter('synthesis', synthesisStage(synthesis, rules, it.synthesisMode))
      known.source = judged.found.synthesis.source
      known.rationale = renderSynthesis(judged.found.synthesis, evidence)
      if (judged.status === 'rejected') return reject('synthesis', judged.reasons, conviction)
      return conclude(
        [quality.found.sizeCap, asked.found.sizeCap, calibrated.found.sizeCap, judged.found.sizeCap],
        calibrated,
        conviction,
        moment,
      )
    }
    return { type: 'synthesise', request, resume }
  }

  function conclude(
    caps: readonly number[],
    calibrated: ReturnType<typeof calibrationStage>,
    conviction: Conviction,
    moment: Moment,
  ): AdviceStep {
    if (context.found === null) return reject('context', context.reasons)
    const fresh = moment.quote ?? quote
    const valid = ledger.enter(
      'validation',
      validationStage(context.found, fresh, signal, calibrated.found, gates, moment.now),
    )
    known.expectedR = valid.found.expectedR
    if (valid.status === 'rejected') return reject('validation', valid.reasons, conviction, moment.now)
    const degraded = [...ledger.degraded, ...(it.profile === 'exploratory' ? ['advisor.profile.exploratory'] : [])]
    const { found: draft } = ledger.enter(
      'intent',
      intentStage(
        signal,
        decisionId,
        valid.found,
        calibrated.found.calibrated,
        regime.regime,
        caps,
        degraded,
        moment.now,
      ),
    )
    const intent: ExecutionIntent = { ...draft, decisionFingerprint: ledger.fingerprint }
    return done(intent, null, [], conviction, moment.now)
  }

  function reject(
    stage: StageName,
    reasons: readonly Reason[],
    conviction?: Conviction,
    now = snapshot.asOf,
  ): AdviceStep {
    ledger.skipRest()
    return done(null, stage, reasons, conviction ?? null, now)
  }

  function done(
    intent: ExecutionIntent | null,
    rejectedBy: StageName | null,
    reasons: readonly Reason[],
    conviction: Conviction | null,
    decidedAt: number,
  ): AdviceStep {
    const decision: Decision = {
      decisionId,
      signalId: signal.signalId,
      strategyId: signal.strategyId,
      symbol: signal.symbol,
      direction: signal.direction,
      outcome: intent === null ? 'rejected' : 'intent',
      intentId: intent?.intentId ?? null,
      rejectedBy,
      reasons: [...reasons],
      stages: [...ledger.records],
      snapshotHash: snapshot.hash,
      configHash: it.configHash,
      conviction: known.conviction,
      probability: known.probability,
      expectedR: known.expectedR,
      regime: snapshot.regime?.regime ?? null,
      synthesisSource: known.source,
      rationale:
        known.rationale === ''
          ? reasons
              .map((reason) => reason.message)
              .join(' ')
              .slice(0, 4_000)
          : known.rationale,
      fingerprint: ledger.fingerprint,
      asOf: snapshot.asOf,
      decidedAt,
    }
    const isModel = conviction !== null && conviction.engine !== 'prior'
    return { type: 'done', decision, intent, logit: isModel ? conviction.logit : null }
  }
}

interface Known {
  conviction: number | null
  probability: number | null
  expectedR: number | null
  source: Decision['synthesisSource']
  rationale: string
}
