import { testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { spotAccountOperations, spotOrderOperations } from '../../src/venue/wire/spot-account-operations.js'
import { spotMarketOperations } from '../../src/venue/wire/spot-market-operations.js'
import { usdmOperations } from '../../src/venue/wire/usdm-operations.js'
import { type Bench, openBench, type Row } from './raw-client.js'

let bench: Bench
beforeAll(async () => {
  bench = await openBench({
    perpetuals: ['BTC/USDT:USDT'],
    clientLimits: { weightPerMinute: 1_000_000_000, framesPerSecond: 1_000_000 },
  })
})
afterAll(() => bench.close())

const operations = [...spotMarketOperations, ...spotOrderOperations, ...spotAccountOperations, ...usdmOperations]

const broken = /NaN|Infinity|undefined/

/** What clients send, rightly and wrongly. */
const value = fc.oneof(
  fc.constantFrom(
    'BTCUSDT',
    'ETHUSDT',
    'BUY',
    'SELL',
    'LIMIT',
    'MARKET',
    'STOP_LOSS',
    'STOP_LOSS_LIMIT',
    'TAKE_PROFIT',
  ),
  fc.constantFrom(
    'LIMIT_MAKER',
    'GTC',
    'IOC',
    'FOK',
    'FULL',
    'ACK',
    '1m',
    '1M',
    'true',
    'false',
    '["BTCUSDT"]',
    '[]',
    '{}',
  ),
  fc.constantFrom(
    '0',
    '-1',
    '1',
    '0.001',
    '40000',
    '1e3',
    '1e308',
    'NaN',
    'Infinity',
    '0x10',
    '9007199254740993',
    '',
    ' ',
  ),
  fc.constantFrom(
    '0.000000001',
    '1'.repeat(400),
    '1.',
    '.1',
    '+1',
    '1_000',
    '__proto__',
    'null',
    '\u0000',
    '€',
    '😀',
    '%',
  ),
  fc.string({ maxLength: 12 }),
)
const sane: Readonly<Record<string, fc.Arbitrary<string>>> = {
  symbol: fc.constantFrom('BTCUSDT', 'BTCUSDT', 'BTCUSDT', 'NONE'),
  side: fc.constantFrom('BUY', 'SELL'),
  timeInForce: fc.constantFrom('GTC', 'IOC', 'FOK'),
}

const request = fc.constantFrom(...operations).chain((operation) => {
  const needs = operation.needs ?? []
  const takes = operation.takes ?? []
  const fields = Object.fromEntries([...needs, ...takes].map((name) => [name, sane[name] ?? value]))
  return fc.record({
    operation: fc.constant(operation),
    params: fc.record(fields, { requiredKeys: [...needs] }),
    isSigned: fc.boolean(),
  })
})

it('answers whatever is asked, by REST and over the WebSocket API', async () => {
  const line = await bench.dial('/ws-api/v3')
  let id = 0
  await fc.assert(
    fc.asyncProperty(request, async ({ operation, params, isSigned }) => {
      const sent = params as Readonly<Record<string, string>>
      if (operation.rest !== undefined) {
        const [method = '', path = ''] = operation.rest.split(' ')
        const reply = await (isSigned ? bench.signed(method, path, sent) : bench.call(method, path, sent))
        expect([200, 400, 401]).toContain(reply.status)
        if (reply.status !== 200)
          expect(reply.body).toMatchObject({ code: expect.any(Number), msg: expect.any(String) })
        else if (!Object.values(sent).some((it) => broken.test(it))) expect(reply.text).not.toMatch(broken)
      }
      if (operation.method === undefined) return
      id += 1
      const asked = id
      line.send({ id: asked, method: operation.method, params: sent })
      await line.frame((it: Row) => it['id'] === asked, 'an answer')
    }),
    { numRuns: testRuns(200) },
  )
  const { audit } = bench.venue.world.truth()
  expect(audit.filter((it) => Number(it.difference) !== 0)).toEqual([])
})

it('answers frames that make no sense', async () => {
  const api = await bench.dial('/ws-api/v3')
  const streams = await bench.dial('/ws')
  const frame = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record({ method: fc.constantFrom('SUBSCRIBE', 'ping', 7), params: fc.jsonValue(), id: fc.jsonValue() })
      .map((it) => JSON.stringify(it)),
  )
  await fc.assert(
    fc.asyncProperty(frame, async (text) => {
      const before = [api.frames.length, streams.frames.length]
      api.send(text)
      streams.send(text)
      api.socket.ping()
      streams.socket.ping()
      await Promise.all(
        [api, streams].map((it) => new Promise<void>((resolve) => it.socket.once('pong', () => resolve()))),
      )
      expect([api.frames.length, streams.frames.length]).toEqual(before.map((it) => it + 1))
    }),
    { numRuns: testRuns(100) },
  )
})
