import type { Reason } from '@barfinex/core'
import { z } from 'zod'
import type { Exchange } from './exchange.js'
import { llmReason } from './reasons.js'

const tokenCount = z.number().int().min(0).max(100_000_000)
const usageSchema = z.object({ prompt_tokens: tokenCount, completion_tokens: tokenCount })

const completion = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z.array(z.unknown()).nullish(),
          function_call: z.unknown().optional(),
        }),
      }),
    )
    .min(1),
})

/** What an endpoint says it has counted. */
export interface CountedTokens {
  readonly tokensIn: number
  readonly tokensOut: number
}

export type Completion =
  | { readonly ok: true; readonly content: string; readonly counted: CountedTokens | null }
  | { readonly ok: false; readonly reason: Reason; readonly counted: CountedTokens | null }

const knownFinishes = new Set(['length', 'tool_calls', 'function_call', 'content_filter'])

/** From what came over the wire to the text of the model's one message, or to why there is none. */
export function readCompletion(exchange: Exchange): Completion {
  if (exchange.kind === 'fault') return none(llmReason(exchange.fault))
  const { status, contentType, body } = exchange
  if (status >= 300 && status < 400) return none(llmReason('redirect', status))
  if (status === 429) return none(llmReason('rate-limited', status))
  if (status < 200 || status >= 300) return none(llmReason('status', status))
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType ?? '')) return none(llmReason('content-type'))
  const json = parsed(body)
  const counted = countedIn(json)
  const read = completion.safeParse(json)
  const [choice] = read.data?.choices ?? []
  if (choice === undefined) return none(llmReason('envelope'), counted)
  const { content, refusal, tool_calls: toolCalls, function_call: functionCall } = choice.message
  if ((refusal ?? '') !== '') return none(llmReason('refusal'), counted)
  if ((toolCalls ?? []).length > 0 || (functionCall ?? null) !== null) return none(llmReason('tool-call'), counted)
  if (choice.finish_reason !== 'stop') {
    const finish = choice.finish_reason ?? 'none'
    return none(llmReason('finish', knownFinishes.has(finish) ? finish : 'other'), counted)
  }
  if ((content ?? '').trim() === '') return none(llmReason('empty'), counted)
  return { ok: true, content: content ?? '', counted }
}

function none(reason: Reason, counted: CountedTokens | null = null): Completion {
  return { ok: false, reason, counted }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return null
  }
}

function countedIn(json: unknown): CountedTokens | null {
  const found = z.object({ usage: usageSchema }).safeParse(json)
  if (!found.success) return null
  const { prompt_tokens: tokensIn, completion_tokens: tokensOut } = found.data.usage
  return { tokensIn, tokensOut }
}
