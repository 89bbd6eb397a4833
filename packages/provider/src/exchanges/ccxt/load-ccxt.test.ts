import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { createVirtualClock, type VirtualClock } from '@barfinex/core'
import { afterEach, expect, test, vi } from 'vitest'
import { loadCcxt, type Wire } from './load-ccxt.js'
import type { RequestFault } from './request-fault.js'

const key = { key: 'canary-key-0123456789', secret: 'canary-secret-0123456789' }
const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

interface Heard {
  readonly line: string
  readonly body: string
  readonly headers: IncomingMessage['headers']
}

type Answer = (response: ServerResponse, heard: Heard) => void

/** A server that answers as it is told, and ccxt pointed at it. */
async function given(answer: Answer): Promise<{ wire: Wire; heard: Heard[]; port: number; clock: VirtualClock }> {
  const heard: Heard[] = []
  const server: Server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      const it = { line: `${request.method} ${request.url}`, body, headers: request.headers }
      heard.push(it)
      answer(response, it)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const clock = createVirtualClock({ startAt: 0 })
  const wire = await wireTo(port, clock)
  open.push(async () => {
    await wire.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { wire, heard, port, clock }
}

function wireTo(port: number, clock = createVirtualClock({ startAt: 0 })): Promise<Wire> {
  const rest = `http://127.0.0.1:${port}/api/v3`
  return loadCcxt({
    addresses: { rest, account: `http://127.0.0.1:${port}/sapi/v1`, streams: '', reports: '' },
    key,
    clock,
    recvWindowMs: 5_000,
    // No wall time passes for it here: the clock is moved.
    timeoutMs: 30_000,
    now: () => 1_700_000_000_000.7,
    onHeaders: () => {},
  })
}

const json =
  (status: number, body: unknown): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const order = { symbol: 'BTCUSDT', quantity: '0.00000010', newClientOrderId: 'ours-1' }
const place = (wire: Wire): Promise<RequestFault> =>
  wire.request('private', 'POST', 'order', order).then(
    () => {
      throw new Error('The request succeeded.')
    },
    (fault: RequestFault) => fault,
  )

test('C6, C19: what is sent is what was given, under our id, signed by the clock that was given', async () => {
  const { wire, heard } = await given(json(200, { orderId: 1 }))
  await wire.request('private', 'POST', 'order', order)
  const [{ line, body, headers } = { line: '', body: '', headers: {} }] = heard
  expect(line).toBe('POST /api/v3/order')
  expect(headers['x-mbx-apikey']).toBe(key.key)
  const [payload, signature] = body.split('&signature=') as [string, string]
  expect(signature).toBe(createHmac('sha256', key.secret).update(payload).digest('hex'))
  expect(Object.fromEntries(new URLSearchParams(payload))).toEqual({
    ...order,
    timestamp: '1700000000000',
    recvWindow: '5000',
  })
})

test.each<[string, Answer, string]>([
  ['no reply', () => {}, 'No whole reply in time.'],
  ['a connection that breaks', (response) => response.destroy(), 'The connection broke before a whole reply came.'],
  ['a body that stands still', (response) => void response.writeHead(200).write('{"order'), 'No whole reply in time.'],
  ['half a body', (it) => void it.writeHead(200, { 'content-length': '50' }).write('{"o', () => it.destroy()), ''],
  ['a body that is not JSON', (response) => response.writeHead(200).end('<html>'), 'The reply is not JSON.'],
  ['a body that is a number', (response) => response.writeHead(200).end('7'), 'The reply is not JSON.'],
  ['-1007', json(503, { code: -1007, msg: 'Timeout.' }), '-1007 Timeout.'],
  ['an error page', (response) => response.writeHead(502).end('<html>'), 'HTTP 502.'],
  ['a redirect', (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), ''],
])('C1: %s leaves it unclear, and nothing is sent twice', async (_name, answer, message) => {
  const { wire, heard, clock } = await given(answer)
  const placed = place(wire)
  await vi.waitUntil(() => heard.length > 0, { timeout: 20_000, interval: 5 })
  if (message === 'No whole reply in time.') await clock.advanceBy(30_000)
  const fault = await placed
  expect(fault.kind).toBe('unclear')
  if (message !== '') expect(fault.message).toBe(message)
  expect(heard).toHaveLength(1)
})

test('a server that is not there was sent nothing', async () => {
  const { port } = await given(json(200, {}))
  for (const close of open.splice(0)) await close()
  const wire = await wireTo(port)
  open.push(() => wire.close())
  expect(await place(wire)).toMatchObject({ kind: 'refused', code: null })
})

test('C15: -2015 after a success is a refusal here, which ccxt takes for a ban', async () => {
  let count = 0
  const { wire } = await given((response, it) => {
    count += 1
    json(count === 1 ? 200 : 401, count === 1 ? { orderId: 1 } : { code: -2015, msg: 'Invalid API-key.' })(response, it)
  })
  await wire.request('private', 'POST', 'order', order)
  expect(await place(wire)).toMatchObject({ kind: 'refused', code: -2015 })
})

test('C17, C18: neither a fault nor the connection itself shows key, secret or signature', async () => {
  const { wire } = await given((response) => response.destroy())
  const fault = await wire.request('private', 'GET', 'order', order).catch((it: RequestFault) => it)
  const shown = [wire, fault].map((it) => inspect(it, { depth: 12, showHidden: true }) + JSON.stringify(it)).join()
  expect(shown).not.toMatch(/canary|signature/)
  expect(wire.redact(`key ${key.key} and ${key.secret}`)).toBe('key [redacted] and [redacted]')
})
