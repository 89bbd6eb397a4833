import { type Claim, type Evidence, noUsage, type Stance, type Synthesis, type SynthesisRequest } from './synthesis.js'

const strong = 0.1

/**
 * The synthesis without a language model: the strongest evidence on both sides in fixed sentences.
 *
 * Confirms when the evidence supports the trade on balance, downgrades when it does not. It never vetoes: the gates before it
 * have already refused what must be refused.
 */
export function ruleSynthesis(request: SynthesisRequest): Synthesis {
  const ordered = [...request.evidence].sort(
    (a, b) => Math.abs(b.support) - Math.abs(a.support) || (a.id < b.id ? -1 : 1),
  )
  const supporting = ordered.filter((it) => it.support >= strong).slice(0, 4)
  const opposing = ordered.filter((it) => it.support <= -strong).slice(0, 4)
  const balance = request.evidence.reduce((sum, it) => sum + it.support, 0)
  const stance: Stance = balance >= 0 && supporting.length > 0 ? 'confirm' : 'downgrade'
  const thesis = supporting.map((it) => claim(it, 'supports'))
  return {
    stance,
    factor: stance === 'confirm' ? 1 : 0.75,
    thesis:
      thesis.length > 0
        ? thesis
        : [{ text: 'Nothing speaks clearly for the trade.', evidence: [], polarity: 'neutral' }],
    risks: opposing.map((it) => claim(it, 'opposes')),
    source: 'rules',
    reasons: [],
    promptHash: null,
    modelName: null,
    usage: noUsage,
  }
}

function claim(evidence: Evidence, polarity: 'supports' | 'opposes'): Claim {
  const verb = polarity === 'supports' ? 'speaks for' : 'speaks against'
  const name = evidence.name.charAt(0).toUpperCase() + evidence.name.slice(1)
  return { text: `${name} of {${evidence.id}} ${verb} the trade.`, evidence: [evidence.id], polarity }
}
