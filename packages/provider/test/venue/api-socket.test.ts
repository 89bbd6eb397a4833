import { sign } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Bench, type Line, openBench, type Row, settle, signedParams, sortedText } from './raw-client.js'
import { arrival } from './rehearsal.js'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.close())

let nextId = 0
async function ask(line: Line, method: string, params: object = {}): Promise<Row> {
  nextId += 1
  const id = nextId
  line.send({ id, method, params })
  return line.frame((it) => it['id'] === id, `the answer to ${method}`)
}

const subscribe = (line: Line) => ask(line, 'userDataStream.subscribe.signature', signedParams(bench.venue, {}))
const market = (id: string) =>
  signedParams(bench.venue, { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.001', newClientOrderId: id })
const eventsOf = (line: Line, kind: string) =>
  line.frames.map((it) => Object((it as Row)['event']) as Row).filter((it) => it['e'] === kind)

it('answers in one shape, with weight and the id it was given', async () => {
  const line = await bench.dial('/ws-api/v3')
  expect(await ask(line, 'ping')).toMatchObject({ status: 200, result: {}, rateLimits: [{ count: 1, limit: 6_000 }] })
  expect(await ask(line, 'time')).toMatchObject({ result: { serverTime: bench.clock.now() } })
  expect(await ask(line, 'depth', { symbol: 'BTCUSDT', limit: 5 })).toHaveProperty('result.lastUpdateId')
  expect(await ask(line, 'account.status')).toMatchObject({ status: 401, error: { code: -2014 } })
  expect(await ask(line, 'account.dance')).toMatchObject({ status: 400 })
  expect(await ask(line, 'account.status', signedParams(bench.venue, {}))).toHaveProperty('result.balances')
  line.send('{')
  expect(await line.frame((it) => it['id'] === null, 'a refusal')).toMatchObject({ error: { code: -1135 } })
})

it('logs on with Ed25519 only, then needs no signature, and hears of its orders', async () => {
  const line = await bench.dial('/ws-api/v3')
  const { keys } = bench.venue
  expect(await ask(line, 'session.logon', signedParams(bench.venue, {}))).toMatchObject({ error: { code: -1022 } })
  expect(await ask(line, 'userDataStream.subscribe')).toMatchObject({ status: 401 })
  const params = { apiKey: keys.apiKey, timestamp: bench.clock.now() }
  const signature = sign(null, Buffer.from(sortedText(params)), keys.privateKey).toString('base64')
  expect(await ask(line, 'session.logon', { ...params, signature })).toMatchObject({ result: { apiKey: keys.apiKey } })
  expect(await ask(line, 'userDataStream.subscribe')).toMatchObject({ result: { subscriptionId: 0 } })
  expect(await ask(line, 'userDataStream.subscribe')).toMatchObject({ error: { code: -2035 } })
  const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: 0.001, timestamp: bench.clock.now() }
  expect(await ask(line, 'order.place', order)).toMatchObject({ status: 200, result: { status: 'FILLED' } })
  await bench.clock.advanceBy(10)
  await arrival(() => eventsOf(line, 'outboundAccountPosition')[0], 'the balances')
  expect(eventsOf(line, 'executionReport').map((it) => it['X'])).toEqual(['NEW', 'FILLED'])
  expect(await ask(line, 'session.logout')).toMatchObject({ result: { apiKey: null, userDataStream: false } })
  expect(await ask(line, 'order.place', order)).toMatchObject({ error: { code: -2014 } })
})

it('tells of orders placed elsewhere, to who asked and until they ask no more', async () => {
  const line = await bench.dial('/ws-api/v3')
  expect(await subscribe(line)).toMatchObject({ result: { subscriptionId: 0 } })
  expect(await ask(line, 'session.subscriptions')).toMatchObject({ result: [{ subscriptionId: 0 }] })
  const other = await bench.dial('/ws-api/v3')
  await ask(other, 'order.place', market('a'))
  await bench.clock.advanceBy(10)
  expect(await line.frame((it) => 'event' in it, 'a report')).toMatchObject({ subscriptionId: 0, event: { c: 'a' } })
  await arrival(() => eventsOf(line, 'outboundAccountPosition')[0], 'the balances')
  expect(await ask(line, 'userDataStream.unsubscribe', { subscriptionId: 7 })).toMatchObject({ error: { code: -2036 } })
  await ask(line, 'userDataStream.unsubscribe')
  const heard = line.frames.length
  await ask(other, 'order.place', market('b'))
  await bench.clock.advanceBy(10)
  await settle()
  await ask(line, 'ping')
  expect(line.frames).toHaveLength(heard + 1)
})

it('ends user data and keeps the socket, and says when the server shuts down', async () => {
  const line = await bench.dial('/ws-api/v3')
  await subscribe(line)
  expect(bench.venue.control.sockets.terminateUserData()).toBe(1)
  await arrival(() => eventsOf(line, 'eventStreamTerminated')[0], 'the end')
  expect(await subscribe(line)).toMatchObject({ result: { subscriptionId: 1 } })
  bench.venue.control.sockets.shutDown(1_000)
  await arrival(() => eventsOf(line, 'serverShutdown')[0], 'the announcement')
  await bench.clock.advanceBy(1_000)
  expect(await arrival(() => line.closedWith, 'the end')).toBe(1001)
})

it('lets faults strike user events and requests', async () => {
  const line = await bench.dial('/ws-api/v3')
  await subscribe(line)
  const { faults } = bench.venue.world
  faults.inject({ id: 'twice', at: 'user executionReport', fault: { do: 'duplicate' } })
  faults.inject({ id: 'lost', at: 'user outbound*', fault: { do: 'drop' } })
  faults.inject({ id: 'silent', at: 'order.place', fault: { do: 'dropReply' }, times: 1 })
  line.send({ id: 'lost', method: 'order.place', params: market('a') })
  await arrival(() => (faults.list().length === 2 ? true : undefined), 'the call')
  await bench.clock.advanceBy(10)
  await ask(line, 'ping')
  expect(eventsOf(line, 'executionReport').map((it) => it['X'])).toEqual(['NEW', 'NEW', 'FILLED', 'FILLED'])
  expect(eventsOf(line, 'outboundAccountPosition')).toEqual([])
  expect(line.frames.some((it) => (it as Row)['id'] === 'lost')).toBe(false)
})
