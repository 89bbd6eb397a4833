import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Bench, type Line, openBench, type Row, settle } from './raw-client.js'
import { arrival } from './rehearsal.js'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.close())

const print = (price = '48000') => bench.venue.world.printTrade('spot', 'BTCUSDT', price, '0.01', 'BUY')
const answered = (line: Line, id: number) => line.frame((it) => it['id'] === id, `the answer to ${id}`)
const prices = (line: Line) => line.frames.map((it) => (it as Row)['p'])

it('wraps events as asked, lists, adds and removes', async () => {
  const raw = await bench.dial('/ws/btcusdt@trade')
  const combined = await bench.dial('/stream?streams=btcusdt@trade/btcusdt@aggTrade')
  const grouped = await bench.dial('/stream/ws/3')
  grouped.send({ method: 'SUBSCRIBE', params: ['btcusdt@trade'], id: 1 })
  expect(await answered(grouped, 1)).toEqual({ result: null, id: 1 })
  print()
  expect(await raw.frame((it) => it['e'] === 'trade', 'a trade')).toMatchObject({
    s: 'BTCUSDT',
    p: '48000.00000000',
    M: true,
  })
  expect(await combined.frame((it) => it['stream'] === 'btcusdt@aggTrade', 'both')).toMatchObject({
    data: { e: 'aggTrade' },
  })
  expect(combined.frames).toHaveLength(2)
  expect(await grouped.frame((it) => it['e'] === 'trade', 'a trade')).toHaveProperty('t')

  await bench.clock.advanceBy(1_000)
  combined.send({ method: 'UNSUBSCRIBE', params: ['btcusdt@aggTrade'], id: 2 })
  combined.send({ method: 'LIST_SUBSCRIPTIONS', id: 3 })
  expect(await answered(combined, 3)).toEqual({ result: ['btcusdt@trade'], id: 3 })
  combined.send({ method: 'SET_PROPERTY', params: ['combined', false], id: 4 })
  await answered(combined, 4)
  print('48001')
  await combined.frame((it) => it['p'] === '48001.00000000', 'an event without a wrapping')
  combined.send('what?')
  expect(await combined.frame((it) => 'error' in it, 'a refusal')).toMatchObject({ id: null, error: { code: 2 } })
})

it('closes a socket that says too much or wants too much', async () => {
  const loud = await bench.dial('/ws')
  for (let id = 1; id <= 6; id += 1) loud.send({ method: 'LIST_SUBSCRIPTIONS', id })
  expect(await arrival(() => loud.closedWith, 'the end')).toBe(1008)
  expect(loud.frames).toHaveLength(5)
  const greedy = await bench.dial('/ws')
  greedy.send({ method: 'SUBSCRIBE', params: Array.from({ length: 1_025 }, (_, at) => `s${at}@trade`), id: 1 })
  expect(await arrival(() => greedy.closedWith, 'the end')).toBe(1008)
  const huge = await bench.dial('/ws-api/v3')
  huge.send('x'.repeat(65_537))
  expect(await arrival(() => huge.closedWith, 'the end')).toBe(1009)
  await expect(bench.dial('/nowhere')).rejects.toThrow('404')
})

it('bounds dials, and loses them when told to', async () => {
  await bench.close()
  bench = await openBench({ clientLimits: { dialsPer5Minutes: 2 } })
  bench.venue.world.faults.inject({ id: 'down', at: 'DIAL /ws*', fault: { do: 'reset' }, times: 1 })
  await expect(bench.dial('/ws')).rejects.toThrow()
  await bench.dial('/ws')
  await bench.dial('/ws')
  await expect(bench.dial('/ws')).rejects.toThrow('429')
  await bench.clock.advanceBy(300_000)
  await bench.dial('/ws')
})

