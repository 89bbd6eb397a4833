import { decimal } from '@barfinex/core'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type ContractMarket, contractMarket } from '../../src/testing/contract-market.js'
import { type OnVenue, type OnVenueOptions, onVenue } from './on-venue.js'

const open: OnVenue[] = []
// Loading it takes longer than the timeouts of these tests.
beforeAll(async () => {
  await import('ccxt')
})
afterEach(async () => {
  for (const it of open.splice(0)) await it.close()
})

type Given = ContractMarket & OnVenue

async function given(options: OnVenueOptions = {}): Promise<Given> {
  const it = await onVenue(options)
  open.push(it)
  return { ...it, ...(await contractMarket(it)) }
}

/** What the venue really holds of an order: every one ever taken under this id. */
function taken({ venue }: OnVenue, clientOrderId: string) {
  return venue.world
    .truth()
    .accounts.flatMap((account) => account.orders.filter((it) => it.clientOrderId === clientOrderId))
}

const typesOf = (market: Given, id: string) => market.reportsOf(id).map((it) => it.type)
const resting = (market: Given) => ({ type: 'limit', limitPrice: market.priceAt(-2_000) }) as const

describe('a sale of what is held', () => {
  /** Another order, which never makes way, has locked all but 0.0002 of what is held. */
  async function locked() {
    const market = await given()
    await market.filled(await market.send())
    const { venue } = market
    const balance = () => venue.world.truth().accounts[0]?.balances.find((it) => it.asset === 'BTC')
    const locks = decimal(balance()?.total ?? '0').minus(decimal('0.0002'))
    const price = decimal(venue.world.book('spot', 'BTCUSDT').asks[0]?.[0] ?? '0').times(decimal('1.1'))
    venue.world.spot.place('main', {
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: locks.roundTo(decimal('0.00001'), 'towardZero').toString(),
      price: price.roundTo(decimal('0.01'), 'towardZero').toString(),
    })
    return market
  }

  test('is refused whole if it is a stop: a smaller one would only look like it', async () => {
    const market = await locked()
    const stop = { side: 'sell', type: 'stopMarket', triggerPrice: market.priceAt(-2_000), reduceOnly: true } as const
    const id = await market.send({ ...stop, purpose: 'stop' })
    await market.report(id, 'rejected')
    expect(market.reportsOf(id)).toMatchObject([
      { type: 'rejected', reason: { code: 'exchange.order.insufficient-funds' } },
    ])
    expect(taken(market, id)).toEqual([])
  })

  test('sells what is free if it leaves the position', async () => {
    const market = await locked()
    const id = await market.send({ side: 'sell', type: 'market', reduceOnly: true, purpose: 'exit' })
    await market.report(id, 'canceled')
    const sold = market.reportsOf(id).flatMap((it) => (it.type === 'fill' ? [Number(it.quantity)] : []))
    expect(sold.reduce((sum, it) => sum + it, 0)).toBeCloseTo(0.0002, 4)
  })
})

