import type { AddressInfo } from 'node:net'
import {
  BarfinexError,
  type Cause,
  createLifeline,
  createWallTimer,
  entropy,
  type OperatorCommand,
  parseOptions,
  type Runtime,
  type Scope,
  version,
} from '@barfinex/core'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { actRoutes } from './act-routes.js'
import { type AddressGuard, bracketed, createAddressGuard, isLoopback, isWildcard } from './address-guard.js'
import { createCredentials } from './credentials.js'
import { createDeskView } from './desk-view.js'
import { type GatewayOptions, gatewayOptions, type ParsedGatewayOptions } from './gateway-options.js'
import { createHttpServer } from './http-server.js'
import { openApiOf } from './openapi.js'
import { readRoutes } from './read-routes.js'
import { defineRoute, type Route } from './route.js'
import { serveRoute } from './serve-route.js'
import { StudioFeed } from './studio-feed.js'
import { serveTerminal } from './terminal-files.js'
import { openTokenFile } from './token-file.js'

/** What the gateway needs of the desk it opens to the world. */
export interface GatewayDesk extends Pick<Runtime, 'bus' | 'clock' | 'journal' | 'log' | 'epoch' | 'heartbeatMs'> {
  readonly mode: 'paper' | 'live'
  /** The account that commands mean when they name none. */
  readonly account: string
  /**
   * Told of every command of a person, at once. With `isAway` the bus cannot bring it to Inspector: it is carried out here. The cause
   * is `null` when the bus did not take the command at all.
   */
  readonly obeyAlone?: (command: OperatorCommand, cause: Cause | null, isAway: boolean) => void
}

export interface TicketOptions {
  /** Read and, on a paper desk, act; a live desk is unlocked with a token. */
  readonly scopes?: readonly Scope[]
  /** Who the ticket is for: it stands in the journal beside what they ask for. */
  readonly name?: string
}

/** One address, one token, one WebSocket. */
export interface Gateway {
  /** `http://127.0.0.1:49152`. Throws `service.not-ready` before the start. */
  readonly url: string
  /** File with the tokens. */
  readonly tokenFile: string
  readonly viewerCount: number
  /** An address that signs a browser in once. The ticket stands behind `#`, so no server and no log ever sees it. */
  ticketUrl(options?: TicketOptions): string
  start(): Promise<void>
  /** Closes every connection. Harmless twice. */
  stop(): Promise<void>
}

/**
 * Opens a desk to browsers and programs: HTTP, one WebSocket and the terminal, at a loopback address unless told otherwise.
 *
 * Throws `options.invalid` for options that are wrong or unsafe and `config.invalid` for a token file that others can read.
 *
 * @example
 * const gateway = createGateway({ ...runtime, mode: 'paper', account: 'paper' }, { tokenFile: 'state/tokens.json' })
 * await gateway.start()
 * console.log(gateway.ticketUrl())
 */
