import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Bus,
  createLog,
  createMemoryBus,
  createMemoryJournal,
  createVirtualClock,
  flow,
  type Incident,
  type Quote,
  type StudioCursor,
  type StudioFrame,
  type StudioTopicName,
  schemas,
  studioClose,
} from '@barfinex/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createGateway, type Gateway, type GatewayOptions } from './index.js'

const at = Date.UTC(2026, 0, 5, 12)
const token = 'r'.repeat(43)

let directory: string
let bus: Bus
let gateway: Gateway
let sockets: WebSocket[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'barfinex-feed-'))
  bus = createMemoryBus()
  sockets = []
})

afterEach(async () => {
  for (const socket of sockets) socket.terminate()
  await gateway.stop()
  rmSync(directory, { recursive: true })
})

async function open(options: Partial<GatewayOptions> = {}): Promise<void> {
  const tokenFile = join(directory, 'tokens.json')
  writeFileSync(tokenFile, JSON.stringify({ tokens: [{ name: 'viewer', token, scopes: ['read'] }] }), { mode: 0o600 })
  const clock = createVirtualClock({ startAt: at })
  const log = createLog({ write: () => {} })
  const journal = createMemoryJournal()
  const desk = { bus, clock, journal, log, epoch: 1, heartbeatMs: 5_000, mode: 'paper', account: 'paper' } as const
  gateway = createGateway(desk, { tokenFile, flushMs: 20, ...options })
  await gateway.start()
}

