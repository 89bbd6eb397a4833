import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServiceName, ServiceStatus } from '../flow/7-service.js'
import type { Reason } from '../flow/primitives.js'
import { BarfinexError } from '../runtime/error.js'

/** What a daemon says of itself. */
export interface DaemonHealth {
  readonly service: ServiceName
  readonly instance: string
  /** Which start of it this is; 0 before it holds its lease. */
  readonly epoch: number
  /** Where in its life it is. */
  readonly phase: 'connecting' | 'waiting' | 'starting' | 'running' | 'draining'
  /** The service's own word; `null` before it is built. */
  readonly status: Pick<ServiceStatus, 'state' | 'code' | 'message'> | null
  /** True when it would do its part in a trade now. */
  readonly ready: boolean
  /** What stands in the way. */
  readonly reasons: readonly Reason[]
  readonly bus: {
    readonly connected: boolean
    readonly queued: number
    readonly dropped: number
    readonly deadLetters: number
  } | null
  /** Messages in its journal. */
  readonly journalCount: number
}

export interface Probe {
  readonly url: string
  close(): Promise<void>
}

/**
 * Three answers for a supervisor, on the loopback interface only: `/live` (the event loop turns), `/ready` (200 while it would do
 * its part in a trade, else 503), `/health` (all of it as JSON). There is nothing secret in them, and nothing can be changed.
 */
export async function openProbe(host: string, port: number, health: () => DaemonHealth): Promise<Probe> {
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) =>
    answer(request, response, health),
  )
  server.maxConnections = 64
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `The probe's port ${port} of ${host} cannot be used. Choose another, or 0 for any free one.`
      reject(new BarfinexError('config.invalid', message, { cause }))
    })
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function answer(request: IncomingMessage, response: ServerResponse, health: () => DaemonHealth): void {
  const reply = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(request.method === 'HEAD' ? undefined : `${JSON.stringify(body)}\n`)
  }
  const path = request.url?.split('?')[0]
  if (request.method !== 'GET' && request.method !== 'HEAD') reply(405, { error: 'GET and HEAD only' })
  else if (path === '/live') reply(200, { live: true })
  else if (path === '/health') reply(200, health())
  else if (path === '/ready') {
    const { ready, reasons } = health()
    reply(ready ? 200 : 503, { ready, reasons })
  } else reply(404, { error: 'ask for /live, /ready or /health' })
}
