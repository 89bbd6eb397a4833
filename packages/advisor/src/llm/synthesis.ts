import type { Direction, Reason, Timeframe } from '@barfinex/core'

/** What an evidence's value is measured in. Values of one unit can be compared; those of model inputs never. */
export type EvidenceUnit = 'score' | 'share' | 'R' | 'ratio' | 'price index' | 'volume index' | 'model input'

/** One numbered fact that a synthesis may cite. Numbers in the decision's text are rendered from here, never written by a model. */
export interface Evidence {
  /** `E01`, `E02` …: fixed by place. */
  readonly id: string
  readonly name: string
  readonly value: number
  readonly unit: EvidenceUnit
  /** As it is shown, with its unit. */
  readonly text: string
  /** How it bears on this trade: from -1 (against) to +1 (for). */
  readonly support: number
  /** What the same value was some bars before, where that is known: lets a model say that it rises or falls. */
  readonly before: number | null
}

/** A headline as a news source gives it: foreign text, not to be trusted. */
export interface NewsItem {
  readonly title: string
  /** Who published it. */
  readonly source: string
  /** Milliseconds UTC. */
  readonly publishedAt: number
}

/** Gives the headlines on a symbol that were known at `asOf`. Called for each signal, so it answers at once, from what it has. */
export type NewsSource = (symbol: string, asOf: number) => readonly NewsItem[]

/** A headline that was cleaned and numbered. It stays untrusted: it can be cited by id, never quoted. */
export interface News extends NewsItem {
  /** `N01`, `N02` … */
  readonly id: string
}

/** What a synthesis is asked for. Times are event times, so equal requests have equal hashes. */
export interface SynthesisRequest {
  readonly decisionId: string
  /** For counting calls. It is never sent: a model that does not know the market cannot remember how it went on. */
  readonly symbol: string
  readonly direction: Direction
  readonly timeframe: Timeframe
  readonly asOf: number
  readonly evidence: readonly Evidence[]
  readonly news: readonly News[]
  /** Codes of everything the decision has to do without. */
  readonly gaps: readonly string[]
}

export type Stance = 'confirm' | 'downgrade' | 'veto' | 'abstain'

/** One sentence with the evidence it rests on. `{E07}` in the text stands for the rendered value. */
export interface Claim {
  readonly text: string
  readonly evidence: readonly string[]
  readonly polarity: 'supports' | 'opposes' | 'neutral'
}

/** What asking has cost. */
export interface SynthesisUsage {
  /** The model that was asked last, whether or not it answered; `null` when none was. */
  readonly askedModel: string | null
  readonly callCount: number
  readonly tokensIn: number
  readonly tokensOut: number
  /** US dollars by the price table; `null` when a model that was asked has no price in it. */
  readonly costUsd: number | null
}

/** Nothing was asked. */
export const noUsage: SynthesisUsage = Object.freeze({
  askedModel: null,
  callCount: 0,
  tokensIn: 0,
  tokensOut: 0,
  costUsd: 0,
})

/** A judgement of the whole. It can only lower risk: its factor is at most 1, and it names no price and no size. */
export interface Synthesis {
  readonly stance: Stance
  /** Multiplies the size cap: 1, 0.75, 0.5, 0.25 or 0. */
  readonly factor: number
  readonly thesis: readonly Claim[]
  readonly risks: readonly Claim[]
  readonly source: 'llm' | 'cassette' | 'rules' | 'off'
  /** Why the source is not the one that was wanted, and what was found wrong on the way. */
  readonly reasons: readonly Reason[]
  /** Hash of the request as it was sent, and the model that answered; `null` for rules. */
  readonly promptHash: string | null
  readonly modelName: string | null
  readonly usage: SynthesisUsage
}

export type SynthesisMode = 'off' | 'shadow' | 'veto' | 'require'

/** Who answers synthesis requests. Never rejects: a failing model gives way to the rules, and the answer says so. */
export interface Synthesiser {
  /** `off`: the rules answer, at once. `shadow`: a model is asked and recorded, the rules count. */
  readonly mode: SynthesisMode
  /** What keeps it from asking a model at all, known since it was opened; empty when nothing does. */
  readonly obstacles: readonly Reason[]
  synthesise(request: SynthesisRequest): Promise<Synthesis>
  close(): Promise<void>
}

/** The text for people: claims with the values put in place. */
export function renderSynthesis(synthesis: Synthesis, evidence: readonly Evidence[]): string {
  const values = new Map(evidence.map((it) => [it.id, it.text]))
  const sentence = (claim: Claim) => claim.text.replace(/\{(E\d\d)\}/g, (whole, id: string) => values.get(id) ?? whole)
  const risks = synthesis.risks.length === 0 ? '' : ` Against it: ${synthesis.risks.map(sentence).join(' ')}`
  return `${synthesis.thesis.map(sentence).join(' ')}${risks}`.slice(0, 4_000)
}