export function createGateway(desk: GatewayDesk, options: GatewayOptions): Gateway {
  const parsed = parseOptions(gatewayOptions, options, 'gateway')
  refuseUnsafe(parsed)
  const { bus, clock, journal, epoch, mode, account } = desk
  const log = desk.log.child({ part: 'gateway' })
  const timer = createWallTimer()
  const scheme = parsed.tls === undefined ? 'http' : 'https'
  const actScope: Scope = mode === 'paper' ? 'paper' : 'trade'
  const tokenFile = openTokenFile(parsed.tokenFile)
  const credentials = createCredentials({
    tokenFile,
    timer,
    log,
    ticketMs: parsed.ticketMs,
    sessionMs: parsed.sessionMs,
  })
  const lifeline = createLifeline(desk, 'studio', 'gateway')
  let running: {
    readonly app: FastifyInstance
    readonly feed: StudioFeed
    readonly url: string
    close(): void
  } | null = null

  function present() {
    if (running === null)
      throw new BarfinexError('service.not-ready', 'The gateway is not started. Await start() first.')
    return running
  }

  async function start(): Promise<void> {
    if (running !== null) return
    let guard: AddressGuard | null = null
    const app = await createHttpServer({
      log,
      tls: parsed.tls,
      guard: () => {
        if (guard === null) throw new BarfinexError('service.not-ready', 'The gateway is starting.')
        return guard
      },
    })
    const view = createDeskView(bus)
    const feed = new StudioFeed({
      view,
      credentials,
      clock,
      timer,
      incarnation: Buffer.from(entropy(9)).toString('base64url'),
      mode,
      account,
      actScope,
      version,
      flushMs: parsed.flushMs,
      viewerBufferBytes: parsed.viewerBufferBytes,
      maxViewers: parsed.maxViewers,
    })
    const close = () => {
      feed.close()
      view.close()
    }
    try {
      const routes: Route[] = [
        ...readRoutes({ view, bus, clock, journal, account }),
        ...actRoutes({ bus, clock, log, credentials, epoch, account, actScope, obeyAlone: desk.obeyAlone }),
      ]
      const document = openApiOf(routes, version)
      routes.push(
        defineRoute({
          path: '/api/openapi.json',
          summary: 'This API as an OpenAPI document',
          scope: null,
          reply: z.unknown(),
          handle: () => document,
        }),
      )
      for (const route of routes) serveRoute(app, route, credentials)
      app.get('/ws', { websocket: true }, (socket, request) => {
        const input = feed.connect(socket, request.ip)
        socket.on('message', (data, isBinary) => input.message(isBinary ? '' : data.toString()))
        socket.on('pong', () => input.pong())
        socket.on('close', () => input.closed())
      })
      if (parsed.terminalDirectory !== undefined) await serveTerminal(app, parsed.terminalDirectory)
      await app.listen({ host: parsed.host, port: parsed.port })
    } catch (error) {
      close()
      await app.close()
      throw portTaken(error, parsed)
    }
    const { port } = app.server.address() as AddressInfo
    guard = createAddressGuard({
      host: parsed.host,
      port,
      isSecure: parsed.tls !== undefined,
      hosts: parsed.hosts.map((host) => host.toLowerCase()),
      origins: parsed.origins.map((origin) => origin.toLowerCase()),
    })
    const url = `${scheme}://${shownHost(parsed, port)}`
    running = { app, feed, url, close }
    if (tokenFile.isNew) log.info('made a new token; keep this file to yourself', { file: parsed.tokenFile })
    lifeline.beat()
    lifeline.set('ready', 'service.ready', `Serving Studio at ${url}.`)
  }

  return {
    get url() {
      return present().url
    },
    tokenFile: parsed.tokenFile,
    get viewerCount() {
      return running?.feed.viewerCount ?? 0
    },
    ticketUrl(ticket = {}) {
      const scopes = ticket.scopes ?? (mode === 'paper' ? ['read', 'paper'] : ['read'])
      return `${present().url}/#ticket=${credentials.issueTicket(ticket.name ?? 'ticket', scopes)}`
    },
    start,
    async stop() {
      if (running === null) return
      const { app, close } = running
      running = null
      lifeline.set('stopped', 'service.stopped', 'Studio is no longer served.')
      lifeline.stop()
      close()
      await app.close()
    },
  }
}

/** Where a browser finds us: the first name given for an address that is none, else the address itself. */
function shownHost({ host, hosts }: ParsedGatewayOptions, port: number): string {
  const [name] = hosts
  return isWildcard(host) && name !== undefined ? name : `${bracketed(host)}:${port}`
}

function refuseUnsafe(options: ParsedGatewayOptions): void {
  if (isLoopback(options.host)) return
  if (!options.allowRemote || options.tls === undefined) {
    throw new BarfinexError(
      'options.invalid',
      `gateway: "${options.host}" can be reached from other machines. Keep 127.0.0.1 (and use a tunnel), or set both \`allowRemote: true\` and \`tls\`.`,
    )
  }
}

function portTaken(error: unknown, { host, port }: ParsedGatewayOptions): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error
  const why = code === 'EADDRINUSE' ? 'is taken' : 'may not be used'
  return new BarfinexError(
    'options.invalid',
    `gateway: port ${port} of ${host} ${why}. Choose another, or 0 for any free one.`,
    {
      cause: error,
    },
  )
}
