import type { Reason } from '@barfinex/core'
import type { Synthesis } from '../llm/synthesis.js'
import { failed, type StageResult } from './stage.js'

export interface SynthesisFound {
  readonly synthesis: Synthesis
  readonly sizeCap: number
}

/** Size cap when a model was wanted and the rules had to answer. */
const withoutModel = 0.5

/**
 * Stage 6: does the evidence as a whole hang together? The answer can lower the size or refuse the trade, nothing else:
 * whatever a language model says, the size cap is at most what it would be without it.
 */
export function synthesisStage(
  synthesis: Synthesis,
  mode: 'off' | 'shadow' | 'veto' | 'require',
): StageResult<SynthesisFound> {
  const isModel = synthesis.source === 'llm' || synthesis.source === 'cassette'
  const isWanted = mode === 'veto' || mode === 'require'
  const reasons: Reason[] = [...synthesis.reasons]
  const hard: Reason[] = []
  if (mode === 'require' && !isModel) {
    hard.push(
      failed(
        'advisor.synthesis.required',
        'A valid answer of the model is required and there is none.',
        'llm',
        synthesis.source,
      ),
    )
  }
  const counts = mode !== 'shadow' || !isModel
  if (counts && (synthesis.stance === 'veto' || synthesis.factor <= 0)) {
    hard.push(
      failed(
        'advisor.synthesis.veto',
        `The synthesis is against the trade (${synthesis.stance}).`,
        'confirm',
        synthesis.stance,
      ),
    )
  }
  if (counts && synthesis.stance === 'abstain') {
    hard.push(failed('advisor.synthesis.abstain', 'The synthesis sees no ground to decide on.', 'confirm', 'abstain'))
  }
  const factor = Math.min(1, Math.max(0, synthesis.factor))
  const sizeCap = Math.min(counts ? factor : 1, isWanted && !isModel ? withoutModel : 1)
  return {
    status: hard.length > 0 ? 'rejected' : reasons.length > 0 ? 'degraded' : 'ok',
    reasons: [...hard, ...reasons],
    measured: {
      mode,
      source: synthesis.source,
      stance: synthesis.stance,
      factor,
      model: synthesis.modelName,
      thesisCount: synthesis.thesis.length,
      riskCount: synthesis.risks.length,
      sizeCap,
    },
    limits: { factor: 1 },
    ...(synthesis.promptHash === null ? {} : { inputs: { prompt: synthesis.promptHash } }),
    found: { synthesis, sizeCap },
  }
}
