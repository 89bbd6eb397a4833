import type { WallTimer } from '@barfinex/core'
import { BodyTooLarge, boundedFetch } from './bounded-fetch.js'
import type { CompletionRequest } from './completion-request.js'
import type { Exchange } from './exchange.js'
import type { LlmEndpoint } from './llm-options.js'

/** What came of one call, and how long it took on the wall. */
export interface Called {
  readonly exchange: Exchange
  readonly elapsedMs: number
}

/** Calls one endpoint. Never rejects: what goes wrong is an {@link Exchange} too. */
export interface ModelClient {
  /** One attempt, no retries. `limitMs` bounds all of it, from the connection to the last byte of the body. */
  call(request: CompletionRequest, limitMs: number, closing: AbortSignal): Promise<Called>
}

type Sdk = typeof import('openai')

/**
 * A client through the `openai` package, which is loaded when the first call is made.
 *
 * The package's own deadline ends with the headers, and its retries would multiply ours: both are off. Nothing of its
 * environment variables takes part: address, key and headers are the endpoint's.
 */
export function createModelClient(endpoint: LlmEndpoint, timer: WallTimer): ModelClient {
  const { origin } = new URL(endpoint.baseUrl)
  const { apiKey } = endpoint
  let loading: Promise<Sdk> | null = null

  async function attempt(request: CompletionRequest, abortSignal: AbortSignal): Promise<Exchange> {
    loading ??= import('openai')
    const { OpenAI } = await loading
    const whole: { response: Response | null } = { response: null }
    const fetchWhole = boundedFetch(origin)
    const client = new OpenAI({
      baseURL: endpoint.baseUrl,
      // The package insists on a key; a server without keys gets no header at all.
      apiKey: apiKey?.reveal() ?? 'none',
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      maxRetries: 0,
      logLevel: 'off',
      defaultHeaders: apiKey === undefined ? { authorization: null } : {},
      fetch: async (input, init) => {
        whole.response = await fetchWhole(input, init)
        return whole.response.clone()
      },
    })
    try {
      const body = { ...request, messages: [...request.messages] } as Parameters<
        typeof client.chat.completions.create
      >[0]
      await client.chat.completions.create({ ...body, stream: false }, { signal: abortSignal }).asResponse()
    } catch (error) {
      // A status that is no success arrives here as well, with its response.
      if (whole.response === null) {
        return { kind: 'fault', fault: isCausedBy(error, BodyTooLarge) ? 'too-large' : 'connection' }
      }
    }
    return whole.response === null ? { kind: 'fault', fault: 'connection' } : describe(whole.response)
  }

  async function describe(response: Response): Promise<Exchange> {
    const body = await response.text()
    return {
      kind: 'response',
      status: response.status,
      contentType: response.headers.get('content-type'),
      retryAfterMs: retryAfterOf(response.headers, timer),
      requestId: response.headers.get('x-request-id')?.slice(0, 100) ?? null,
      // An endpoint that says the key back must not bring it into a cassette.
      body: apiKey === undefined ? body : apiKey.scrub(body),
    }
  }

  return {
    async call(request, limitMs, closing) {
      const startedAt = timer.now()
      const controller = new AbortController()
      let fault: 'deadline' | 'closed' | null = null
      const end = (because: 'deadline' | 'closed') => {
        fault ??= because
        controller.abort()
      }
      const onClosing = () => end('closed')
      closing.addEventListener('abort', onClosing, { once: true })
      if (closing.aborted) end('closed')
      const cancel = timer.after(limitMs, () => end('deadline'))
      try {
        const exchange = await attempt(request, controller.signal)
        return { exchange: fault === null ? exchange : { kind: 'fault', fault }, elapsedMs: timer.now() - startedAt }
      } finally {
        cancel()
        closing.removeEventListener('abort', onClosing)
      }
    },
  }
}

function isCausedBy(error: unknown, kind: typeof BodyTooLarge): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at instanceof kind) return true
  }
  return false
}

/** `retry-after-ms`, or `retry-after` as seconds or as a date. */
function retryAfterOf(headers: Headers, timer: WallTimer): number | null {
  const exact = Number(headers.get('retry-after-ms') ?? Number.NaN)
  if (Number.isFinite(exact)) return Math.max(0, exact)
  const text = headers.get('retry-after')
  if (text === null) return null
  const seconds = Number(text)
  if (Number.isFinite(seconds)) return Math.max(0, 1_000 * seconds)
  const date = Date.parse(text)
  return Number.isNaN(date) ? null : Math.max(0, date - timer.date())
}
