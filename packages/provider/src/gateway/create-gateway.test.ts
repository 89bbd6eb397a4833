import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BarfinexError,
  type Bus,
  createLog,
  createMemoryBus,
  createMemoryJournal,
  createVirtualClock,
  flow,
  type OperatorCommand,
  type OrderCommand,
  queries,
  type Scope,
  type VirtualClock,
} from '@barfinex/core'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateway, type Gateway, type GatewayDesk, type GatewayOptions } from './index.js'

const startAt = Date.UTC(2026, 0, 5, 12)
const token = (letter: string) => letter.repeat(43)
const tokens = { read: token('r'), paper: token('p'), trade: token('t'), admin: token('a') }

let directory: string
let bus: Bus
let clock: VirtualClock
let lines: string[]
let started: Gateway[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'barfinex-gateway-'))
  bus = createMemoryBus()
  clock = createVirtualClock({ startAt })
  lines = []
  started = []
})

afterEach(async () => {
  for (const gateway of started) await gateway.stop()
  rmSync(directory, { recursive: true })
})

const tokenFile = () => join(directory, 'state', 'tokens.json')

function make(options: Partial<GatewayOptions> = {}, mode: GatewayDesk['mode'] = 'paper'): Gateway {
  const log = createLog({ level: 'debug', write: (line) => lines.push(line) })
  const journal = createMemoryJournal()
  bus.tap((envelope, channel) => journal.append(envelope, channel))
  const desk = { bus, clock, journal, log, epoch: 3, heartbeatMs: 5_000, mode, account: 'paper' }
  const gateway = createGateway(desk, { tokenFile: tokenFile(), ...options })
  started.push(gateway)
  return gateway
}

/** A gateway whose token file has one token per scope. */
async function open(options: Partial<GatewayOptions> = {}, mode: GatewayDesk['mode'] = 'paper'): Promise<Gateway> {
  const path = join(directory, 'tokens.json')
  const list = Object.entries(tokens).map(([scope, secret]) => ({
    name: `of-${scope}`,
    token: secret,
    scopes: [scope],
  }))
  writeFileSync(path, JSON.stringify({ tokens: list }), { mode: 0o600 })
  const gateway = make({ tokenFile: path, ...options }, mode)
  await gateway.start()
  return gateway
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: { readonly error?: { readonly code: string; readonly message: string } } & Record<string, unknown>
}

/** Plain HTTP, because `fetch` would not let a test lie about Host and Origin. */
function ask(
  gateway: Gateway,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer; as?: Scope } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body, as } = options
  return new Promise((resolve, reject) => {
    const request = httpRequest(new URL(path, gateway.url), {
      method,
      headers: { ...(as === undefined ? {} : { authorization: `Bearer ${tokens[as]}` }), ...headers },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const isJson = response.headers['content-type']?.includes('json') ?? false
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: isJson ? JSON.parse(text) : {} })
      })
    })
    request.end(body)
  })
}

const change = { 'content-type': 'application/json', 'x-barfinex-request': '1' }
const post = (gateway: Gateway, path: string, body: unknown, as?: Scope, headers: Record<string, string> = change) =>
  ask(gateway, path, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(as === undefined ? {} : { as }),
  })

function commandsOn(): OperatorCommand[] {
  const seen: OperatorCommand[] = []
  bus.subscribe(flow.operatorCommand, ({ payload }) => void seen.push(payload))
  return seen
}

