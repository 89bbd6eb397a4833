import type { Reason } from '@barfinex/core'
import type { BudgetLedger } from './budget.js'
import { type GroundedAnswer, readAnswer } from './checks/read-answer.js'
import { type CountedTokens, readCompletion } from './read-completion.js'
import { llmReason } from './reasons.js'
import { ruleSynthesis } from './rule-synthesis.js'
import type { Synthesis, SynthesisRequest, SynthesisUsage } from './synthesis.js'
import type { CallTurn, Turn } from './turn.js'

/** How a turn ended: an answer; nothing that came through; a form the endpoint does not know; or an answer that was refused. */
export type TurnEnd = 'answered' | 'lost' | 'form-unknown' | 'unusable'

/** A turn's end, and what was wrong with it. */
export interface Heard {
  readonly end: TurnEnd
  readonly reasons: readonly Reason[]
}

/** Statuses by which servers say that they do not know a field of the request. */
const formStatuses = new Set([400, 415, 422, 501])

/** What went wrong between us and the model, rather than in its answer. */
const transportCodes: ReadonlySet<string> = new Set(
  'deadline connection closed redirect rate-limited status content-type too-large envelope'
    .split(' ')
    .map((it) => `advisor.llm.${it}`),
)

/** Size cap factor of an answer whose author believes that somebody spoke to it. */
const underSuspicion = 0.5

/**
 * Hears the turns of one conversation, live or from a cassette, and concludes. What is concluded depends on the turns alone:
 * neither on clocks nor on what else goes on, so the same turns give the same synthesis again.
 */
export class Hearing {
  private readonly reasons: Reason[] = []
  private answer: { readonly said: GroundedAnswer; readonly by: CallTurn } | null = null
  private askedModel: string | null = null
  private callCount = 0
  private tokensIn = 0
  private tokensOut = 0
  private costUsd: number | null = 0

  constructor(
    private readonly request: SynthesisRequest,
    private readonly source: 'llm' | 'cassette',
    private readonly prices: Pick<BudgetLedger, 'costOf'>,
  ) {}

  hear(turn: Turn): Heard {
    if (turn.kind === 'refused') return this.note('lost', [turn.reason])
    this.callCount += 1
    this.askedModel = turn.model
    const completion = readCompletion(turn.exchange)
    this.count(turn, countOf(turn, completion.counted))
    if (!completion.ok) {
      const { exchange, rung } = turn
      const isForm = exchange.kind === 'response' && formStatuses.has(exchange.status)
      if (isForm && rung !== 'text') return { end: 'form-unknown', reasons: [] }
      return this.note(transportCodes.has(completion.reason.code) ? 'lost' : 'unusable', [completion.reason])
    }
    const reading = readAnswer(completion.content, this.request)
    if (!reading.ok) return this.note('unusable', reading.reasons)
    this.answer = { said: reading.answer, by: turn }
    return { end: 'answered', reasons: [] }
  }

  /** Dollars so far, as far as prices are known. */
  get spentUsd(): number {
    return this.costUsd ?? 0
  }

  conclude(): Synthesis {
    const { askedModel, callCount, tokensIn, tokensOut, costUsd } = this
    const usage: SynthesisUsage = { askedModel, callCount, tokensIn, tokensOut, costUsd }
    if (this.answer === null) return { ...ruleSynthesis(this.request), reasons: [...this.reasons], usage }
    const { said, by } = this.answer
    const { stance, factor, thesis, risks, suspectsInjection } = said
    return {
      stance,
      factor: suspectsInjection ? Math.min(factor, underSuspicion) : factor,
      thesis,
      risks,
      source: this.source,
      reasons: [...this.reasons, ...(suspectsInjection ? [llmReason('injection-suspected')] : [])],
      promptHash: by.key,
      modelName: by.model,
      usage,
    }
  }

  private note(end: TurnEnd, reasons: readonly Reason[]): Heard {
    for (const reason of reasons) {
      const isKnown = this.reasons.some((it) => it.code === reason.code && it.observed === reason.observed)
      if (!isKnown) this.reasons.push(reason)
    }
    return { end, reasons }
  }

  private count({ model }: CallTurn, used: CountedTokens): void {
    this.tokensIn += used.tokensIn
    this.tokensOut += used.tokensOut
    const cost = this.prices.costOf(model, used)
    this.costUsd = this.costUsd === null || cost === null ? null : this.costUsd + cost
  }
}

/** What a call is taken to have used: the endpoint's count, nothing where it did not work, else what was set aside. */
export function countOf({ exchange, reserved }: CallTurn, counted: CountedTokens | null): CountedTokens {
  if (counted !== null) return counted
  const isUnserved =
    exchange.kind === 'response' ? exchange.status < 200 || exchange.status >= 300 : exchange.fault === 'connection'
  return isUnserved ? { tokensIn: 0, tokensOut: 0 } : reserved
}
