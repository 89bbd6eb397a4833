import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { BarfinexError } from '@barfinex/core'
import { createForward } from './forward.js'
import type { Page } from './terminal-pages.js'

/** As strict as the gateway's own: nothing from elsewhere, nothing in line, no frame around it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join(';')

const safety = {
  'content-security-policy': policy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

export interface StudioServer {
  readonly url: string
  close(): Promise<void>
}

export interface StudioServerOptions {
  readonly host: string
  readonly port: number
  readonly provider: URL
  readonly pages: ReadonlyMap<string, Page>
}

/** Serves the terminal; `/api` and `/ws` are the gateway's. Only its own names and pages may ask. */
export async function openStudioServer({ host, port, provider, pages }: StudioServerOptions): Promise<StudioServer> {
  const forward = createForward(provider)
  const sockets = new Set<Duplex>()
  let hosts: ReadonlySet<string> = new Set()

  /** A page of another site, or one that has made our address its own, gets nothing. */
  function isOurs({ headers }: IncomingMessage): boolean {
    if (headers.host === undefined || !hosts.has(headers.host.toLowerCase())) return false
    if (headers.origin !== undefined) return hosts.has(headers.origin.toLowerCase().replace(/^http:\/\//, ''))
    const site = headers['sec-fetch-site']
    const isOwnSite = site === undefined || site === 'same-origin' || site === 'none'
    return isOwnSite || headers['sec-fetch-mode'] === 'navigate'
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '/').split(/[?#]/)[0] as string
    const page = request.method === 'GET' || request.method === 'HEAD' ? pages.get(path) : undefined
    if (!isOurs(request)) refuse(response, 403, 'gateway.forbidden', 'Use the address that Studio printed.')
    else if (path.startsWith('/api/')) forward.request(request, response)
    else if (page === undefined) refuse(response, 404, 'gateway.not-found', 'There is nothing at this address.')
    else show(response, page, request.method === 'HEAD')
  }

  const server = createServer({ headersTimeout: 5_000, requestTimeout: 15_000, maxHeaderSize: 16_384 }, answer)
  server.maxConnections = 256
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request, socket, head) => {
    if (isOurs(request) && request.url?.split('?')[0] === '/ws') forward.upgrade(request, socket, head)
    else socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
  })
  await listening(server, host, port)
  const actual = (server.address() as AddressInfo).port
  hosts = new Set(['127.0.0.1', 'localhost', '[::1]', host].map((name) => `${name}:${actual}`))
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `studio: port ${port} of ${host} cannot be used. Choose another, or 0 for any free one.`
      reject(new BarfinexError('options.invalid', message, { cause }))
    })
    server.listen(port, host, resolve)
  })
}

function show(response: ServerResponse, page: Page, isHead: boolean): void {
  response.writeHead(200, {
    ...safety,
    'content-type': page.type,
    'content-length': page.content.length,
    'cache-control': page.isImmutable ? 'public, max-age=31536000, immutable' : 'no-store',
  })
  response.end(isHead ? undefined : page.content)
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { ...safety, 'content-type': 'application/json' })
  response.end(JSON.stringify({ error: { code, message } }))
}