it.each(['btcusdt@depth@100ms', 'btcusdt@depth'])(
  'keeps the chain of %s whole: a snapshot and what follows make the book',
  async (stream) => {
    await bench.close()
    bench = await openBench({ market: 'generated' })
    const line = await bench.dial(`/ws/${stream}`)
    await bench.clock.advanceBy(5_000)
    const snapshot = (await bench.call('GET', '/api/v3/depth', { symbol: 'BTCUSDT', limit: 5_000 })).body as Snapshot
    await bench.clock.advanceBy(60_000)
    const { world } = bench.venue
    const changes = line.frames as readonly Change[]
    // A moment at which everything that changed has been told.
    for (let step = 0; step < 600 && changes.at(-1)?.u !== world.book('spot', 'BTCUSDT').lastUpdateId; step += 1) {
      await bench.clock.advanceBy(50)
      await settle()
    }
    const book = { b: new Map(snapshot.bids), a: new Map(snapshot.asks) }
    let seen = snapshot.lastUpdateId
    let kept = 0
    for (const change of changes) {
      if (change.u <= snapshot.lastUpdateId) continue
      if (kept === 0) expect(change.U).toBeLessThanOrEqual(snapshot.lastUpdateId + 1)
      else expect(change.U).toBe(seen + 1)
      kept += 1
      seen = change.u
      for (const side of ['b', 'a'] as const) {
        for (const [price, quantity] of change[side]) {
          if (Number(quantity) === 0) book[side].delete(price)
          else book[side].set(price, quantity)
        }
      }
    }
    expect(kept).toBeGreaterThan(5)
    const truth = world.book('spot', 'BTCUSDT')
    expect(seen).toBe(truth.lastUpdateId)
    expect(book.b).toEqual(new Map(truth.bids))
    expect(book.a).toEqual(new Map(truth.asks))
  },
)

it('drops, doubles, delays, overtakes and spoils frames', async () => {
  const line = await bench.dial('/ws/btcusdt@trade')
  const { faults } = bench.venue.world
  const strike = (id: string, fault: Parameters<typeof faults.inject>[0]['fault']) =>
    faults.inject({ id, at: 'btcusdt@trade', fault, times: 1 })
  strike('lost', { do: 'drop' })
  print('48001')
  strike('twice', { do: 'duplicate' })
  print('48002')
  strike('late', { do: 'delay', ms: 3_000 })
  print('48003')
  strike('overtaken', { do: 'reorder' })
  print('48004')
  print('48005')
  await bench.clock.advanceBy(3_000)
  strike('spoilt', { do: 'malformed' })
  print('48006')
  print('48007')
  await arrival(() => (prices(line).includes('48007.00000000') ? true : undefined), 'the last')
  expect(prices(line)).toEqual([
    ...['48002', '48002', '48005', '48004', '48003'].map((it) => `${it}.00000000`),
    undefined,
    '48007.00000000',
  ])
})

it('freezes a socket, half opens one, cuts one', async () => {
  const { sockets } = bench.venue.control
  const frozen = await bench.dial('/ws/btcusdt@trade')
  sockets.freeze('market')
  const dead = await bench.dial('/ws/btcusdt@trade')
  const { faults } = bench.venue.world
  faults.inject({ id: 'dead', at: 'btcusdt@trade', fault: { do: 'halfOpen' }, times: 2 })
  print()
  const witness = await bench.dial('/ws/btcusdt@trade')
  faults.clear()
  print('48001')
  await witness.frame((it) => it['p'] === '48001.00000000', 'a trade')
  expect([frozen.frames, dead.frames]).toEqual([[], []])
  let pongs = 0
  dead.socket.on('pong', () => {
    pongs += 1
  })
  witness.socket.ping()
  dead.socket.ping()
  await new Promise<void>((resolve) => witness.socket.once('pong', () => resolve()))
  await settle()
  expect(pongs).toBe(0)
  expect([frozen.closedWith, dead.closedWith]).toEqual([undefined, undefined])
  expect(sockets.cut('market')).toBe(3)
  expect(await arrival(() => witness.closedWith, 'the cut')).toBe(1006)
})

it('announces that the server shuts down, then closes', async () => {
  const line = await bench.dial('/stream?streams=btcusdt@trade')
  bench.venue.control.sockets.shutDown(10_000)
  await line.frame((it) => it['stream'] === '!serverShutdown', 'the announcement')
  await bench.clock.advanceBy(10_000)
  expect(await arrival(() => line.closedWith, 'the end')).toBe(1001)
})

interface Snapshot {
  readonly lastUpdateId: number
  readonly bids: readonly (readonly [string, string])[]
  readonly asks: readonly (readonly [string, string])[]
}

interface Change {
  readonly U: number
  readonly u: number
  readonly b: readonly (readonly [string, string])[]
  readonly a: readonly (readonly [string, string])[]
}
