import { type Clock, type Log, type Reason, timeframeMs, type WallTimer } from '@barfinex/core'
import { AnswerCache } from './answer-cache.js'
import { Breaker } from './breaker.js'
import type { BudgetLedger } from './budget.js'
import { Cassette } from './cassette.js'
import { conversationHash, type Rung } from './completion-request.js'
import { converse, type Line } from './conversation.js'
import { Hearing } from './hearing.js'
import type { LlmEndpoint, LlmOptions } from './llm-options.js'
import { createModelClient } from './model-client.js'
import { messagesFor } from './prompt.js'
import { type LlmCode, llmReason } from './reasons.js'
import { ruleSynthesis } from './rule-synthesis.js'
import { noUsage, type Synthesis, type Synthesiser, type SynthesisRequest } from './synthesis.js'

export interface ModelSynthesiserParts {
  readonly options: LlmOptions
  readonly budget: BudgetLedger
  readonly clock: Clock
  readonly timer: WallTimer
  readonly log: Log
}

const shortestBarMs = 60_000
const deadlineShare = 0.1

/** A synthesiser that asks language models, and falls back to the rules for every reason there is. It never rejects. */
export function createModelSynthesiser(parts: ModelSynthesiserParts): Synthesiser {
  const { options, budget, clock, timer, log } = parts
  const mode = options.cassette?.mode ?? 'off'
  const cassette = openCassette(options)
  const source = cassette === null ? 'llm' : 'cassette'
  const mayCall = mode !== 'replay' && (clock.kind === 'system' || options.allowLive)
  const closing = new AbortController()
  const cache = new AnswerCache()
  const lines = options.endpoints.map((endpoint) => openLine(endpoint, parts))

  async function answer(request: SynthesisRequest, conversation: string): Promise<Synthesis> {
    const hearing = new Hearing(request, source, budget)
    const recorded = mode === 'replay' || mode === 'auto' ? (cassette?.play(conversation) ?? null) : null
    if (recorded !== null) {
      for (const turn of recorded) hearing.hear(turn)
      return hearing.conclude()
    }
    if (mode === 'replay') return byRules(request, 'cassette-miss')
    if (!mayCall) return byRules(request, 'live-refused')
    const take = cassette?.begin(conversation) ?? null
    const deadlineMs = Math.min(options.deadlineMs, deadlineShare * timeframeMs(request.timeframe))
    await converse(request, hearing, {
      lines,
      budget,
      limits: options.budget,
      clock,
      timer,
      closing: closing.signal,
      deadlineMs,
      take,
    })
    return hearing.conclude()
  }

  return {
    mode: options.mode,
    obstacles: mayCall || mode === 'replay' || mode === 'auto' ? [] : [llmReason('live-refused')],
    async synthesise(request) {
      const barMs = timeframeMs(request.timeframe)
      if (barMs < shortestBarMs) return byRules(request, 'timeframe')
      const conversation = conversationHash(messagesFor(request))
      const known = cache.find(conversation, clock.now())
      if (known !== null) return { ...(await known), usage: noUsage }
      const synthesis = answer(request, conversation).catch((error: unknown) => {
        // A cassette that cannot be written, or a defect of ours: trading goes on by the rules, and somebody is told.
        log.error('the language model could not be asked', { code: 'advisor.llm.failed', error })
        return byRules(request, 'failed')
      })
      cache.keep(conversation, request.asOf + barMs, synthesis)
      return synthesis
    },
    async close() {
      closing.abort()
      for (const [model, { tokensIn, tokensOut }] of budget.today()) {
        log.info('tokens of a language model today', { model, tokensIn, tokensOut })
      }
    },
  }
}

function byRules(request: SynthesisRequest, code: LlmCode): Synthesis {
  const reasons: readonly Reason[] = [llmReason(code)]
  return { ...ruleSynthesis(request), reasons }
}

function openCassette({ cassette }: LlmOptions): Cassette | null {
  if (cassette === undefined || cassette.mode === 'off') return null
  return new Cassette(cassette.file, cassette.mode === 'replay')
}

function openLine(endpoint: LlmEndpoint, { options, timer, log }: ModelSynthesiserParts): Line {
  const { model, format } = endpoint
  const breaker = new Breaker(options.breaker, (state, restMs) => {
    const code = `advisor.llm.breaker-${state}`
    if (state === 'open') log.warn('a language model failed too often and rests', { code, model, restMs })
    else log.info('a language model is asked again', { code, model })
  })
  const rung: Rung = format === 'auto' ? 'json_schema' : format
  return { endpoint, client: createModelClient(endpoint, timer), breaker, rung }
}
