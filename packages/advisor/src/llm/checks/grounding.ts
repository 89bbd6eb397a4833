import type { Answer, AnswerClaim } from '../answer-schema.js'
import { deadZone, listedGaps, strongFrom } from '../prompt.js'
import type { LlmCode } from '../reasons.js'
import type { Evidence, SynthesisRequest } from '../synthesis.js'

/** Values nearer than this, as a share of the larger, count as near. */
const nearShare = 0.05

/** Holds what an answer cites and states against what was measured. */
export function groundingFaults(answer: Answer, request: SynthesisRequest): readonly LlmCode[] {
  const evidence = new Map(request.evidence.map((it) => [it.id, it]))
  const news = new Set(request.news.map((it) => it.id))
  const gapCount = listedGaps(request).length
  const claims = [...answer.thesis, ...answer.risks]
  const cited = [
    ...claims.flatMap((it) => it.evidence),
    ...answer.relations.flatMap((it) => (it.right === 'none' ? [it.left] : [it.left, it.right])),
  ]
  const faults: LlmCode[] = []
  const isKnown = cited.every((id) => evidence.has(id) || news.has(id))
  if (!isKnown || answer.data_gaps.some((id) => Number(id.slice(1)) > gapCount)) faults.push('unknown-id')
  if (!answer.relations.every((it) => holds(it, evidence))) faults.push('relation')
  if (!claims.every((it) => agrees(it, evidence))) faults.push('polarity')
  return faults
}

/** Whether a relation can be computed from the evidence, and is true. */
function holds({ left, op, right }: Answer['relations'][number], evidence: ReadonlyMap<string, Evidence>): boolean {
  const a = evidence.get(left)
  if (a === undefined) return false
  if (op === 'rising' || op === 'falling') {
    if (right !== 'none' || a.before === null) return false
    return op === 'rising' ? a.value > a.before : a.value < a.before
  }
  const b = evidence.get(right)
  if (b === undefined || b === a || b.unit !== a.unit || a.unit === 'model input') return false
  if (op === 'above') return a.value > b.value
  if (op === 'below') return a.value < b.value
  return Math.abs(a.value - b.value) <= nearShare * Math.max(Math.abs(a.value), Math.abs(b.value))
}

/** Whether the cited evidence bears as the claim says. News has no measured bearing, so it can never support. */
function agrees({ evidence: ids, polarity }: AnswerClaim, evidence: ReadonlyMap<string, Evidence>): boolean {
  if (polarity === 'neutral') return true
  const supports = ids.map((id) => evidence.get(id)?.support ?? null)
  const isFor = supports.some((it) => it !== null && it >= deadZone)
  const isAgainst = supports.some((it) => it !== null && it <= -deadZone)
  const citesNews = supports.includes(null)
  if (polarity === 'supports') return isFor && !isAgainst && !citesNews
  return !isFor && (isAgainst || citesNews)
}

/** Whether stance, factor and claims belong together. */
export function isCoherent(answer: Answer, request: SynthesisRequest): boolean {
  const { stance, factor, thesis, risks } = answer
  const claims = [...thesis, ...risks]
  if (stance === 'abstain') return factor === '0'
  if (stance === 'confirm') {
    const strength = new Map(request.evidence.map((it) => [it.id, it.support]))
    const isBlind = claims.some((it) => it.evidence.some((id) => (strength.get(id) ?? 0) <= -strongFrom))
    return (factor === '1' || factor === '0.75') && !isBlind && thesis.some((it) => it.polarity === 'supports')
  }
  const hasGround = risks.length > 0 || thesis.some((it) => it.polarity === 'opposes')
  return hasGround && (stance === 'veto' ? factor === '0' : factor !== '0' && factor !== '1')
}
