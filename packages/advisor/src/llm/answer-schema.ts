import { z } from 'zod'

const numbered = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(2, '0')}`)

/** Everything that can ever be cited. Fixed, so that a server compiles the schema once; which ids exist now is our own check. */
const evidenceIds = numbered('E', 48)
const newsIds = numbered('N', 8)
const gapIds = numbered('G', 16)

/** Most gaps that are listed to a model. */
export const mostGaps = gapIds.length

const claim = z.strictObject({
  text: z.string(),
  evidence: z
    .array(z.enum([...evidenceIds, ...newsIds]))
    .min(1)
    .max(8),
  polarity: z.enum(['supports', 'opposes', 'neutral']),
})

/** The answer, version 1: flat, everything required, nothing beyond it. No price, no size, no confidence, no symbol. */
export const answerSchema = z.strictObject({
  stance: z.enum(['confirm', 'downgrade', 'veto', 'abstain']),
  factor: z.enum(['1', '0.75', '0.5', '0.25', '0']),
  thesis: z.array(claim).min(1).max(4),
  risks: z.array(claim).max(4),
  relations: z
    .array(
      z.strictObject({
        left: z.enum(evidenceIds),
        op: z.enum(['above', 'below', 'rising', 'falling', 'near']),
        right: z.enum([...evidenceIds, 'none']),
      }),
    )
    .max(6),
  data_gaps: z.array(z.enum(gapIds)).max(mostGaps),
  injection_suspected: z.boolean(),
})

/** A model's answer as it fits the schema; not yet held against the evidence. */
export interface Answer extends z.output<typeof answerSchema> {}
export type AnswerClaim = Answer['thesis'][number]

const text = { type: 'string' }
const oneOf = (values: readonly string[]) => ({ type: 'string', enum: values })
const listOf = (items: object) => ({ type: 'array', items })
const record = (properties: Readonly<Record<string, object>>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})
const claimForm = record({
  text,
  evidence: listOf(oneOf([...evidenceIds, ...newsIds])),
  polarity: oneOf(['supports', 'opposes', 'neutral']),
})

/**
 * The same as JSON Schema in the narrow dialect that every server with a strict mode takes: no references, no patterns, no
 * bounds. The bounds are stated in the prompt and held by {@link answerSchema}.
 */
export const answerForm = Object.freeze(
  record({
    stance: oneOf(['confirm', 'downgrade', 'veto', 'abstain']),
    factor: oneOf(['1', '0.75', '0.5', '0.25', '0']),
    thesis: listOf(claimForm),
    risks: listOf(claimForm),
    relations: listOf(
      record({
        left: oneOf(evidenceIds),
        op: oneOf(['above', 'below', 'rising', 'falling', 'near']),
        right: oneOf([...evidenceIds, 'none']),
      }),
    ),
    data_gaps: listOf(oneOf(gapIds)),
    injection_suspected: { type: 'boolean' },
  }),
)