describe('a reply that does not come', () => {
  test.each([
    ['F1: never', { do: 'dropReply' }],
    ['F2: the connection is reset', { do: 'resetReply' }],
    // The reply would come after 10 s; we have stopped waiting by then.
    ['F3: the engine takes 10 s', { do: 'engineDelay', ms: 10_000 }],
    ['F3: -1007', { do: 'error', code: -1007, msg: 'Timeout waiting for backend.', httpStatus: 503, taken: true }],
    [
      'F3: -1006',
      { do: 'error', code: -1006, msg: 'An unexpected response was received.', httpStatus: 400, taken: true },
    ],
    ['C20: it is torn', { do: 'malformed' }],
  ] as const)('%s: the order is uncertain, never rejected, sent once, and its record tells', async (_name, fault) => {
    const market = await given()
    market.venue.world.faults.inject({ id: 'lost', at: 'POST /api/v3/order', times: 1, fault })
    // The stream would tell it all: it is the reply that is looked at here.
    market.venue.world.faults.inject({ id: 'deaf', at: 'user *', fault: { do: 'drop' } })
    const id = await market.send(resting(market))
    await market.report(id, 'uncertain')
    await market.until(() => taken(market, id).length > 0, 'the order at the venue')
    expect(typesOf(market, id)).toEqual(['uncertain'])
    expect(taken(market, id)).toHaveLength(1)
    expect(await market.exchange.order(id, market.instrument.symbol)).toMatchObject({ state: 'accepted' })
  })

  test.each([
    ['F4: it hangs on the way', { do: 'hang' }],
    ['F4: it is cut on the way', { do: 'reset' }],
  ] as const)('%s: uncertain, and the venue knows nothing of it', async (_name, fault) => {
    const market = await given()
    market.venue.world.faults.inject({ id: 'lost', at: 'POST /api/v3/order', times: 1, fault })
    const id = await market.send()
    await market.report(id, 'uncertain')
    expect(await market.exchange.order(id, market.instrument.symbol)).toBeNull()
    expect(taken(market, id)).toEqual([])
  })

  test('F2: what filled is told once, whether reply, stream or records bring it', async () => {
    const market = await given()
    market.venue.world.faults.inject({ id: 'lost', at: 'POST /api/v3/order', times: 1, fault: { do: 'resetReply' } })
    const fills = await market.filled(await market.send())
    const other = await market.filled(await market.send())
    await market.wait(2_000)
    const told = market.reports.filter((it) => it.type === 'fill')
    expect(told).toHaveLength(fills.length + other.length)
    expect(new Set(told.map((it) => it.tradeId)).size).toBe(told.length)
    const asked = await market.exchange.fills(market.instrument.symbol, 0)
    expect(asked.map((it) => `${it.clientOrderId} ${it.tradeId} ${it.fee}`)).toEqual(
      told.map((it) => `${it.clientOrderId} ${it.tradeId} ${it.fee}`),
    )
  })

  test('C2, F5: -2010 Duplicate means that it is there: it is looked up and taken over', async () => {
    const market = await given()
    const fault = { do: 'error', code: -2010, msg: 'Duplicate order sent.', httpStatus: 400, taken: true } as const
    market.venue.world.faults.inject({ id: 'twice', at: 'POST /api/v3/order', times: 1, fault })
    market.venue.world.faults.inject({ id: 'deaf', at: 'user *', fault: { do: 'drop' } })
    const id = await market.send(resting(market))
    await market.report(id, 'accepted')
    expect(typesOf(market, id)).toEqual(['accepted'])
    expect(taken(market, id)).toHaveLength(1)
  })

  test('C3, F8: a record that is not there yet is not there: nothing is concluded from it here', async () => {
    const market = await given()
    market.venue.world.setIndexingLag({ from: 3_000, to: 3_000 })
    const id = await market.send(resting(market))
    await market.report(id, 'accepted')
    expect(await market.exchange.order(id, market.instrument.symbol)).toBeNull()
    await market.wait(3_100)
    expect(await market.exchange.order(id, market.instrument.symbol)).toMatchObject({ state: 'accepted' })
  })
})

describe('cancels', () => {
  test('F6: a lost reply leaves the cancel uncertain, and the record tells that it was done', async () => {
    const market = await given()
    const id = await market.send(resting(market))
    await market.report(id, 'accepted')
    market.venue.world.faults.inject({ id: 'lost', at: 'DELETE /api/v3/order', times: 1, fault: { do: 'dropReply' } })
    market.venue.world.faults.inject({ id: 'deaf', at: 'user *', fault: { do: 'drop' } })
    await market.exchange.cancel(id, market.instrument.symbol)
    expect(await market.report(id, 'uncertain')).toMatchObject({ action: 'cancel' })
    expect(await market.exchange.order(id, market.instrument.symbol)).toMatchObject({ state: 'canceled' })
  })

  test('C4: it is told under the id of the order, by reply and stream alike', async () => {
    const market = await given()
    const id = await market.send(resting(market))
    await market.report(id, 'accepted')
    await market.exchange.cancel(id, market.instrument.symbol)
    await market.until(() => typesOf(market, id).filter((it) => it === 'canceled').length === 2, 'both words of it')
    expect(new Set(market.reports.map((it) => it.clientOrderId))).toEqual(new Set([id]))
    for (const it of market.reportsOf(id)) expect(it).toMatchObject({ reason: null })
  })

  test('F7: one that comes too late brings the fills that nobody told of', async () => {
    const market = await given()
    market.venue.world.faults.inject({ id: 'deaf', at: 'user *', fault: { do: 'drop' } })
    const id = await market.send({ type: 'limit', limitPrice: market.priceAt(-20) })
    await market.report(id, 'accepted')
    const price = decimal(market.priceAt(-100)).toString()
    market.venue.world.movePrice('spot', 'BTCUSDT', price)
    await market.until(() => taken(market, id)[0]?.status === 'FILLED', 'the fill at the venue')
    expect(typesOf(market, id)).toEqual(['accepted'])
    await market.exchange.cancel(id, market.instrument.symbol)
    expect(await market.report(id, 'cancelRejected')).toMatchObject({
      reason: { code: 'exchange.order.already-final' },
    })
    expect(await market.filled(id)).not.toEqual([])
  })
})

