import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Bench, openBench, type Params, type Reply, settle } from './raw-client.js'
import { arrival } from './rehearsal.js'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.close())

const buy = (id: string): Params => ({
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.001',
  price: Math.floor(Number(bench.venue.world.book('spot', 'BTCUSDT').bids[0]?.[0]) * 0.9),
  newClientOrderId: id,
})
const place = (id: string) => bench.signed('POST', '/api/v3/order', buy(id), { inBody: true })
const isTaken = (id: string) =>
  bench.venue.world.truth().accounts[0]?.orders.some((it) => it.clientOrderId === id) === true
const code = (reply: Reply) => (reply.body as { readonly code?: number }).code

it('counts weight and orders, and says so in headers', async () => {
  const first = await bench.call('GET', '/api/v3/depth', { symbol: 'BTCUSDT', limit: 1_000 })
  expect(first.headers.get('x-mbx-used-weight-1m')).toBe('50')
  const placed = await place('a')
  expect(placed.status).toBe(200)
  // An order that is taken costs no weight.
  expect(placed.headers.get('x-mbx-used-weight-1m')).toBe('50')
  expect(placed.headers.get('x-mbx-order-count-10s')).toBe('1')
  expect(placed.headers.get('x-mbx-order-count-1d')).toBe('1')
  await place('a')
  expect((await bench.call('GET', '/api/v3/ping')).headers.get('x-mbx-used-weight-1m')).toBe('52')
})

it('refuses what is not signed, not in time, not known or too much', async () => {
  const { signed, call, clock } = bench
  const ask = (params: Params) => signed('GET', '/api/v3/account', params)
  expect(code(await call('GET', '/api/v3/account', { timestamp: clock.now() }))).toBe(-1102)
  expect(code(await call('GET', '/api/v3/account', { timestamp: clock.now(), signature: 'f'.repeat(64) }))).toBe(-1022)
  const stranger = { headers: { 'x-mbx-apikey': 'nobody' } }
  expect(code(await call('GET', '/api/v3/account', { timestamp: clock.now(), signature: 'f' }, stranger))).toBe(-2015)
  expect(code(await ask({ timestamp: clock.now() - 5_001 }))).toBe(-1021)
  expect(code(await ask({ timestamp: clock.now() + 1_000 }))).toBe(-1021)
  expect(code(await ask({ surprise: 1 }))).toBe(-1104)
  expect(code(await signed('GET', '/api/v3/order', {}))).toBe(-1102)
  expect(code(await signed('GET', '/api/v3/order', { symbol: '' }))).toBe(-1105)
  expect(code(await call('GET', '/api/v3/depth', { symbol: 'NONE' }))).toBe(-1121)
  expect((await call('POST', '/api/v3/userDataStream')).status).toBe(410)
  expect((await call('GET', '/api/v3/nothing')).status).toBe(404)
  const huge = await call('POST', '/api/v3/order', { note: 'x'.repeat(300_000) }, { inBody: true }).catch(() => null)
  expect(huge?.status ?? 413).toBe(413)
  expect((await ask({})).status).toBe(200)
})

it('stops whoever asks too much, and bans whoever does not stop', async () => {
  await bench.close()
  bench = await openBench({ clientLimits: { weightPerMinute: 60 } })
  const ask = () => bench.call('GET', '/api/v3/depth', { symbol: 'BTCUSDT', limit: 1_000 })
  expect([(await ask()).status, (await ask()).status]).toEqual([200, 200])
  const stopped = await ask()
  expect([stopped.status, code(stopped), stopped.headers.get('retry-after')]).toEqual([429, -1003, '60'])
  for (let call = 0; call < 20; call += 1) await ask()
  const banned = await ask()
  expect([banned.status, code(banned), banned.headers.get('retry-after')]).toEqual([418, -1003, '120'])
  await bench.clock.advanceBy(120_000)
  expect((await ask()).status).toBe(200)
})

it('takes an order, or not, and answers as a fault has it', async () => {
  const { faults } = bench.venue.world
  const at = 'POST /api/v3/order'
  const error = { do: 'error', code: -1006, msg: 'An unexpected response.', httpStatus: 503 } as const
  const cases = [
    ['reset', { do: 'reset' }, 'broken', false],
    ['resetReply', { do: 'resetReply' }, 'broken', true],
    ['error', error, -1006, false],
    ['errorTaken', { ...error, taken: true }, -1006, true],
    ['duplicate', { do: 'duplicate' }, -2010, true],
    ['malformed', { do: 'malformed' }, 'garbled', true],
    ['rateLimit', { do: 'rateLimit', retryAfterSeconds: 7 }, -1003, false],
    ['skew', { do: 'skew', ms: 6_000 }, -1021, false],
  ] as const
  for (const [id, fault, answer, taken] of cases) {
    faults.inject({ id, at, fault, times: 1 })
    const reply = await place(id).catch(() => null)
    const said = reply === null ? 'broken' : typeof reply.body === 'string' ? 'garbled' : code(reply)
    expect([id, said, isTaken(id)]).toEqual([id, answer, taken])
  }
  expect(faults.list()).toEqual([])
  const orders = bench.venue.world.truth().accounts[0]?.orders ?? []
  expect(orders.filter((it) => it.clientOrderId === 'duplicate')).toHaveLength(1)
})

