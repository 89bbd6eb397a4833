import { readFileSync } from 'node:fs'
import { BarfinexError, type Log } from '@barfinex/core'
import fastifyHelmet from '@fastify/helmet'
import fastifyRateLimit from '@fastify/rate-limit'
import fastifyWebsocket from '@fastify/websocket'
import fastify, { type FastifyInstance } from 'fastify'
import type { AddressGuard } from './address-guard.js'
import { bodyLimitBytes, sendFailure, sendUnreadable } from './failure.js'
import { parseGuardedJson } from './guarded-json.js'

const maxPayloadBytes = 65_536
const maxConnections = 512
const requestsPerMinute = 1_200

export interface HttpServerOptions {
  readonly log: Log
  readonly guard: () => AddressGuard
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined
}

/** A server that refuses by default: unknown hosts and origins, big, deep or odd bodies, and too many of anything. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { log, guard, tls } = options
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: 10_000,
    connectionTimeout: 30_000,
    keepAliveTimeout: 5_000,
    forceCloseConnections: true,
    clientErrorHandler: sendUnreadable,
    // Moments and ids of trails are longer than the usual parameter.
    routerOptions: { maxParamLength: 1_200 },
    http: { headersTimeout: 5_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 16_384 },
    ...(tls === undefined ? {} : { https: { cert: readPem(tls.certFile), key: readPem(tls.keyFile) } }),
  } as object)
  app.server.maxConnections = maxConnections

  // First, because its hooks let go of the socket of an upgrade that a later hook refuses.
  await app.register(fastifyWebsocket, {
    options: { maxPayload: maxPayloadBytes, perMessageDeflate: false, clientTracking: true },
  })
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: tls === undefined ? false : { maxAge: 31_536_000, includeSubDomains: false },
  })
  app.addHook('onRequest', async (request) => {
    guard().check(request.headers)
    if (request.headers['content-encoding'] !== undefined) {
      throw new BarfinexError('gateway.bad-request', 'Send bodies without compression.')
    }
  })
  app.setErrorHandler((error, _request, reply) => sendFailure(error, reply, log))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: bodyLimitBytes },
    (_request, body, done) => {
      try {
        done(null, parseGuardedJson(body as string))
      } catch (error) {
        done(error as Error)
      }
    },
  )

  await app.register(fastifyRateLimit, {
    max: requestsPerMinute,
    timeWindow: '1 minute',
    errorResponseBuilder: (_request, { ttl }) =>
      new BarfinexError('gateway.rate-limited', `Too many requests. Try again in ${Math.ceil(ttl / 1_000)} s.`, {
        retryable: true,
      }),
  })
  app.setNotFoundHandler(() => {
    throw new BarfinexError('gateway.not-found', 'There is nothing at this address.')
  })
  return app
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new BarfinexError(
      'config.not-found',
      `The file "${path}" cannot be read. Check \`tls\` in the gateway's options.`,
      {
        cause,
      },
    )
  }
}
