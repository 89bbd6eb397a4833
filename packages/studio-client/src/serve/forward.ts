import { type ClientRequest, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'

/** Headers that belong to one connection and not to the message. */
const ofConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
])
const answerWithinMs = 15_000

/** Hands requests and the WebSocket on to Provider's gateway, as if the browser stood before it. */
export interface Forward {
  request(incoming: IncomingMessage, response: ServerResponse): void
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void
}

/** Who may ask has been looked at by then: the origin is put in the place of the gateway's own. */
export function createForward(provider: URL): Forward {
  const send = provider.protocol === 'https:' ? httpsRequest : httpRequest

  function open(incoming: IncomingMessage, extra: Readonly<Record<string, string>>): ClientRequest {
    const headers: Record<string, string | string[]> = {}
    for (const [name, value] of Object.entries(incoming.headers)) {
      if (value !== undefined && !ofConnection.has(name)) headers[name] = value
    }
    headers['host'] = provider.host
    if (incoming.headers.origin !== undefined) headers['origin'] = provider.origin
    return send(new URL(incoming.url ?? '/', provider), {
      method: incoming.method,
      headers: { ...headers, ...extra },
      agent: false,
    })
  }

  return {
    request(incoming, response) {
      const outgoing = open(incoming, {})
      outgoing.setTimeout(answerWithinMs, () => outgoing.destroy(new Error('no answer in time')))
      outgoing.on('response', (answer) => {
        const headers = Object.entries(answer.headers).filter(([name]) => !ofConnection.has(name))
        response.writeHead(answer.statusCode ?? 502, Object.fromEntries(headers))
        answer.pipe(response)
        answer.on('error', () => response.destroy())
      })
      outgoing.on('error', () => unreachable(response))
      incoming.on('error', () => outgoing.destroy())
      response.on('close', () => outgoing.destroy())
      incoming.pipe(outgoing)
    },
    upgrade(incoming, socket, head) {
      const outgoing = open(incoming, { connection: 'Upgrade', upgrade: 'websocket' })
      const drop = () => {
        outgoing.destroy()
        socket.destroy()
      }
      socket.on('error', drop)
      outgoing.on('error', drop)
      // A refusal is an ordinary answer: its status is all the browser would show.
      outgoing.on('response', (answer) => {
        answer.resume()
        socket.end(`HTTP/1.1 ${answer.statusCode ?? 502} ${answer.statusMessage ?? ''}\r\nconnection: close\r\n\r\n`)
      })
      outgoing.on('upgrade', (answer, far, farHead) => {
        const lines = answer.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : []))
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
        if (farHead.length > 0) socket.write(farHead)
        if (head.length > 0) far.write(head)
        far.on('error', drop)
        far.on('close', () => socket.destroy())
        socket.on('close', () => far.destroy())
        far.pipe(socket)
        socket.pipe(far)
      })
      outgoing.end()
    },
  }
}

function unreachable(response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(502, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ error: { code: 'gateway.unreachable', message: 'Provider does not answer.' } }))
}