it('leaves a call without a reply, taken or not', async () => {
  const { faults } = bench.venue.world
  for (const [id, fault, taken] of [
    ['hang', { do: 'hang' }, false],
    ['dropReply', { do: 'dropReply' }, true],
  ] as const) {
    faults.inject({ id, at: 'POST *', fault, times: 1 })
    const giveUp = new AbortController()
    const waiting = bench.signed('POST', '/api/v3/order', buy(id), { abortSignal: giveUp.signal })
    await arrival(() => faults.list().length === 0 || undefined, 'the call')
    await bench.clock.advanceBy(60_000)
    await settle()
    giveUp.abort()
    await expect(waiting).rejects.toThrow('aborted')
    expect([id, isTaken(id)]).toEqual([id, taken])
  }
})

it('says after ten seconds that it does not know, and the engine acts all the same', async () => {
  const { faults } = bench.venue.world
  faults.inject({ id: 'slow', at: 'POST /api/v3/order', fault: { do: 'engineDelay', ms: 15_000 }, times: 1 })
  const waiting = place('slow')
  await arrival(() => faults.list().length === 0 || undefined, 'the call')
  await bench.clock.advanceBy(9_999)
  expect(isTaken('slow')).toBe(false)
  await bench.clock.advanceBy(1)
  const reply = await waiting
  expect([reply.status, code(reply), isTaken('slow')]).toEqual([503, -1007, false])
  await bench.clock.advanceBy(5_000)
  expect(isTaken('slow')).toBe(true)
})

it('holds a call up on its way: one that comes too late is refused', async () => {
  const { faults } = bench.venue.world
  faults.inject({ id: 'late', at: 'POST /api/v3/order', fault: { do: 'delay', ms: 6_000 }, times: 1 })
  const waiting = place('late')
  await arrival(() => faults.list().length === 0 || undefined, 'the call')
  await bench.clock.advanceBy(6_000)
  expect([code(await waiting), isTaken('late')]).toEqual([-1021, false])
})

it('bans for so long, and lets reads lag behind', async () => {
  const { faults } = bench.venue.world
  const look = () => bench.signed('GET', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'a' })
  await place('a')
  faults.inject({ id: 'lag', at: 'GET /api/v3/order', fault: { do: 'indexingLag', ms: 2_000 } })
  expect(code(await look())).toBe(-2013)
  await bench.clock.advanceBy(2_001)
  expect((await look()).status).toBe(200)
  faults.inject({ id: 'ban', at: 'GET /api/v3/order', fault: { do: 'ban', retryAfterSeconds: 30 }, times: 1 })
  const banned = await look()
  expect([banned.status, banned.headers.get('retry-after')]).toEqual([418, '30'])
  expect((await place('b')).status).toBe(418)
  await bench.clock.advanceBy(30_000)
  expect((await place('b')).status).toBe(200)
})

it('halts a symbol, and says what a key may do', async () => {
  const { world, control, keys } = bench.venue
  world.faults.inject({ id: 'halt', at: 'POST /api/v3/order', fault: { do: 'halt', symbol: 'BTCUSDT' }, times: 1 })
  expect(code(await place('halted'))).toBeLessThan(0)
  world.setStatus('spot', 'BTCUSDT', 'TRADING')
  expect((await place('open')).status).toBe(200)
  const about = async () => (await bench.signed('GET', '/sapi/v1/account/apiRestrictions')).body
  expect(await about()).toMatchObject({ enableWithdrawals: false, ipRestrict: true, enableSpotAndMarginTrading: true })
  control.keys.restrict(keys.apiKey, { mayWithdraw: true, mayTrade: false })
  expect(await about()).toMatchObject({ enableWithdrawals: true, enableSpotAndMarginTrading: false })
  expect(code(await place('forbidden'))).toBe(-2015)
})

it('gives the same bytes for the same seed and the same requests', async () => {
  const run = async (): Promise<readonly string[]> => {
    const texts: string[] = []
    const keep = async (reply: Promise<Reply>) => void texts.push((await reply).text)
    bench.venue.world.faults.inject({ id: 'some', at: '*', fault: { do: 'malformed' }, share: 0.3 })
    for (let order = 0; order < 10; order += 1) {
      const { newClientOrderId: _, ...unnamed } = buy('')
      await keep(bench.signed('POST', '/api/v3/order', unnamed))
      await bench.clock.advanceBy(700)
    }
    await keep(bench.signed('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' }))
    await keep(bench.signed('GET', '/api/v3/allOrders', { symbol: 'BTCUSDT' }))
    await keep(bench.call('GET', '/api/v3/depth', { symbol: 'BTCUSDT' }))
    await keep(bench.call('GET', '/api/v3/klines', { symbol: 'BTCUSDT', interval: '1m' }))
    return texts
  }
  await bench.close()
  bench = await openBench({ market: 'generated' })
  const first = await run()
  await bench.close()
  bench = await openBench({ market: 'generated' })
  expect(await run()).toEqual(first)
  await bench.close()
  bench = await openBench({ market: 'generated', seed: 8 })
  expect(await run()).not.toEqual(first)
})
