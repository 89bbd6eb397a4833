import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { openStudioServer } from './studio-server.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A gateway that says what it was asked, and echoes on its WebSocket. */
async function givenGateway(): Promise<URL> {
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { method, url, headers } = incoming
      response.writeHead(headers.authorization === undefined ? 401 : 200, { 'content-type': 'application/json' })
      const { host, origin, authorization } = headers
      response.end(JSON.stringify({ method, url, host, origin, authorization, body: Buffer.concat(chunks).toString() }))
    })
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (incoming, socket, head) => {
    if (incoming.headers.origin === undefined) socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n')
    else {
      sockets.handleUpgrade(incoming, socket, head, (client) => {
        client.on('message', (data) => client.send(`${incoming.headers.origin} ${data.toString()}`))
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    for (const client of sockets.clients) client.terminate()
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

async function givenStudio(provider: URL) {
  const page = { type: 'text/html', content: Buffer.from('<title>terminal</title>'), isImmutable: false }
  const studio = await openStudioServer({ host: '127.0.0.1', port: 0, provider, pages: new Map([['/', page]]) })
  closing.push(() => studio.close())
  return studio.url
}

/** What a socket came to: its first message, or the status of the refusal. */
function socketTo(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers })
    closing.push(() => socket.terminate())
    socket.on('open', () => socket.send('hello'))
    socket.on('message', (data) => resolve(data.toString()))
    socket.on('unexpected-response', (_, response) => resolve(String(response.statusCode)))
    socket.on('error', reject)
  })
}

describe('Studio before the gateway', () => {
  it('hands requests on as they are, with the gateway for host and origin', async () => {
    const provider = await givenGateway()
    const url = await givenStudio(provider)
    const answer = await fetch(`${url}/api/commands?x=1`, {
      method: 'POST',
      headers: { origin: url, authorization: 'Bearer token', 'content-type': 'application/json' },
      body: '{"type":"halt"}',
    })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({
      method: 'POST',
      url: '/api/commands?x=1',
      host: provider.host,
      origin: provider.origin,
      authorization: 'Bearer token',
      body: '{"type":"halt"}',
    })
    expect((await fetch(`${url}/api/health`)).status).toBe(401)
  })

  it('serves the terminal with a strict policy, and nothing else', async () => {
    const url = await givenStudio(await givenGateway())
    const page = await fetch(url)
    expect(await page.text()).toContain('terminal')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    for (const path of ['/package.json', '/../package.json', '/%2e%2e/package.json']) {
      expect((await fetch(`${url}${path}`)).status, path).toBe(404)
    }
    expect((await fetch(url, { method: 'POST' })).status).toBe(404)
  })

  it('carries the WebSocket both ways, and a refusal', async () => {
    const provider = await givenGateway()
    const url = await givenStudio(provider)
    const socket = url.replace('http', 'ws')
    expect(await socketTo(`${socket}/ws`, { origin: url })).toBe(`${provider.origin} hello`)
    expect(await socketTo(`${socket}/ws`, {})).toBe('401')
    expect(await socketTo(`${socket}/ws`, { origin: 'https://elsewhere.example' })).toBe('403')
    expect(await socketTo(`${socket}/other`, { origin: url })).toBe('403')
  })

  it('refuses pages of other sites and names that are not its own', async () => {
    const url = await givenStudio(await givenGateway())
    for (const origin of ['https://elsewhere.example', 'null', 'https://127.0.0.1:1']) {
      expect((await fetch(`${url}/api/health`, { headers: { origin } })).status, origin).toBe(403)
    }
    const status = await new Promise((resolve) => {
      request(url, { headers: { host: 'rebound.example' } }, (response) => resolve(response.statusCode)).end()
    })
    expect(status).toBe(403)
  })

  it('says so when Provider does not answer', async () => {
    const url = await givenStudio(new URL('http://127.0.0.1:1'))
    const answer = await fetch(`${url}/api/health`)
    expect(answer.status).toBe(502)
    expect(await answer.json()).toMatchObject({ error: { code: 'gateway.unreachable' } })
  })
})
