import { schemas } from '@barfinex/core'
import { z } from 'zod'
import type { Route } from './route.js'

type Json = Readonly<Record<string, unknown>>

/** The OpenAPI 3.1 document of these routes, made from the schemas that check them. */
export function openApiOf(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const operations = paths[route.path] ?? {}
    operations[route.method.toLowerCase()] = operationOf(route)
    paths[route.path] = operations
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Barfinex',
      version,
      description:
        'One token, scopes read, paper, trade, admin (each includes those before). Requests that change something need `Content-Type: application/json` and the header `x-barfinex-request`. Live changes: WebSocket `/ws`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  }
}

function operationOf(route: Route): Json {
  const failure = { description: 'Refused', content: json(schemas.failureReply, 'output') }
  return {
    summary: route.summary,
    operationId: `${route.method.toLowerCase()}${route.path.replace(/[^a-z]+(\w)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase())}`,
    ...(route.scope === null ? {} : { security: [{ bearer: [] }], 'x-scope': route.scope }),
    parameters: [
      ...parametersOf(route.params, 'path'),
      ...parametersOf(route.query, 'query'),
      ...(route.method === 'GET'
        ? []
        : [{ name: 'x-barfinex-request', in: 'header', required: true, schema: { type: 'string' } }]),
    ],
    ...(route.body === null ? {} : { requestBody: { required: true, content: json(route.body, 'input') } }),
    responses: {
      [String(route.status ?? 200)]: { description: 'Done', content: json(route.reply, 'output') },
      ...(route.statusOf === undefined ? {} : { 503: { description: 'No', content: json(route.reply, 'output') } }),
      default: failure,
    },
  }
}

function parametersOf(schema: z.ZodType | null, place: 'path' | 'query'): readonly Json[] {
  if (schema === null) return []
  const { properties = {}, required = [] } = jsonSchema(schema, 'input')
  return Object.entries(properties).map(([name, it]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: it,
  }))
}

function json(schema: z.ZodType, io: 'input' | 'output'): Json {
  return { 'application/json': { schema: jsonSchema(schema, io) } }
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
