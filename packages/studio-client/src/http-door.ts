import {
  BarfinexError,
  type ErrorCode,
  errorCodes,
  failureReply,
  type SessionReply,
  sessionReply,
  type WallTimer,
} from '@barfinex/core/browser'

const deadlineMs = 10_000

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
  readonly credential?: string | undefined
  readonly abortSignal?: AbortSignal | undefined
}

/** Checks a reply; any schema of core does. */
export interface ReplySchema<Reply> {
  safeParse(value: unknown): { readonly success: true; readonly data: Reply } | { readonly success: false }
}

/** One request to a gateway. Rejects with the gateway's own code, or `gateway.unreachable` when no answer came. */
export async function request<Reply>(
  url: string,
  timer: WallTimer,
  schema: ReplySchema<Reply>,
  options: HttpRequest,
): Promise<Reply> {
  const { method = 'GET', path, query = {}, body, credential, abortSignal } = options
  const address = new URL(path, url)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) address.searchParams.set(name, String(value))
  }
  const deadline = new AbortController()
  const cancel = timer.after(deadlineMs, () => deadline.abort())
  const signals = abortSignal === undefined ? [deadline.signal] : [deadline.signal, abortSignal]
  let response: Response
  let reply: unknown
  try {
    response = await fetch(address, {
      method,
      headers: {
        ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
        ...(method === 'GET' ? {} : { 'x-barfinex-request': '1' }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.any(signals),
    })
    reply = await response.json()
  } catch (cause) {
    abortSignal?.throwIfAborted()
    throw new BarfinexError('gateway.unreachable', `No answer from ${address.origin}. Is the desk running?`, {
      retryable: true,
      cause,
    })
  } finally {
    cancel()
  }
  const parsed = schema.safeParse(reply)
  if (parsed.success) return parsed.data
  const failure = failureReply.safeParse(reply)
  const code = failure.success ? failure.data.error.code : ''
  throw new BarfinexError(
    (errorCodes as readonly string[]).includes(code) ? (code as ErrorCode) : 'gateway.failed',
    failure.success ? failure.data.error.message : `The answer of ${address.pathname} is not what it should be.`,
    { details: { status: response.status } },
  )
}

/** A short-lived session, for a one-time ticket or for a token. */
export function openSession(
  url: string,
  timer: WallTimer,
  secret: { readonly ticket: string } | { readonly token: string },
  abortSignal?: AbortSignal,
): Promise<SessionReply> {
  return request(url, timer, sessionReply, {
    method: 'POST',
    path: '/api/session',
    body: 'ticket' in secret ? { ticket: secret.ticket } : {},
    credential: 'token' in secret ? secret.token : undefined,
    abortSignal,
  })
}
