import type { IncomingHttpHeaders } from 'node:http'
import { BarfinexError, covers, type Scope } from '@barfinex/core'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Credentials, Principal } from './credentials.js'
import type { Route } from './route.js'

/** Requests that change something carry it: a page of another origin cannot set it without being asked for leave first. */
const requestHeader = 'x-barfinex-request'

/** Serves a described route: checks who asks, then what is asked, then answers. */
export function serveRoute(app: FastifyInstance, route: Route, credentials: Credentials): void {
  app.route({
    method: route.method,
    url: route.path.replace(/\{(\w+)\}/g, ':$1'),
    handler: async (request, reply) => {
      if (route.method !== 'GET') refuseForeign(request)
      const credential = bearerOf(request.headers)
      const principal = route.scope === null ? null : allow(credentials, credential, request.ip, route.scope)
      const query = checked(route.query, request.query, 'query')
      const result = await route.handle({
        params: checked(route.params, request.params, 'path'),
        query,
        body: checked(route.body, request.body, 'body'),
        principal,
        credential,
        address: request.ip,
      })
      return reply
        .code(route.statusOf?.(result, query) ?? route.status ?? 200)
        .header('cache-control', 'no-store')
        .send(result)
    },
  })
}

function allow(credentials: Credentials, credential: string | undefined, address: string, scope: Scope): Principal {
  const principal = credentials.identify(credential, address)
  if (!covers(principal.scopes, scope)) {
    throw new BarfinexError('gateway.forbidden', `This needs the scope "${scope}".`)
  }
  return principal
}

function refuseForeign(request: FastifyRequest): void {
  if (request.headers[requestHeader] === undefined) {
    throw new BarfinexError('gateway.forbidden', `Requests that change something need the header "${requestHeader}".`)
  }
  // What a form can post, another site can post.
  if (request.method === 'POST' && !/^application\/json(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new BarfinexError('gateway.bad-request', 'Send JSON: `Content-Type: application/json`.')
  }
}

function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  const match = /^Bearer ([A-Za-z0-9_-]{16,200})$/.exec(headers.authorization ?? '')
  return match?.[1]
}

function checked(schema: Route['body'], value: unknown, where: string): unknown {
  if (schema === null) return null
  const parsed = schema.safeParse(value ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = issue?.path.join('.') ?? ''
  throw new BarfinexError('gateway.bad-request', `${where}${path === '' ? '' : ` "${path}"`}: ${issue?.message ?? ''}`)
}
