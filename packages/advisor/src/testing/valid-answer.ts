import { createRandom, type Random } from '@barfinex/core'

/** One row of the evidence table, as a model reads it. */
export interface SeenEvidence {
  readonly id: string
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly before: number | null
  /** From -2 (strongly against) to 2 (strongly for). */
  readonly bearing: number
}

const bearings: Readonly<Record<string, number>> = {
  'strongly against': -2,
  against: -1,
  neither: 0,
  for: 1,
  'strongly for': 2,
}

/** Reads the evidence table out of a prompt, the way a model has to. */
export function seenEvidence(prompt: string): readonly SeenEvidence[] {
  return [...prompt.matchAll(/^(E\d\d) \| (.*) \| (\S+) \| (.*) \| (\S+) \| (.*)$/gm)].map((row) => {
    const [, id = '', name = '', value = '', unit = '', before = '', bearing = ''] = row
    const earlier = before === 'unknown' ? null : Number(before)
    return { id, name, value: Number(value), unit, before: earlier, bearing: bearings[bearing] ?? 0 }
  })
}

const supporting = [
  'The {name} of {id} is aligned with the direction of the trade.',
  'At {id}, the {name} points the right way.',
  'With {id} the {name} leaves a comfortable margin for the position.',
  'Support comes mainly from the {name} ({id}), which is well above what the setup needs.',
  "The setup's strongest argument is its {name}, currently {id}.",
  'A reading of {id} for the {name} is consistent with continuation rather than reversal.',
  'The {name} looks constructive, and nothing in the table contradicts it.',
  'Measured {name} is favourable; the trade does not depend on an unusual move.',
  'Given {id}, the {name} is on the side of the trade.',
  'The {name} backs the idea that buyers and sellers agree on the direction.',
] as const

const opposing = [
  'The {name} of {id} works against the position.',
  "There isn't much room left: the {name} stands at {id}.",
  'A {name} of {id} suggests that the move may already be late.',
  'The main weakness is the {name}, which has turned unfavourable.',
  'Momentum is not confirmed by the {name}, so follow-through is doubtful.',
  'The {name} could erode the edge if conditions deteriorate further.',
  'Because the {name} is poor, a smaller position is more appropriate.',
  'Caution is warranted, as the {name} at {id} leans the wrong way.',
] as const

const balanced = [
  'The {name} of {id} is neither a help nor a hindrance.',
  'On the {name} the evidence stays mixed and should not carry much weight.',
  'The {name} adds context but does not change the picture.',
  'Volatility conditions look ordinary, with the {name} at {id}.',
  'Here the {name} remains unremarkable!',
  'The {name} is worth watching, although it is not decisive for this trade.',
] as const

/**
 * A valid answer to a prompt, as a careful model might write it; which one, the random source decides.
 * `stance` is what is wanted; where the evidence does not allow it, the answer abstains from it and says `downgrade`.
 */
export function validAnswer(
  prompt: string,
  random: Random = createRandom('valid answer'),
  stance: 'confirm' | 'downgrade' | 'veto' | 'abstain' | 'any' = 'any',
): Answered {
  const rows = seenEvidence(prompt)
  const pick = <T>(all: readonly T[]): T => all[random.integer(all.length)] as T
  const choose = (all: readonly SeenEvidence[], most: number) =>
    Array.from({ length: Math.min(all.length, random.integer(most + 1)) }, () => pick(all))
  const isFor = rows.filter((it) => it.bearing > 0)
  const isAgainst = rows.filter((it) => it.bearing < 0)
  const mild = isAgainst.filter((it) => it.bearing === -1)
  const neither = rows.filter((it) => it.bearing === 0)
  const wanted = stance === 'any' ? pick(['confirm', 'confirm', 'downgrade', 'veto', 'abstain'] as const) : stance
  const taken = wanted === 'confirm' && isFor.length === 0 ? 'downgrade' : wanted
  const say = (template: readonly string[], polarity: AnsweredClaim['polarity'], it: SeenEvidence): AnsweredClaim => {
    // Names of model inputs hold digits; a careful model leaves them out.
    const name = /\d/.test(it.name) ? 'model input' : it.name
    return { text: pick(template).replace('{name}', name).replace('{id}', `{${it.id}}`), evidence: [it.id], polarity }
  }
  const thesis = [
    ...(taken === 'confirm' ? [say(supporting, 'supports', pick(isFor))] : []),
    ...choose(isFor, 1).map((it) => say(supporting, 'supports', it)),
    ...choose(neither, 2).map((it) => say(balanced, 'neutral', it)),
  ]
  const against = choose(taken === 'confirm' ? mild : isAgainst, 2).map((it) => say(opposing, 'opposes', it))
  const needsRisk = (taken === 'downgrade' || taken === 'veto') && against.length === 0
  const risks = needsRisk ? [say(balanced, 'neutral', pick(rows))] : against
  return {
    stance: taken,
    factor: pick(factors[taken]),
    thesis: thesis.length === 0 ? [say(balanced, 'neutral', pick(rows))] : thesis,
    risks,
    relations: trueRelations(rows)
      .filter(() => random.next() < 0.3)
      .slice(0, 6),
    data_gaps: /^G01 \| /m.test(prompt) && random.next() < 0.5 ? ['G01'] : [],
    injection_suspected: false,
  }
}

/** An answer as it is written on the wire; open to be spoilt. */
export interface Answered {
  stance: string
  factor: string
  thesis: AnsweredClaim[]
  risks: AnsweredClaim[]
  relations: AnsweredRelation[]
  data_gaps: string[]
  injection_suspected: boolean
}

export interface AnsweredClaim {
  text: string
  evidence: string[]
  polarity: 'supports' | 'opposes' | 'neutral'
}

export interface AnsweredRelation {
  left: string
  op: string
  right: string
}

const factors = {
  confirm: ['1', '1', '0.75'],
  downgrade: ['0.75', '0.5', '0.25'],
  veto: ['0'],
  abstain: ['0'],
} as const

/** Everything that can truly be said of two rows, or of a row and its earlier value. */
export function trueRelations(rows: readonly SeenEvidence[]): AnsweredRelation[] {
  const apart = (a: number, b: number) => Math.abs(a - b) > 0.01 * Math.max(Math.abs(a), Math.abs(b))
  return rows.flatMap((a) => [
    ...(a.before !== null && apart(a.value, a.before)
      ? [{ left: a.id, op: a.value > a.before ? 'rising' : 'falling', right: 'none' }]
      : []),
    ...rows
      .filter((b) => b.id > a.id && b.unit === a.unit && a.unit !== 'model input' && apart(a.value, b.value))
      .map((b) => ({ left: a.id, op: a.value > b.value ? 'above' : 'below', right: b.id })),
  ])
}
