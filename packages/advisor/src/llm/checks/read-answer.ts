import type { Reason } from '@barfinex/core'
import { type AnswerClaim, answerSchema } from '../answer-schema.js'
import { extractObject } from '../extract-object.js'
import { type LlmCode, llmReason } from '../reasons.js'
import { JsonFault, readStrictJson, toPlain } from '../strict-json.js'
import type { Claim, Stance, SynthesisRequest } from '../synthesis.js'
import { groundingFaults, isCoherent } from './grounding.js'
import { readProse } from './prose.js'

/** Longest answer that is looked at, characters. */
const longestContent = 32_768

/** A model's answer that passed every check. */
export interface GroundedAnswer {
  readonly stance: Stance
  readonly factor: number
  readonly thesis: readonly Claim[]
  readonly risks: readonly Claim[]
  readonly suspectsInjection: boolean
}

export type Reading =
  | { readonly ok: true; readonly answer: GroundedAnswer }
  | { readonly ok: false; readonly reasons: readonly Reason[] }

/**
 * Reads what a model wrote, and believes none of it: the object must be the only one, fit the schema, cite only what was
 * given, state nothing that the evidence does not bear out, and hold no number of its own. Total: it never throws.
 *
 * The form is judged first, and alone; of a well-formed answer everything that is wrong is named.
 */
export function readAnswer(content: string, request: SynthesisRequest): Reading {
  if (content.length > longestContent) return refused(['length'])
  const found = extractObject(content)
  if ('reason' in found) return { ok: false, reasons: [found.reason] }
  let plain: unknown
  try {
    plain = toPlain(readStrictJson(found.text))
  } catch (fault) {
    return refused([fault instanceof JsonFault ? fault.kind : 'json'])
  }
  const parsed = answerSchema.safeParse(plain)
  if (!parsed.success) return refused(['schema'])
  const answer = parsed.data
  const faults: LlmCode[] = [...groundingFaults(answer, request)]
  const claimOf = ({ text, evidence, polarity }: AnswerClaim): Claim => {
    const prose = readProse(text, evidence)
    faults.push(...prose.faults)
    return { text: prose.text, evidence: [...new Set(evidence)], polarity }
  }
  const thesis = answer.thesis.map(claimOf)
  const risks = answer.risks.map(claimOf)
  if (!isCoherent(answer, request)) faults.push('stance')
  if (faults.length > 0) return refused(faults)
  const { stance, factor, injection_suspected: suspectsInjection } = answer
  return { ok: true, answer: { stance, factor: Number(factor), thesis, risks, suspectsInjection } }
}

/** The order in which checks are named, whichever text failed first. */
const order: readonly LlmCode[] = [
  'unknown-id',
  'number',
  'placeholder',
  'relation',
  'polarity',
  'foreign-text',
  'stance',
  'language',
  'length',
]

function refused(codes: readonly LlmCode[]): Reading {
  const unique = [...new Set(codes)].sort((a, b) => order.indexOf(a) - order.indexOf(b))
  return { ok: false, reasons: unique.map((code) => llmReason(code)) }
}