describe('where it listens', () => {
  it('answers on loopback and on no other address', async () => {
    const gateway = await open()
    const { port } = new URL(gateway.url)
    expect((await ask(gateway, '/api/services', { as: 'read' })).status).toBe(200)
    const others = Object.values(networkInterfaces())
      .flat()
      .filter((it) => it !== undefined && !it.internal && it.family === 'IPv4')
    for (const other of others) {
      const outcome = await new Promise<string>((resolve) => {
        const socket = connect(Number(port), other?.address)
        socket.on('connect', () => resolve('answered'))
        socket.on('error', () => resolve('refused'))
      })
      expect(outcome).toBe('refused')
    }
  })

  it.each([
    ['no HTTP at all', 'rubbish\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('answers %s in the grammar of all failures', async (_, sent, status) => {
    const { port } = new URL((await open()).url)
    const answer = await new Promise<string>((resolve, reject) => {
      let text = ''
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(sent))
      socket.on('data', (chunk) => {
        text += String(chunk)
      })
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
    })
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toEqual({
      error: { code: 'gateway.bad-request', message: expect.any(String) },
    })
  })

  it.each([
    [{ host: '0.0.0.0' }],
    [{ host: '0.0.0.0', allowRemote: true }],
    [{ host: '192.0.2.1', tls: { certFile: 'a', keyFile: 'b' } }],
  ])('refuses %o and says what to do', (options) => {
    expect(() => make(options)).toThrowError(/allowRemote: true.*tls/)
  })

  it('names a port that is taken, and what to do', async () => {
    const first = await open()
    const second = make({ port: Number(new URL(first.url).port) })
    await expect(second.start()).rejects.toSatisfy(
      (error) => BarfinexError.is(error, 'options.invalid') && /is taken\. Choose another/.test(error.message),
    )
  })

  it('suggests the option that was meant', () => {
    const misspelt = { ports: 1 } as Partial<GatewayOptions>
    expect(() => make(misspelt)).toThrowError(/unknown option "ports", did you mean "port"/)
  })
})

describe('the token file', () => {
  it('is made at first start with 256 bits, for its owner alone, and kept', async () => {
    await make().start()
    const made = JSON.parse(readFileSync(tokenFile(), 'utf8')) as { tokens: { token: string; scopes: Scope[] }[] }
    expect(statSync(tokenFile()).mode & 0o777).toBe(0o600)
    expect(Buffer.from(made.tokens[0]?.token.slice(4) ?? '', 'base64url').length).toBe(32)
    expect(made.tokens[0]?.scopes).toEqual(['admin'])
    make()
    expect(JSON.parse(readFileSync(tokenFile(), 'utf8'))).toEqual(made)
  })

  it('is refused when others can read it, when it is a link, and when it is damaged', () => {
    make()
    chmodSync(tokenFile(), 0o644)
    expect(() => make()).toThrowError(/can be read by others. Run `chmod 600`/)
    chmodSync(tokenFile(), 0o600)
    const link = join(directory, 'link.json')
    symlinkSync(tokenFile(), link)
    expect(() => make({ tokenFile: link })).toThrowError(/not a plain file/)
    const secret = readFileSync(tokenFile(), 'utf8')
    writeFileSync(tokenFile(), secret.slice(0, -5))
    expect(() => make()).toThrowError(/is not JSON/)
    writeFileSync(tokenFile(), JSON.stringify({ tokens: [{ name: 'x', token: 'short', scopes: ['read'] }] }))
    expect(() => make()).toThrowError(/fault at tokens.0.token/)
  })

  it('takes a token back without a restart, and the sessions opened with it', async () => {
    const gateway = await open()
    const session = await post(gateway, '/api/session', {}, 'trade')
    const bearer = { authorization: `Bearer ${session.body['session'] as string}` }
    expect((await ask(gateway, '/api/services', { headers: bearer })).status).toBe(200)
    const left = [{ name: 'other', token: tokens.read, scopes: ['read'] }]
    writeFileSync(gateway.tokenFile, JSON.stringify({ tokens: left }))
    expect((await ask(gateway, '/api/services', { as: 'trade' })).status).toBe(401)
    expect((await ask(gateway, '/api/services', { headers: bearer })).status).toBe(401)
    expect((await ask(gateway, '/api/services', { as: 'read' })).status).toBe(200)
  })
})

