import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

const mostBodyBytes = 262_144
const mostConnections = 1_024

/** One request with its whole body. */
export interface HttpCall {
  readonly method: string
  readonly path: string
  /** Raw, without the question mark. */
  readonly query: string
  /** Raw. */
  readonly body: string
  readonly headers: IncomingMessage['headers']
  readonly address: string
  reply(status: number, headers: Readonly<Record<string, string>>, body: string): void
  /** Cuts the connection without a reply. */
  reset(): void
}

/** A plain HTTP server with bounds on time, size and number. It reads whole bodies and hands them on. */
export function createHttpDoor(serve: (call: HttpCall) => void): Server {
  const server = createServer(
    { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 30_000, maxHeaderSize: 16_384 },
    (request, response) => read(request, response, serve),
  )
  server.maxConnections = mostConnections
  server.on('clientError', (_error, socket) => socket.destroy())
  return server
}

function read(request: IncomingMessage, response: ServerResponse, serve: (call: HttpCall) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  const reply: HttpCall['reply'] = (status, headers, body) => {
    if (response.destroyed || response.writableEnded) return
    response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8', ...headers })
    response.end(body)
  }
  request.on('error', () => request.socket.destroy())
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > mostBodyBytes) {
      reply(413, { connection: 'close' }, '{"code":-1000,"msg":"The body is too large."}')
      request.destroy()
      return
    }
    chunks.push(chunk)
  })
  request.on('end', () => {
    const url = request.url ?? '/'
    const mark = url.indexOf('?')
    serve({
      method: request.method ?? 'GET',
      path: mark === -1 ? url : url.slice(0, mark),
      query: mark === -1 ? '' : url.slice(mark + 1),
      body: Buffer.concat(chunks).toString(),
      headers: request.headers,
      address: request.socket.remoteAddress ?? 'unknown',
      reply,
      reset: () => request.socket.destroy(),
    })
  })
}
