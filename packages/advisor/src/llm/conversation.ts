import { type Clock, createRandom, type Reason, type WallTimer } from '@barfinex/core'
import type { Breaker, CallOutcome } from './breaker.js'
import type { BudgetLedger } from './budget.js'
import type { Take } from './cassette.js'
import { completionRequest, estimatedTokens, type Rung, requestHash, rungs } from './completion-request.js'
import { countOf, type Heard, type Hearing, type TurnEnd } from './hearing.js'
import type { LlmEndpoint, LlmOptions } from './llm-options.js'
import type { ModelClient } from './model-client.js'
import { type Message, messagesFor, repairMessage } from './prompt.js'
import { readCompletion } from './read-completion.js'
import { llmReason } from './reasons.js'
import type { SynthesisRequest } from './synthesis.js'
import type { CallTurn, Turn } from './turn.js'

/** An endpoint with what is known of it. */
export interface Line {
  readonly endpoint: LlmEndpoint
  readonly client: ModelClient
  readonly breaker: Breaker
  /** The rung that works, as far as is known. */
  rung: Rung
}

export interface ConversationParts {
  readonly lines: readonly Line[]
  readonly budget: BudgetLedger
  readonly limits: LlmOptions['budget']
  readonly clock: Clock
  readonly timer: WallTimer
  readonly closing: AbortSignal
  readonly deadlineMs: number
  readonly take: Take | null
}

/** While others are left, an endpoint that stalls may use this share of the time that remains. */
const shareOfEarlier = 0.6
/** A repair needs this share of the deadline. */
const repairShare = 0.4
/** Below this share of the deadline nobody is asked any more. */
const leastShare = 0.05
const backoffMs = 250

/**
 * Asks the endpoints in order until one answers, within one deadline for all of it: one retry where the way failed and may
 * recover, a step down where an endpoint does not know the form asked for, one repair where the answer was refused.
 */
export async function converse(request: SynthesisRequest, hearing: Hearing, parts: ConversationParts): Promise<void> {
  const { lines, deadlineMs, timer } = parts
  const startedAt = timer.now()
  const left = () => deadlineMs - (timer.now() - startedAt)
  const messages = messagesFor(request)
  let mayRetry = true
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1
    const limit = () => (isLast ? left() : shareOfEarlier * left())
    if (left() < leastShare * deadlineMs) break
    const rung = line.rung
    let step = await ask(line, messages, 'ask', limit())
    while (step.end === 'form-unknown') step = await ask(line, messages, 'ask', limit())
    // Refused in every form: then it was not the form.
    if (step.end === 'lost' && step.turn?.exchange.kind === 'response') line.rung = rung
    if (step.end === 'lost' && mayRetry && step.turn !== null) {
      const waitMs = retryDelay(step.turn)
      if (waitMs !== null && left() - waitMs > leastShare * deadlineMs) {
        mayRetry = false
        await pause(waitMs, parts)
        step = await ask(line, messages, 'ask', limit())
      }
    }
    if (step.end === 'unusable' && left() >= repairShare * deadlineMs) {
      step = await ask(line, [...messages, repairMessage(step.reasons.map((it) => it.code))], 'repair', limit())
    }
    // An answer that is refused twice is not sought elsewhere: the rules are as good, and cost nothing.
    if (step.end !== 'lost') return
  }

  async function ask(
    line: Line,
    asked: readonly Message[],
    purpose: CallTurn['purpose'],
    limitMs: number,
  ): Promise<Heard & { readonly turn: CallTurn | null }> {
    const { breaker, client, endpoint, rung } = line
    const { budget, clock, take } = parts
    const refuse = (reason: Reason) => {
      const turn: Turn = { kind: 'refused', reason }
      const heard = hearing.hear(turn)
      take?.record(turn)
      return { ...heard, turn: null }
    }
    const admission = breaker.admit(clock.now())
    if (admission === null) return refuse(llmReason('breaker-open', endpoint.model))
    const body = completionRequest(endpoint, rung, asked, parts.limits)
    const { model } = endpoint
    const reserved = budget.reserve(clock.now(), request.symbol, model, estimatedTokens(body), hearing.spentUsd)
    if (typeof reserved === 'string') {
      breaker.settle(clock.now(), admission, 'unknown')
      return refuse(llmReason('budget', reserved))
    }
    const { exchange, elapsedMs } = await client.call(body, Math.max(1, limitMs), parts.closing)
    const { tokensIn, tokensOut } = reserved
    const key = requestHash(body)
    const turn: CallTurn = { kind: 'call', model, rung, purpose, key, exchange, reserved: { tokensIn, tokensOut } }
    const heard = hearing.hear(turn)
    budget.settle(reserved, countOf(turn, readCompletion(exchange).counted))
    breaker.settle(clock.now(), admission, outcomeOf(heard.end, turn))
    if (heard.end === 'form-unknown') line.rung = rungs[rungs.indexOf(rung) + 1] ?? 'text'
    take?.record(turn, { request: body, elapsedMs })
    return { ...heard, turn }
  }
}

/** What the way to the endpoint has proved. An answer that is refused says nothing against it. */
function outcomeOf(end: TurnEnd, { exchange }: CallTurn): CallOutcome {
  if (end !== 'lost') return 'answered'
  if (exchange.kind !== 'fault') return 'failed'
  if (exchange.fault === 'closed') return 'unknown'
  return exchange.fault === 'deadline' ? 'deadline' : 'failed'
}

/** How long to wait before asking the same endpoint again, `null` when that would help nobody. */
function retryDelay({ exchange, key }: CallTurn): number | null {
  if (exchange.kind === 'fault') return exchange.fault === 'connection' ? jittered(key) : null
  if (exchange.status !== 429 && exchange.status < 500) return null
  return exchange.retryAfterMs ?? jittered(key)
}

/** Spreads retries, by chance that comes from the request: the same request waits alike. */
function jittered(key: string): number {
  return Math.round(backoffMs * (0.8 + 0.4 * createRandom(key).next()))
}

function pause(ms: number, { timer, closing }: ConversationParts): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel()
      closing.removeEventListener('abort', done)
      resolve()
    }
    const cancel = timer.after(ms, done)
    closing.addEventListener('abort', done, { once: true })
  })
}