describe('who may do what', () => {
  it('wants a credential for everything but its own description', async () => {
    const gateway = await open()
    for (const path of ['/api/health', '/api/services', '/api/instruments', '/api/account', '/api/orders']) {
      const answer = await ask(gateway, path)
      expect([path, answer.status, answer.body.error?.code]).toEqual([path, 401, 'gateway.unauthorized'])
    }
    expect((await ask(gateway, '/api/openapi.json')).status).toBe(200)
  })

  it('refuses every change to a token that may only read', async () => {
    const gateway = await open()
    const seen = commandsOn()
    const document = (await ask(gateway, '/api/openapi.json')).body as {
      paths: Record<string, Record<string, { 'x-scope'?: Scope }>>
    }
    const changes = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([method, { 'x-scope': scope }]) => method !== 'get' && scope !== undefined && scope !== 'read')
        .map(([method]) => ({ path, method: method.toUpperCase() })),
    )
    expect(changes.map((it) => it.path).sort()).toEqual(['/api/commands', '/api/orders'])
    for (const { path, method } of changes) {
      const answer = await ask(gateway, path, {
        method,
        as: 'read',
        headers: change,
        body: '{"type":"halt","why":"x"}',
      })
      expect([path, answer.status, answer.body.error?.code]).toEqual([path, 403, 'gateway.forbidden'])
    }
    expect(seen).toEqual([])
  })

  it('lets paper act on a paper desk only; a live desk needs trade', async () => {
    const halt = { type: 'halt', why: 'a test' }
    const paper = await open()
    expect((await post(paper, '/api/commands', halt, 'paper')).status).toBe(202)
    await paper.stop()
    const live = await open({}, 'live')
    expect((await post(live, '/api/commands', halt, 'paper')).status).toBe(403)
    expect((await post(live, '/api/commands', halt, 'trade')).status).toBe(202)
  })

  it('makes an address wait after ten wrong credentials, but neither the true token nor the sessions that are open', async () => {
    const gateway = await open()
    const session = await post(gateway, '/api/session', {}, 'read')
    const wrong = { authorization: `Bearer ${token('x')}` }
    const statuses: number[] = []
    for (let attempt = 0; attempt < 12; attempt += 1) {
      statuses.push((await ask(gateway, '/api/services', { headers: wrong })).status)
    }
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429])
    const again = await ask(gateway, '/api/services', { headers: wrong })
    expect([again.status, again.headers['retry-after']]).toEqual([429, '1'])
    expect((await ask(gateway, '/api/services', { as: 'read' })).status).toBe(200)
    const bearer = { authorization: `Bearer ${session.body['session'] as string}` }
    expect((await ask(gateway, '/api/services', { headers: bearer })).status).toBe(200)
  })
})

describe('tickets', () => {
  const ticketIn = (url: string) => url.split('#ticket=')[1] ?? ''

  it('opens one session, once, with the scopes it was made for', async () => {
    const gateway = await open()
    const url = gateway.ticketUrl({ scopes: ['read'], name: 'guest' })
    expect(new URL(url).search).toBe('')
    const first = await post(gateway, '/api/session', { ticket: ticketIn(url) })
    expect([first.status, first.body['name'], first.body['scopes']]).toEqual([201, 'guest', ['read']])
    expect((await post(gateway, '/api/session', { ticket: ticketIn(url) })).status).toBe(401)
    const bearer = { authorization: `Bearer ${first.body['session'] as string}` }
    expect((await ask(gateway, '/api/services', { headers: bearer })).status).toBe(200)
    const more = await ask(gateway, '/api/commands', {
      method: 'POST',
      headers: { ...change, ...bearer },
      body: '{"type":"halt","why":"x"}',
    })
    expect(more.status).toBe(403)
    await ask(gateway, '/api/session', { method: 'DELETE', headers: { 'x-barfinex-request': '1', ...bearer } })
    expect((await ask(gateway, '/api/services', { headers: bearer })).status).toBe(401)
  })

  it('gives a live desk to look at only', async () => {
    const gateway = await open({}, 'live')
    const session = await post(gateway, '/api/session', { ticket: ticketIn(gateway.ticketUrl()) })
    expect(session.body['scopes']).toEqual(['read'])
  })
})

