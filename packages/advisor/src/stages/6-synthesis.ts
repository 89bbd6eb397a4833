import type { Reason } from '@barfinex/core'
import type { Synthesis, SynthesisMode } from '../llm/synthesis.js'
import { failed, rounded, type StageResult } from './stage.js'

export interface SynthesisFound {
  /** The one that counts. */
  readonly synthesis: Synthesis
  readonly sizeCap: number
}

/** Size cap when a model was wanted and the rules had to answer. */
const withoutModel = 0.5

/**
 * Stage 6: does the evidence as a whole hang together? The answer can lower the size or refuse the trade, nothing else.
 *
 * `rules` is what would be said without a model. Its factor bounds the size whatever a model says, so asking one never makes
 * a trade larger than not asking; this holds for every answer, valid or not, because it is taken here and not from the answer.
 */
export function synthesisStage(
  synthesis: Synthesis,
  rules: Synthesis,
  mode: SynthesisMode,
): StageResult<SynthesisFound> {
  const isModel = synthesis.source === 'llm' || synthesis.source === 'cassette'
  const isWanted = mode === 'veto' || mode === 'require'
  const counted = isModel && !isWanted ? rules : synthesis
  const hard: Reason[] = []
  if (mode === 'require' && !isModel) {
    const message = 'A valid answer of the model is required and there is none.'
    hard.push(failed('advisor.synthesis.required', message, 'llm', synthesis.source))
  }
  if (counted.stance === 'abstain') {
    hard.push(failed('advisor.synthesis.abstain', 'The synthesis sees no ground to decide on.', 'confirm', 'abstain'))
  } else if (counted.stance === 'veto' || !(counted.factor > 0)) {
    const message = `The synthesis is against the trade (${counted.stance}).`
    hard.push(failed('advisor.synthesis.veto', message, 'confirm', counted.stance))
  }
  const sizeCap = Math.min(bounded(counted.factor), bounded(rules.factor), isWanted && !isModel ? withoutModel : 1)
  const { usage } = synthesis
  return {
    status: hard.length > 0 ? 'rejected' : synthesis.reasons.length > 0 ? 'degraded' : 'ok',
    reasons: [...hard, ...synthesis.reasons],
    measured: {
      mode,
      source: synthesis.source,
      stance: synthesis.stance,
      factor: bounded(synthesis.factor),
      counts: counted === synthesis,
      rulesFactor: rules.factor,
      model: synthesis.modelName,
      askedModel: usage.askedModel,
      thesisCount: synthesis.thesis.length,
      riskCount: synthesis.risks.length,
      callCount: usage.callCount,
      tokensIn: usage.tokensIn,
      tokensOut: usage.tokensOut,
      costUsd: usage.costUsd === null ? null : rounded(usage.costUsd),
      sizeCap,
    },
    limits: { factor: 1 },
    ...(synthesis.promptHash === null ? {} : { inputs: { prompt: synthesis.promptHash } }),
    found: { synthesis: counted, sizeCap },
  }
}

/** No number at all counts as nothing. */
function bounded(factor: number): number {
  return factor > 0 ? Math.min(1, factor) : 0
}
