import type { Scope } from '@barfinex/core'
import type { z } from 'zod'
import type { Principal } from './credentials.js'

/** What a route's handler gets: everything checked already. */
export interface RouteCall<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** Who asks; `null` where the route is open to everyone. */
  readonly principal: Principal | null
  readonly credential: string | undefined
  readonly address: string
}

/** One operation of the HTTP API, described once: for the server and for its OpenAPI document. */
export interface Route<Params = unknown, Query = unknown, Body = unknown, Reply = unknown> {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** `/api/explain/{id}`, as OpenAPI writes it. */
  readonly path: string
  readonly summary: string
  /** Scope it needs; `null` for none. */
  readonly scope: Scope | null
  readonly params: z.ZodType<Params> | null
  readonly query: z.ZodType<Query> | null
  readonly body: z.ZodType<Body> | null
  readonly reply: z.ZodType<Reply>
  /** Status of success; 200 when absent. */
  readonly status?: number
  /** Status by reply, where it is part of the answer. */
  readonly statusOf?: (reply: Reply, query: Query) => number
  handle(call: RouteCall<Params, Query, Body>): Reply | Promise<Reply>
}

type RouteOptions<Params, Query, Body, Reply> = Omit<
  Route<Params, Query, Body, Reply>,
  'params' | 'query' | 'body' | 'method'
> &
  Partial<Pick<Route<Params, Query, Body, Reply>, 'params' | 'query' | 'body' | 'method'>>

/** Describes a route; what is not named is not accepted. */
export function defineRoute<Params = null, Query = null, Body = null, Reply = unknown>(
  options: RouteOptions<Params, Query, Body, Reply>,
): Route {
  return { method: 'GET', params: null, query: null, body: null, ...options } as unknown as Route
}