describe('foreign pages', () => {
  it.each([
    ['a name that was rebound', { host: 'evil.example' }],
    ['another port', { host: '127.0.0.1:1' }],
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['an origin that only begins like ours', { origin: 'http://127.0.0.1.evil.example' }],
    ['no origin at all by name', { origin: 'null' }],
    ['a subresource of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ])('get nothing: %s', async (_, headers) => {
    const gateway = await open()
    const answer = await ask(gateway, '/api/services', { as: 'admin', headers: headers as Record<string, string> })
    expect([answer.status, answer.body.error?.code]).toEqual([403, 'gateway.forbidden'])
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })

  it('lets its own page, a named origin and a named host in', async () => {
    const gateway = await open({ origins: ['https://desk.example'], hosts: ['Desk.example'] })
    const { port } = new URL(gateway.url)
    for (const headers of [
      { origin: gateway.url },
      { host: `localhost:${port}`, origin: `http://localhost:${port}` },
      { host: 'desk.example', origin: 'https://desk.example' },
    ]) {
      expect((await ask(gateway, '/api/services', { as: 'read', headers })).status).toBe(200)
    }
  })

  it('cannot change anything with what a form or an image can send', async () => {
    const gateway = await open()
    const seen = commandsOn()
    const body = JSON.stringify({ type: 'kill', why: 'x' })
    const attempts: [string, Record<string, string>][] = [
      ['text/plain', { 'content-type': 'text/plain', 'x-barfinex-request': '1' }],
      ['form', { 'content-type': 'application/x-www-form-urlencoded', 'x-barfinex-request': '1' }],
      ['no type', { 'x-barfinex-request': '1' }],
      ['no header', { 'content-type': 'application/json' }],
    ]
    for (const [what, headers] of attempts) {
      const { status } = await post(gateway, '/api/commands', body, 'admin', headers)
      expect([what, status >= 400]).toEqual([what, true])
    }
    expect((await ask(gateway, '/api/commands', { as: 'admin' })).status).toBe(404)
    const preflight = await ask(gateway, '/api/commands', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined()
    expect(seen).toEqual([])
  })

  it('are told to keep out by every header', async () => {
    const gateway = await open()
    const refused = await ask(gateway, '/api/services', { headers: { host: 'evil.example' } })
    const { headers } = await ask(gateway, '/api/openapi.json')
    expect(refused.headers['content-security-policy']).toBe(headers['content-security-policy'])
    const policy = headers['content-security-policy']
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['x-frame-options']).toBe('DENY')
    expect(headers['referrer-policy']).toBe('no-referrer')
  })
})

describe('bodies', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

  it.each([
    ['deep', nested(100_000)],
    ['wide', `{${Array.from({ length: 2_000 }, (_, index) => `"k${index}":1`).join(',')}}`],
    ['long', JSON.stringify({ type: 'halt', why: 'x'.repeat(70_000) })],
    ['many', `[${'1,'.repeat(20_000)}1]`],
    ['huge', JSON.stringify({ why: 'x'.repeat(400_000) })],
    ['broken', '{"type":'],
    ['__proto__', '{"type":"halt","why":"x","__proto__":{"polluted":true}}'],
    ['constructor', '{"type":"halt","why":"x","constructor":{"prototype":{"polluted":true}}}'],
    ['prototype, nested', '{"type":"halt","why":"x","symbol":{"prototype":{"polluted":true}}}'],
    ['__proto__ by escapes', '{"type":"halt","why":"x","\\u005f_proto__":{"polluted":true}}'],
  ])('that are %s are refused, and leave nothing behind', async (_, body) => {
    const gateway = await open()
    const seen = commandsOn()
    const { status } = await post(gateway, '/api/commands', body, 'admin')
    expect([400, 413]).toContain(status)
    expect(seen).toEqual([])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('are not unpacked', async () => {
    const gateway = await open()
    const { gzipSync } = await import('node:zlib')
    const answer = await ask(gateway, '/api/commands', {
      method: 'POST',
      as: 'admin',
      headers: { ...change, 'content-encoding': 'gzip' },
      body: gzipSync('x'.repeat(10_000_000)),
    })
    expect(answer.status).toBe(400)
  })

  it('of any other shape never get past the schema', async () => {
    const gateway = await open()
    const seen = commandsOn()
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (value) => {
        const { status } = await post(gateway, '/api/commands', value, 'admin')
        expect(status).toBe(400)
      }),
      { numRuns: 50 },
    )
    expect(seen).toEqual([])
  })
})

