import { afterEach, beforeEach, expect, it } from 'vitest'
import { createVenue, type Venue } from '../../src/venue/index.js'

let venue: Venue
beforeEach(async () => {
  venue = await createVenue({
    seed: 7,
    startAt: Date.UTC(2026, 0, 5),
    pace: 0,
    market: 'still',
    symbols: ['BTC/USDT'],
    perpetuals: [],
    historyDays: 1,
  })
})
afterEach(() => venue.close())

interface Said {
  readonly result?: unknown
  readonly error?: { readonly code?: string; readonly message: string }
}

async function control(at: string, body?: object, token = venue.control.token): Promise<[number, unknown]> {
  const [method = '', path = ''] = at.split(' ')
  const response = await fetch(`${venue.control.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const said = (await response.json()) as Said
  return [response.status, said.result ?? said.error?.message ?? null]
}

const price = async (): Promise<unknown> =>
  ((await (await fetch(`${venue.url}/api/v3/ticker/price?symbol=BTCUSDT`)).json()) as { readonly price: string }).price
const time = async (): Promise<unknown> =>
  ((await (await fetch(`${venue.url}/api/v3/time`)).json()) as { readonly serverTime: number }).serverTime

it('is closed without its token, and is another port than the exchange', async () => {
  expect((await control('GET /truth', undefined, 'guess'))[0]).toBe(401)
  expect((await fetch(`${venue.url}/truth`)).status).toBe(404)
  expect((await control('GET /nothing'))[0]).toBe(404)
})

it('says what is wrong with a body', async () => {
  const [status, message] = await control('POST /price', { symbl: 'BTCUSDT', price: '1' })
  expect(status).toBe(400)
  expect(message).toContain('did you mean "symbol"')
  expect((await control('POST /price', { symbol: 'NONE', price: '1' }))[0]).toBe(400)
  expect((await control('POST /faults', { id: 'a', at: '*', fault: { do: 'explode' } }))[0]).toBe(400)
  expect((await control('POST /deposit', { account: 'nobody', asset: 'BTC', amount: '1' }))[1]).toContain('main')
})

it('drives the clock, the price and the status', async () => {
  const start = Date.UTC(2026, 0, 5)
  expect(await time()).toBe(start)
  await control('POST /clock/advance', { ms: 90_000 })
  expect(await time()).toBe(start + 90_000)
  await control('POST /clock/skew', { ms: -2_000 })
  expect(await time()).toBe(start + 88_000)
  await control('POST /price', { symbol: 'BTCUSDT', price: '50000' })
  expect(await price()).toBe('50000.00000000')
  await control('POST /trade', { symbol: 'BTCUSDT', price: '50010', quantity: '0.5', takerSide: 'BUY' })
  expect(await price()).toBe('50010.00000000')
  await control('POST /status', { symbol: 'BTCUSDT', status: 'HALT' })
  const info = await (await fetch(`${venue.url}/api/v3/exchangeInfo?symbol=BTCUSDT`)).json()
  expect(info).toMatchObject({ symbols: [{ status: 'HALT' }] })
})

it('lets the clock walk, and holds it', async () => {
  await control('POST /clock/pace', { speed: 1_000_000 })
  await expect.poll(time, { timeout: 9_000 }).toBeGreaterThan(Date.UTC(2026, 0, 5))
  await control('POST /clock/pace', { speed: 0 })
  expect(await time()).toBe(await time())
})

it('injects faults, lists them, and takes them back', async () => {
  const fault = { do: 'error', code: -1008, msg: 'Overloaded.', httpStatus: 503, taken: false }
  await control('POST /faults', { id: 'busy', at: 'GET /api/v3/time', fault, times: 2 })
  expect((await fetch(`${venue.url}/api/v3/time`)).status).toBe(503)
  expect((await control('GET /faults'))[1]).toEqual([{ id: 'busy', at: 'GET /api/v3/time', fault, times: 2 }])
  await control('DELETE /faults', { id: 'busy' })
  expect((await fetch(`${venue.url}/api/v3/time`)).status).toBe(200)
})

it('refuses a fault that could never strike, and says what there is', async () => {
  const misspelt = [
    ['POST /api/v3/orders', 'POST /api/v3/order, '],
    ['btcusdt@trades', 'btcusdt@trade, '],
    ['dogeusdt@trade', 'btcusdt@trade, '],
    ['user executionreport', 'user executionReport, '],
    ['DIAL /ws-api/v4', 'DIAL /ws-api/v3, '],
    ['userdata*', 'userDataStream.subscribe.signature, '],
  ] as const
  for (const [at, known] of misspelt) {
    const [status, message] = await control('POST /faults', { id: 'x', at, fault: { do: 'reset' } })
    expect([status, message], at).toEqual([400, expect.stringContaining(known)])
  }
  const impossible = [
    ['POST /api/v3/order', { do: 'reorder' }],
    ['btcusdt@trade', { do: 'ban', retryAfterSeconds: 1 }],
    ['user *', { do: 'error', code: -1000, msg: 'x', httpStatus: 500 }],
    ['DIAL /ws*', { do: 'freeze' }],
  ] as const
  for (const [at, fault] of impossible) {
    const [status, message] = await control('POST /faults', { id: 'x', at, fault })
    expect([status, message], at).toEqual([400, expect.stringContaining('What it can suffer: ')])
  }
  expect(await control('GET /faults')).toEqual([200, []])
  const rule = { id: 'x', at: 'GET /api/v3/tim', fault: { do: 'hang' } } as const
  expect(() => venue.world.faults.inject(rule)).toThrow(expect.objectContaining({ code: 'venue.fault-place-unknown' }))
  const other = { id: 'x', at: 'GET /api/v3/time', fault: { do: 'freeze' } } as const
  expect(() => venue.world.faults.inject(other)).toThrow(expect.objectContaining({ code: 'venue.fault-impossible' }))
})

it('changes filters within the grid that the symbol began with', async () => {
  const filters = async () => {
    const info = (await (await fetch(`${venue.url}/api/v3/exchangeInfo?symbol=BTCUSDT`)).json()) as {
      symbols: [{ filters: { filterType: string; tickSize?: string; maxNumAlgoOrders?: number }[] }]
    }
    const of = (type: string) => info.symbols[0].filters.find((it) => it.filterType === type)
    return [of('PRICE_FILTER')?.tickSize, of('MAX_NUM_ALGO_ORDERS')?.maxNumAlgoOrders]
  }
  const [tick, most] = await filters()
  await control('POST /filters', { symbol: 'BTCUSDT', tickSize: '1', maxNumAlgoOrders: 0 })
  expect(await filters()).toEqual(['1.00000000', 0])
  const place = (type: object) =>
    venue.world.spot.place('main', { symbol: 'BTCUSDT', side: 'SELL', quantity: '0.01', timeInForce: 'GTC', ...type })
  expect(() => place({ type: 'LIMIT', price: '60000.5' })).toThrow('PRICE_FILTER')
  expect(() => place({ type: 'STOP_LOSS_LIMIT', price: '30000', stopPrice: '30001' })).toThrow('MAX_NUM_ALGO_ORDERS')
  expect((await control('POST /filters', { symbol: 'BTCUSDT', tickSize: '0.00000001' }))[1]).toContain('no multiple')
  await control('POST /filters', { symbol: 'BTCUSDT', tickSize: tick, maxNumAlgoOrders: most })
  expect(await filters()).toEqual([tick, most])
})

it('ends an order by another hand', async () => {
  const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '20000', quantity: '0.01' }
  for (const [id, as] of [
    ['one', 'CANCELED'],
    ['two', 'EXPIRED'],
  ] as const) {
    venue.world.spot.place('main', { ...order, newClientOrderId: id })
    const body = { account: 'main', symbol: 'BTCUSDT', clientOrderId: id, as }
    expect(await control('POST /orders/end', body)).toEqual([200, null])
    expect(venue.world.spot.order('main', { symbol: 'BTCUSDT', origClientOrderId: id })).toMatchObject({ status: as })
    expect((await control('POST /orders/end', body))[0]).toBe(400)
  }
  expect(venue.world.truth().accounts[0]?.balances.every((it) => Number(it.locked) === 0)).toBe(true)
})

it('deposits, restricts keys, and tells the truth', async () => {
  await control('POST /deposit', { account: 'main', asset: 'BTC', amount: '2.5' })
  await control('POST /keys', { account: 'main', mayWithdraw: true })
  expect(venue.control.keys.of(venue.keys.apiKey)).toMatchObject({ mayWithdraw: true, mayTrade: true })
  const [, truth] = await control('GET /truth')
  expect(truth).toEqual(JSON.parse(JSON.stringify(venue.world.truth())))
  expect(truth).toMatchObject({ accounts: [{ id: 'main' }] })
})

it('refuses a port that is taken, with what to do', async () => {
  const port = Number(new URL(venue.url).port)
  await expect(createVenue({ port, historyDays: 1, symbols: ['BTC/USDT'], perpetuals: [] })).rejects.toThrow(
    'Choose another',
  )
})
