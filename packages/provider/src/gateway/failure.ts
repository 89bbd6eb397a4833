import type { Socket } from 'node:net'
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

/** The same grammar for what is no HTTP at all, written by hand because there is no request to reply to. */
export function sendUnreadable(error: { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const isLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const line = isLarge ? '431 Request Header Fields Too Large' : isLate ? '408 Request Timeout' : '400 Bad Request'
  const what = isLarge ? 'The headers are too large.' : isLate ? 'The request came too slowly.' : 'This is not HTTP.'
  const body = JSON.stringify(failure('gateway.bad-request', what))
  const head = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`
  socket.end(`HTTP/1.1 ${line}\r\n${head}\r\n\r\n${body}`)
}

const refusals: Readonly<Record<number, string>> = {
  413: `The body is larger than ${bodyLimitBytes} bytes.`,
  415: 'Send JSON: `Content-Type: application/json`.',
}

function failure(code: string, message: string): FailureReply {
  return { error: { code, message } }
}