describe('commands', () => {
  it('become one operator command at the present kernel instant, by the name of the credential', async () => {
    const gateway = await open()
    const seen = commandsOn()
    await clock.advanceBy(1_234)
    const request = {
      type: 'closePosition',
      symbol: 'BTC/USDT',
      why: 'too wild',
      by: 'somebody else',
      requestId: 'a.1',
    }
    const answer = await post(gateway, '/api/commands', request, 'trade')
    expect(answer.status).toBe(202)
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      commandId: answer.body['commandId'],
      type: 'closePosition',
      account: 'paper',
      symbol: 'BTC/USDT',
      by: 'of-trade',
      why: 'too wild',
      issuedAt: startAt + 1_234,
      expiresAt: startAt + 61_234,
    })
  })

  it('given again with the same id take effect once', async () => {
    const gateway = await open()
    const seen = commandsOn()
    const request = { type: 'halt', why: 'once', requestId: 'a.1' }
    const first = await post(gateway, '/api/commands', request, 'trade')
    const second = await post(gateway, '/api/commands', request, 'trade')
    expect(second.body).toEqual({ ...first.body, repeated: true })
    expect(seen).toHaveLength(1)
    await post(gateway, '/api/commands', request, 'admin')
    expect(seen).toHaveLength(2)
  })

  it('need what they act on', async () => {
    const gateway = await open()
    for (const [type, field] of [
      ['closePosition', 'symbol'],
      ['cancelOrder', 'clientOrderId'],
      ['releaseStrategy', 'strategyId'],
    ]) {
      const { status, body } = await post(gateway, '/api/commands', { type, why: 'x' }, 'trade')
      expect([status, body.error?.message]).toEqual([400, `"${type}" needs "${field}".`])
    }
    expect((await post(gateway, '/api/commands', { type: 'halt', why: '  ' }, 'trade')).status).toBe(400)
    expect((await post(gateway, '/api/commands', { type: 'halt', why: 'x', symbol: 'btc\n' }, 'trade')).status).toBe(
      400,
    )
  })
})

const sealed: OrderCommand = {
  type: 'submit',
  commandId: 'command-1',
  account: 'paper',
  order: {
    clientOrderId: 'order-1',
    symbol: 'BTC/USDT',
    side: 'buy',
    type: 'market',
    quantity: '0.01',
    limitPrice: null,
    triggerPrice: null,
    trailingBps: null,
    timeInForce: 'ioc',
    reduceOnly: false,
    postOnly: false,
    ocoGroup: null,
    purpose: 'entry',
    intentId: 'intent-1',
    attempt: 0,
  },
  approval: {
    account: 'paper',
    epoch: 1,
    clientOrderId: 'order-1',
    subjectHash: '0'.repeat(64),
    expiresAt: startAt + 60_000,
    nonce: 'nonce-0001',
    keyId: 'process',
    signature: 'c2lnbmF0dXJl',
  },
}

