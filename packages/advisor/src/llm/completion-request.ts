import { hashOf } from '@barfinex/core'
import { answerForm } from './answer-schema.js'
import type { LlmEndpoint, LlmOptions } from './llm-options.js'
import { contractVersion, type Message } from './prompt.js'

/** How strictly the form of the answer is asked for, strictest first. */
export const rungs = ['json_schema', 'json_object', 'text'] as const
export type Rung = (typeof rungs)[number]

/** The body of one call, as it is sent. */
export interface CompletionRequest {
  readonly model: string
  readonly messages: readonly Message[]
  readonly temperature?: number
  readonly seed?: number
  readonly max_tokens?: number
  readonly max_completion_tokens?: number
  readonly response_format?:
    | { readonly type: 'json_object' }
    | {
        readonly type: 'json_schema'
        readonly json_schema: { readonly name: string; readonly strict: true; readonly schema: Record<string, unknown> }
      }
}

const answerFormat = { name: 'synthesis', strict: true, schema: { ...answerForm } } as const

/** The body for an endpoint on a rung. The lowest rung asks for nothing that a simple server may not know. */
export function completionRequest(
  endpoint: LlmEndpoint,
  rung: Rung,
  messages: readonly Message[],
  { tokensOut }: Pick<LlmOptions['budget'], 'tokensOut'>,
): CompletionRequest {
  const { model, temperature, seed, tokenLimitField } = endpoint
  return {
    model,
    messages,
    [tokenLimitField]: tokensOut,
    ...(temperature === null ? {} : { temperature }),
    ...(seed === null || rung === 'text' ? {} : { seed }),
    ...(rung === 'json_object' ? { response_format: { type: rung } } : {}),
    ...(rung === 'json_schema' ? { response_format: { type: rung, json_schema: answerFormat } } : {}),
  }
}

/** Names one call: equal for equal content, whatever key or address it is sent with. */
export function requestHash(request: CompletionRequest): string {
  return hashOf({ contractVersion, ...request })
}

/** Names one conversation, whichever endpoint takes part in it. */
export function conversationHash(messages: readonly Message[]): string {
  return hashOf({ contractVersion, messages })
}

/** An upper estimate of a request's tokens: prose has about four bytes to a token, tables have less. */
export function estimatedTokens(request: CompletionRequest): number {
  return Math.ceil(Buffer.byteLength(JSON.stringify([request.messages, request.response_format ?? null])) / 2.5)
}
