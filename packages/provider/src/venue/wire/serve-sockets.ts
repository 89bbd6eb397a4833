import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WallTimer } from '@barfinex/core'
import { type WebSocket, WebSocketServer } from 'ws'
import { VenueError, type VenueWorld } from '../venue-world.js'
import type { CallDesk } from './call-desk.js'
import { type MarketSocketOptions, readStreamTarget, serveMarketSocket } from './market-socket.js'
import type { Operation } from './operation.js'
import type { RateLimits } from './rate-limits.js'
import { serveApiSocket } from './serve-api-socket.js'
import type { SocketRegistry } from './socket-registry.js'
import { createStreamHub } from './stream-hub.js'
import { VenueSocket } from './venue-socket.js'

const mostFrameBytes = 65_536

export interface SocketServerOptions {
  readonly world: VenueWorld
  readonly wall: WallTimer
  readonly desk: CallDesk
  readonly limits: RateLimits
  readonly operations: readonly Operation[]
  readonly sockets: SocketRegistry
  readonly streamLimits: MarketSocketOptions
  accountOfListenKey(key: string): string | undefined
}

/** Takes WebSockets on the venue's port: market streams, `/fstream` for perpetuals, and the WebSocket API. Returns how to end it. */
export function serveSockets(server: Server, options: SocketServerOptions): () => void {
  const { world, wall, desk, limits, sockets } = options
  // Pongs are ours to give: a socket that is half open answers nothing.
  const door = new WebSocketServer({
    noServer: true,
    maxPayload: mostFrameBytes,
    perMessageDeflate: false,
    autoPong: false,
  })
  const hubs = {
    spot: createStreamHub(world, 'spot'),
    usdm: createStreamHub(world, 'usdm', options.accountOfListenKey),
  }
  const hanging = new Set<Duplex>()
  const methods = new Map<string, Operation>()
  for (const operation of options.operations) {
    if (operation.method !== undefined) methods.set(operation.method, operation)
  }

  /** What serves the socket at this address, if anything does. */
  function serverOf(path: string, query: string, address: string): ((ws: WebSocket) => void) | undefined {
    if (path.replace(/\/$/, '') === '/ws-api/v3') {
      return (ws) => {
        const socket = new VenueSocket(ws, 'api', world, wall)
        const limitRow = () => limits.row(address)
        sockets.add(socket, serveApiSocket(socket, { world, desk, operations: methods, address, limitRow }))
      }
    }
    const isUsdm = path.startsWith('/fstream/')
    // Perpetuals keep public, market and private streams apart by address; here they are one.
    const target = readStreamTarget(path.replace(/^\/fstream(\/(public|market|private))?/, ''), query)
    if (target === undefined) return undefined
    return (ws) => {
      const socket = new VenueSocket(ws, 'market', world, wall)
      sockets.add(socket)
      serveMarketSocket(socket, target, world, isUsdm ? hubs.usdm : hubs.spot, options.streamLimits)
    }
  }

  /** A dial that nobody answers; the other side, or the venue's end, gives it up. */
  function hang(stream: Duplex): void {
    hanging.add(stream)
    stream.once('close', () => hanging.delete(stream))
  }

  function upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', () => stream.destroy())
    const url = request.url ?? '/'
    const mark = url.indexOf('?')
    const path = mark === -1 ? url : url.slice(0, mark)
    const address = request.socket.remoteAddress ?? 'unknown'
    let waitMs = 0
    for (const fault of world.faults.strike(`DIAL ${path}`)) {
      if (fault.do === 'hang') {
        hang(stream)
        return
      }
      if (fault.do === 'reset') return void stream.destroy()
      if (fault.do === 'error') {
        refuse(stream, fault.httpStatus)
        return
      }
      if (fault.do === 'delay') waitMs += fault.ms
    }
    const serve = serverOf(path, mark === -1 ? '' : url.slice(mark + 1), address)
    if (serve === undefined) {
      refuse(stream, 404)
      return
    }
    try {
      limits.dial(address)
    } catch (error) {
      if (error instanceof VenueError) {
        refuse(stream, error.httpStatus)
        return
      }
      throw error
    }
    const open = () => door.handleUpgrade(request, stream, head, serve)
    if (waitMs > 0) world.after(waitMs, open)
    else open()
  }

  server.on('upgrade', upgrade)
  return () => {
    server.off('upgrade', upgrade)
    for (const stream of hanging) stream.destroy()
    for (const client of door.clients) client.terminate()
    hubs.spot.close()
    hubs.usdm.close()
  }
}

function refuse(stream: Duplex, status: number): void {
  stream.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