describe('orders', () => {
  it('go onto the one road, sealed and unchanged', async () => {
    const gateway = await open()
    const seen: OrderCommand[] = []
    bus.subscribe(flow.orderCommand, ({ payload }) => void seen.push(payload))
    const answer = await post(gateway, '/api/orders', sealed, 'trade')
    const { commandId } = answer.body
    expect([answer.status, answer.body['issuedAt']]).toEqual([202, startAt])
    expect(seen).toEqual([{ ...sealed, commandId }])
    // It must not use up the id of a command that Inspector may give itself.
    expect(commandId).not.toBe(sealed.commandId)
  })

  it('without a seal go nowhere', async () => {
    const gateway = await open()
    const seen: unknown[] = []
    bus.subscribe(flow.orderCommand, ({ payload }) => void seen.push(payload))
    const { approval: _, ...bare } = sealed
    expect((await post(gateway, '/api/orders', bare, 'admin')).status).toBe(400)
    expect((await post(gateway, '/api/orders', sealed.type === 'submit' ? sealed.order : {}, 'admin')).status).toBe(400)
    expect(seen).toEqual([])
  })
})

describe('reading', () => {
  it('gives candles from whoever keeps history, up to now', async () => {
    const gateway = await open()
    const path = '/api/candles?symbol=BTC%2FUSDT&timeframe=1m&limit=2'
    const nobody = await ask(gateway, path, { as: 'read' })
    expect([nobody.status, nobody.body.error?.code]).toEqual([503, 'bus.no-responder'])
    const asked: unknown[] = []
    bus.respond(queries.candles, (wanted) => {
      asked.push(wanted)
      return { candles: [], cursor: null }
    })
    expect((await ask(gateway, path, { as: 'read' })).body).toEqual({ candles: [], cursor: null })
    expect(asked).toEqual([{ symbol: 'BTC/USDT', timeframe: '1m', until: startAt, limit: 2, cursor: null }])
    for (const bad of ['?symbol=x&timeframe=1m', '?symbol=BTC%2FUSDT&timeframe=7m', `${path.slice(12)}&more=1`]) {
      expect((await ask(gateway, `/api/candles${bad}`, { as: 'read' })).status).toBe(400)
    }
  })

  it('tells live, ready and ready to trade apart', async () => {
    const gateway = await open()
    const statuses = bus.publisher(flow.serviceStatus, 'test')
    const beats = bus.publisher(flow.heartbeat, 'test')
    const trading = bus.publisher(flow.tradingState, 'test')
    const accounts = bus.publisher(flow.account, 'test')
    const occurredAt = startAt
    const say = (service: 'provider' | 'detector' | 'advisor' | 'inspector', state: 'ready' | 'failed') =>
      statuses.publish(
        {
          service,
          instance: 'main',
          epoch: 1,
          state,
          code: `service.${state}`,
          message: '',
          since: startAt,
          version: '0',
        },
        { occurredAt },
      )
    const beat = (service: 'provider' | 'detector' | 'advisor' | 'inspector') =>
      beats.publish({ service, instance: 'main', epoch: 1, beat: 0, at: startAt, everyMs: 5_000 }, { occurredAt })
    const probe = async (name: string) => (await ask(gateway, `/api/health?probe=${name}`, { as: 'read' })).status

    for (const service of ['provider', 'detector', 'advisor', 'inspector'] as const) {
      say(service, 'ready')
      beat(service)
    }
    expect([await probe('ready'), await probe('trading')]).toEqual([200, 503])
    accounts.publish(
      {
        account: 'paper',
        sequence: 1,
        known: true,
        reason: null,
        balances: [],
        positions: [],
        openOrders: [],
        equityQuote: '1000',
        quoteAsset: 'USDT',
        asOf: startAt,
      },
      { occurredAt },
    )
    trading.publish(
      { account: 'paper', state: 'active', reason: null, setBy: 'policy', since: startAt },
      { occurredAt },
    )
    expect([await probe('ready'), await probe('trading')]).toEqual([200, 200])
    trading.publish(
      { account: 'paper', state: 'halted', reason: null, setBy: 'policy', since: startAt },
      { occurredAt },
    )
    expect([await probe('ready'), await probe('trading')]).toEqual([200, 503])
    say('inspector', 'failed')
    expect(await probe('ready')).toBe(503)
    say('inspector', 'ready')
    await clock.advanceBy(10_001)
    const silent = await ask(gateway, '/api/health', { as: 'read' })
    expect([silent.status, silent.body['ready']]).toEqual([200, false])
    expect(JSON.stringify(silent.body['reasons'])).toContain('provider shows no sign of life')
  })

  it('explains by the journal, without the seals in it', async () => {
    const gateway = await open()
    const reason = { code: 'a.b', message: 'It was time.' }
    const cause = bus
      .publisher(flow.incident, 'test')
      .publish(
        { incidentId: 'i-1', severity: 'info', reason, symbol: null, raisedAt: startAt },
        { occurredAt: startAt },
      )
    bus.publisher(flow.orderCommand, 'test').publish(sealed, { occurredAt: startAt, cause })
    const { body } = await ask(gateway, '/api/explain/order-1', { as: 'read' })
    expect(body).toMatchObject({ id: 'order-1', root: 'inspector.incident:i-1' })
    expect(body['steps']).toMatchObject([
      { distance: -1, type: 'inspector.incident' },
      { distance: 0, type: 'order.command' },
    ])
    expect(JSON.stringify(body)).not.toMatch(/c2lnbmF0dXJl|nonce/)
    const moment = encodeURIComponent('BTC/USDT@2026-01-05T12:00:00Z')
    const nothing = await ask(gateway, `/api/explain/${moment}`, { as: 'read' })
    expect([nothing.status, nothing.body.error?.message]).toEqual([404, expect.stringContaining('Ask for a signal')])
  })

  it('describes itself from the schemas that check', async () => {
    const { body } = await ask(await open(), '/api/openapi.json')
    const paths = body['paths'] as Record<string, Record<string, { requestBody?: unknown; parameters: unknown[] }>>
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/api/health', '/api/candles', '/api/commands', '/api/orders', '/api/session']),
    )
    expect(JSON.stringify(paths['/api/commands']?.['post']?.requestBody)).toContain('closePosition')
    expect(paths['/api/candles']?.['get']?.parameters).toHaveLength(4)
  })

  it('shows what the bus held before the gateway started', async () => {
    bus.publisher(flow.incident, 'test').publish(
      {
        incidentId: 'i-1',
        severity: 'warning',
        reason: { code: 'a.b', message: 'm' },
        symbol: null,
        raisedAt: startAt,
      },
      { occurredAt: startAt },
    )
    bus.publisher(flow.serviceStatus, 'test').publish(
      {
        service: 'provider',
        instance: 'main',
        epoch: 1,
        state: 'ready',
        code: 'service.ready',
        message: 'Up.',
        since: startAt,
        version: '0',
      },
      { occurredAt: startAt },
    )
    const { body } = await ask(await open(), '/api/services', { as: 'read' })
    expect(body).toMatchObject([{ service: 'provider' }, { service: 'studio', instance: 'gateway' }])
  })
})

it('writes no secret into its log', async () => {
  const gateway = await open()
  const url = gateway.ticketUrl()
  const session = await post(gateway, '/api/session', { ticket: url.split('=')[1] })
  await ask(gateway, `/api/services?token=${tokens.admin}`, { as: 'admin' })
  await ask(gateway, '/api/services', { headers: { authorization: `Bearer ${token('z')}` } })
  await gateway.stop()
  const text = lines.join('\n')
  for (const secret of [
    ...Object.values(tokens),
    token('z'),
    url.split('=')[1] ?? '',
    session.body['session'] as string,
  ]) {
    expect(text).not.toContain(secret)
  }
})