/** A raw client: collects frames, and waits for the one that a test wants. */
function dial(headers: Record<string, string> = {}) {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/ws`, { headers })
  sockets.push(socket)
  const frames: StudioFrame[] = []
  const waiting: { wanted: (frame: StudioFrame) => boolean; resolve: (frame: StudioFrame) => void }[] = []
  socket.on('message', (data) => {
    const frame = schemas.studioFrame.parse(JSON.parse(data.toString()))
    frames.push(frame)
    for (const it of waiting.filter(({ wanted }) => wanted(frame))) {
      waiting.splice(waiting.indexOf(it), 1)
      it.resolve(frame)
    }
  })
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)))
  const refused = new Promise<number>((resolve) => {
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
    socket.on('error', () => {})
  })
  const opened = new Promise<void>((resolve) => socket.on('open', () => resolve()))
  return {
    socket,
    frames,
    closed,
    refused,
    opened,
    next: (wanted: (frame: StudioFrame) => boolean) =>
      new Promise<StudioFrame>((resolve) => waiting.push({ wanted, resolve })),
    async hello(cursor: StudioCursor | null = null, topics: StudioTopicName[] | null = null, credential = token) {
      await opened
      socket.send(JSON.stringify({ type: 'hello', protocol: 1, credential, cursor, topics }))
    },
  }
}

function raise(id: string): void {
  const incident: Incident = {
    incidentId: id,
    severity: 'info',
    reason: { code: 'a.b', message: 'm' },
    symbol: null,
    raisedAt: at,
  }
  bus.publisher(flow.incident, 'test').publish(incident, { occurredAt: at })
}

const isChange = (topic: StudioTopicName) => (frame: StudioFrame) => frame.type === 'changes' && frame.topic === topic
const idsIn = (frame: StudioFrame): string[] =>
  (frame.type === 'snapshot' ? (frame.topics.incidents ?? []) : frame.type === 'changes' ? frame.messages : []).map(
    (it) => (it as Incident).incidentId,
  )

describe('who gets in', () => {
  it.each([
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['the origin "null"', { origin: 'null' }],
    ['a rebound host', { host: 'evil.example' }],
  ])('refuses the upgrade for %s', async (_, headers) => {
    await open()
    expect(await dial(headers as Record<string, string>).refused).toBe(403)
  })

  it('closes whoever does not say hello in time', async () => {
    await open()
    expect(await dial().closed).toBe(studioClose.helloTimeout)
  })

  it.each([
    ['a wrong token', { type: 'hello', protocol: 1, credential: 'x'.repeat(43), cursor: null, topics: null }, 4401],
    ['another protocol', { type: 'hello', protocol: 9, credential: token, cursor: null, topics: null }, 4400],
    ['no hello', { type: 'resync' }, 4401],
    ['something else', { type: 'hello', protocol: 1 }, 4400],
    ['polluted keys', '{"type":"resync","__proto__":{"polluted":1}}', 4400],
    ['no JSON', 'hello', 4400],
  ])('closes on %s', async (_, message, code) => {
    await open()
    const client = dial()
    await client.opened
    client.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
    expect(await client.closed).toBe(code)
    expect(client.frames.map((it) => it.type)).toEqual(['error'])
  })

  it('closes on a frame over 64 kB and offers no compression', async () => {
    await open()
    const client = dial()
    await client.opened
    expect(client.socket.extensions).toBe('')
    client.socket.send('x'.repeat(70_000))
    expect(await client.closed).toBe(1009)
  })

  it('holds to the number of viewers', async () => {
    await open({ maxViewers: 1 })
    await dial().hello()
    expect(await dial().closed).toBe(studioClose.tooMany)
  })

  it('ends a connection whose token is taken away', async () => {
    await open()
    const client = dial()
    await client.hello()
    await client.next((it) => it.type === 'snapshot')
    writeFileSync(gateway.tokenFile, JSON.stringify({ tokens: [] }))
    expect(await client.closed).toBe(studioClose.unauthorized)
  })
})

describe('what it sends', () => {
  it('is a snapshot, then changes with a cursor that counts frames', async () => {
    await open()
    raise('i-1')
    const client = dial()
    await client.hello()
    const snapshot = await client.next((it) => it.type === 'snapshot')
    expect(idsIn(snapshot)).toEqual(['i-1'])
    expect(client.frames[0]).toMatchObject({ type: 'welcome', resumed: false, scopes: ['read'], actScope: 'paper' })
    const change = client.next(isChange('incidents'))
    raise('i-2')
    raise('i-3')
    expect(idsIn(await change)).toEqual(['i-2', 'i-3'])
    const cursors = client.frames.flatMap((it) => (it.type === 'changes' ? [it.cursor] : []))
    const first = snapshot.type === 'snapshot' ? snapshot.cursor : -1
    expect(cursors).toEqual(cursors.map((_, index) => first + 1 + index))
  })

  it('leaves out what was not asked for', async () => {
    await open()
    const client = dial()
    await client.hello(null, ['incidents'])
    const snapshot = await client.next((it) => it.type === 'snapshot')
    expect(snapshot.type === 'snapshot' && Object.keys(snapshot.topics)).toEqual([])
    const change = client.next(isChange('incidents'))
    raise('i-1')
    await change
    expect(client.frames.filter((it) => it.type === 'changes' && it.topic !== 'incidents')).toEqual([])
  })

  it('conflates live data to its newest value, outside the cursor', async () => {
    await open()
    const client = dial()
    await client.hello()
    const snapshot = await client.next((it) => it.type === 'snapshot')
    const change = client.next(isChange('quotes'))
    const quotes = bus.publisher(flow.quote, 'test')
    for (let bid = 1; bid <= 1_000; bid += 1) {
      const quote: Quote = { symbol: 'BTC/USDT', bid, ask: bid + 1, bidQuantity: 1, askQuantity: 1, occurredAt: at }
      quotes.publish(quote, { occurredAt: at })
    }
    const frame = await change
    expect(frame.type === 'changes' && frame.messages).toMatchObject([{ bid: 1_000 }])
    // Only the count of messages moves the cursor.
    const last = client.frames.at(-1)
    expect(
      last?.type === 'changes' && snapshot.type === 'snapshot' && last.cursor - snapshot.cursor,
    ).toBeLessThanOrEqual(1)
  })

  it('never carries an approval', async () => {
    await open()
    const client = dial()
    await client.hello()
    await client.next((it) => it.type === 'snapshot')
    const tallies = client.next(isChange('tallies'))
    bus.publisher(flow.orderCommand, 'test').publish(
      {
        type: 'cancel',
        commandId: 'c-1',
        account: 'paper',
        clientOrderId: 'o-1',
        symbol: 'BTC/USDT',
        approval: {
          account: 'paper',
          epoch: 1,
          clientOrderId: 'o-1',
          subjectHash: '0'.repeat(64),
          expiresAt: at,
          nonce: 'nonce-0001',
          keyId: 'process',
          signature: 'c2VjcmV0LXNlYWw',
        },
      },
      { occurredAt: at },
    )
    await tallies
    expect(JSON.stringify(client.frames)).not.toMatch(/c2VjcmV0LXNlYWw|nonce-0001/)
  })
})

describe('coming back', () => {
  async function leaveAt(): Promise<StudioCursor> {
    const client = dial()
    await client.hello()
    const snapshot = await client.next((it) => it.type === 'snapshot')
    client.socket.close()
    await client.closed
    const welcome = client.frames[0]
    return {
      incarnation: welcome?.type === 'welcome' ? welcome.incarnation : '',
      sequence: snapshot.type === 'snapshot' ? snapshot.cursor : -1,
    }
  }

  it('gives exactly what was missed', async () => {
    await open()
    raise('i-1')
    const cursor = await leaveAt()
    // Somebody else stays, so that it is known when the changes have gone out.
    const witness = dial()
    await witness.hello()
    await witness.next((it) => it.type === 'snapshot')
    for (const id of ['i-2', 'i-3']) {
      const sent = witness.next(isChange('incidents'))
      raise(id)
      await sent
    }
    const again = dial()
    const last = again.next((it) => idsIn(it).includes('i-3'))
    await again.hello(cursor)
    await last
    expect(again.frames[0]).toMatchObject({ type: 'welcome', resumed: true })
    expect(again.frames.some((it) => it.type === 'snapshot')).toBe(false)
    expect(again.frames.filter(isChange('incidents')).flatMap(idsIn)).toEqual(['i-2', 'i-3'])
  })

  it.each([
    ['of another start', { incarnation: 'other', sequence: 0 }],
    ['from the future', { incarnation: '', sequence: 1_000_000 }],
  ])('gives a snapshot for a cursor %s', async (_, given) => {
    await open()
    const cursor = await leaveAt()
    const again = dial()
    await again.hello({
      incarnation: given.incarnation === '' ? cursor.incarnation : given.incarnation,
      sequence: given.sequence,
    })
    await again.next((it) => it.type === 'snapshot')
    expect(again.frames[0]).toMatchObject({ type: 'welcome', resumed: false })
  })
})

describe('who does not read', () => {
  it('is closed, and the others go on', async () => {
    await open({ viewerBufferBytes: 16_384 })
    const { port } = new URL(gateway.url)
    const stuck = connect(Number(port), '127.0.0.1')
    const key = 'AAAAAAAAAAAAAAAAAAAAAA=='
    stuck.write(
      `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    )
    await new Promise<void>((resolve) => stuck.once('data', () => resolve()))
    stuck.pause()
    const hello = Buffer.from(
      JSON.stringify({ type: 'hello', protocol: 1, credential: token, cursor: null, topics: null }),
    )
    // A masked frame with a mask of zeros: the payload as it is.
    stuck.write(
      Buffer.concat([Buffer.from([0x81, 0x80 | 126, hello.length >> 8, hello.length & 255, 0, 0, 0, 0]), hello]),
    )
    const gone = new Promise<void>((resolve) => stuck.on('close', () => resolve()))
    stuck.on('error', () => {})

    const reader = dial()
    await reader.hello()
    await reader.next((it) => it.type === 'snapshot')
    for (let round = 0; gateway.viewerCount > 1; round += 1) {
      const sent = reader.next(isChange('incidents'))
      // Far more than the buffers of two sockets hold.
      for (let index = 0; index < 200; index += 1) {
        const message = 'x'.repeat(500)
        const incidentId = `i-${round}-${index}`
        bus
          .publisher(flow.incident, 'test')
          .publish(
            { incidentId, severity: 'info', reason: { code: 'a.b', message }, symbol: null, raisedAt: at },
            { occurredAt: at },
          )
      }
      await sent
    }
    stuck.resume()
    await gone
    const still = reader.next(isChange('incidents'))
    raise('last')
    expect(idsIn(await still)).toEqual(['last'])
  })
})