describe('limits and the clock', () => {
  const methods = ['GET', 'POST', 'DELETE']
  /** True when no request has come to the venue since the traps were laid. */
  const isUntouched = ({ venue }: OnVenue) =>
    methods.every((method) => venue.world.faults.list().some((it) => it.id === method))

  test.each([
    ['F22: 429', { do: 'rateLimit', retryAfterSeconds: 30 }],
    ['F23: 418', { do: 'ban', retryAfterSeconds: 30 }],
  ] as const)('C15, %s: nothing leaves for as long as the exchange says, then it goes on', async (_name, fault) => {
    const market = await given()
    market.venue.world.faults.inject({ id: 'limit', at: 'GET /api/v3/account', times: 1, fault })
    await expect(market.exchange.snapshot()).rejects.toMatchObject({ code: 'exchange.unavailable', retryable: true })
    for (const id of methods) {
      market.venue.world.faults.inject({ id, at: `${id} *`, times: 1, fault: { do: 'hang' } })
    }
    const id = await market.send()
    expect(await market.report(id, 'rejected')).toMatchObject({ reason: { code: 'exchange.request.rate-limited' } })
    await expect(market.exchange.snapshot()).rejects.toMatchObject({ code: 'exchange.unavailable' })
    await market.exchange.cancel(id, market.instrument.symbol)
    await market.report(id, 'cancelRejected')
    await market.wait(29_000)
    expect(isUntouched(market)).toBe(true)
    market.venue.world.faults.clear()
    await market.wait(2_000)
    expect((await market.exchange.snapshot()).openOrders).toEqual([])
  })

  test.each([2_000, -2_000, 15_000, -15_000])('C16, F24: the exchange is %i ms off of a sudden', async (skewMs) => {
    const market = await given()
    market.venue.world.setSkew(skewMs)
    const first = await market.send()
    const said = await market.report(first, 'accepted', 'rejected')
    if (said.type === 'rejected') expect(said.reason?.code).toBe('exchange.request.clock')
    const second = await market.send()
    expect(await market.report(second, 'accepted', 'rejected')).toMatchObject({ type: 'accepted' })
    await market.exchange.snapshot()
  })

  test('C16: a read outside the window is asked again by the right clock', async () => {
    const market = await given()
    market.venue.world.setSkew(-20_000)
    expect((await market.exchange.snapshot()).balances).not.toEqual([])
  })
})

test('a record that cannot be read is an error, not an order that is not there', async () => {
  const market = await given()
  const { faults } = market.venue.world
  const { symbol } = market.instrument
  for (const fault of [
    { do: 'reset' },
    { do: 'malformed' },
    { do: 'error', code: -1007, msg: 'Timeout.', httpStatus: 503 },
    { do: 'error', code: -2015, msg: 'Invalid API-key.', httpStatus: 401 },
    { do: 'error', code: -2013, msg: 'Order does not exist, says a broken server.', httpStatus: 500 },
  ] as const) {
    faults.inject({ id: 'broken', at: 'GET *', fault })
    await expect(market.exchange.order('never-sent', symbol)).rejects.toMatchObject({
      code: expect.stringMatching(/^exchange\./),
    })
    await expect(market.exchange.fills(symbol, 0)).rejects.toMatchObject({ code: expect.stringMatching(/^exchange\./) })
  }
  faults.clear()
  expect(await market.exchange.order('never-sent', symbol)).toBeNull()
})

test('a failed snapshot is unknown, not empty', async () => {
  const market = await given()
  for (const at of ['GET /api/v3/account', 'GET /api/v3/openOrders']) {
    market.venue.world.faults.inject({ id: 'down', at, fault: { do: 'reset' } })
    await expect(market.exchange.snapshot()).rejects.toMatchObject({ code: 'exchange.unavailable', retryable: true })
  }
})

test('F30: a market that halts is said to the system, and takes no order from here', async () => {
  const market = await given({ ccxt: { refreshMs: 1_000 } })
  market.venue.world.setStatus('spot', 'BTCUSDT', 'HALT')
  await market.wait(2_500)
  expect(market.market.instruments.at(-1)).toMatchObject({ symbol: 'BTC/USDT', status: 'halted' })
  market.venue.world.faults.inject({ id: 'trap', at: 'POST /api/v3/order', times: 1, fault: { do: 'hang' } })
  const id = await market.send()
  expect(await market.report(id, 'rejected')).toMatchObject({ reason: { code: 'exchange.order.instrument-halted' } })
  expect(market.venue.world.faults.list()).toHaveLength(1)
})
