import { BarfinexError, type FailureReply, type Log } from '@barfinex/core'
import type { FastifyReply } from 'fastify'

export const bodyLimitBytes = 262_144

const statuses: Readonly<Record<string, number>> = {
  'gateway.bad-request': 400,
  'gateway.unauthorized': 401,
  'gateway.forbidden': 403,
  'gateway.not-found': 404,
  'gateway.rate-limited': 429,
  'bus.no-responder': 503,
  'bus.timeout': 504,
}

/** Turns whatever was thrown into a reply: our faults by their code, everything else without its inside. */
export function sendFailure(error: unknown, reply: FastifyReply, log: Log): FastifyReply {
  if (BarfinexError.is(error)) {
    const status = statuses[error.code] ?? 500
    if (status === 500) log.error('a request failed', { error })
    if (status === 401) reply.header('www-authenticate', 'Bearer')
    const retryAfter = error.details['retryAfterSeconds']
    if (typeof retryAfter === 'number') reply.header('retry-after', String(retryAfter))
    return reply.code(status).send(failure(error.code, error.message))
  }
  const status = (error as { statusCode?: number }).statusCode ?? 500
  if (status >= 400 && status < 500)
    return reply.code(status).send(failure('gateway.bad-request', refusals[status] ?? 'The request cannot be read.'))
  log.error('a request failed', { error })
  return reply.code(500).send(failure('gateway.failed', 'Something went wrong inside. The log says what.'))
}

const refusals: Readonly<Record<number, string>> = {
  413: `The body is larger than ${bodyLimitBytes} bytes.`,
  415: 'Send JSON: `Content-Type: application/json`.',
}

function failure(code: string, message: string): FailureReply {
  return { error: { code, message } }
}
