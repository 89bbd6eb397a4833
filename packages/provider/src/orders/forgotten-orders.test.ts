import { anOrder } from '@barfinex/core/testing'
import { expect, test } from 'vitest'
import { givenProvider } from '../testing/given-provider.js'

const entry = anOrder({ clientOrderId: 'entry', quantity: '1' })
const stop = anOrder({
  clientOrderId: 'stop',
  side: 'sell',
  type: 'stopMarket',
  triggerPrice: '95',
  quantity: '1',
  reduceOnly: true,
  purpose: 'stop',
})
const exit = anOrder({ clientOrderId: 'exit', side: 'sell', quantity: '1', reduceOnly: true, purpose: 'exit' })

/** One is held and a stop rests below it; its owner held five before. */
async function held() {
  const it = await givenProvider({
    deposits: { USDT: '100000', BTC: '5' },
    oco: false,
    provider: { reconcile: { openOrdersMs: 5_000 } },
  })
  await it.start()
  it.beat()
  it.venue.quote(99.99, 100.01)
  it.submit(entry)
  it.submit(stop)
  await it.clock.advanceBy(10)
  expect(it.events.at(-1)).toMatchObject({ clientOrderId: 'stop', state: 'accepted' })
  return it
}

const forgotten = {
  clientOrderId: 'stop',
  state: 'expired',
  reason: expect.objectContaining({ code: 'order.resolve.forgotten' }),
}

test('an order that the exchange has forgotten ends, and what it was to sell can be sold by another one', async () => {
  const it = await held()
  await it.clock.advanceBy(60_000)
  it.venue.forget('stop')
  await it.clock.advanceBy(10_000)
  expect(it.events.at(-1)).toMatchObject(forgotten)
  expect(it.incidents.map(({ reason }) => reason.code)).toEqual(['order.resolve.forgotten'])
  expect(it.service.account()).toMatchObject({ known: true, openOrders: [] })
  it.submit(exit)
  await it.clock.advanceBy(10)
  expect(it.events.at(-1)).toMatchObject({ clientOrderId: 'exit', state: 'filled' })
})

test('so does one whose cancel nobody has answered', async () => {
  const it = await held()
  await it.clock.advanceBy(60_000)
  it.venue.forget('stop')
  it.venue.faults.cancel = 'lost-request'
  it.cancel('stop')
  await it.clock.advanceBy(10_000)
  expect(it.events.at(-1)).toMatchObject({ clientOrderId: 'stop', state: 'pendingCancel' })
  await it.clock.advanceBy(30_000)
  expect(it.events.at(-1)).toMatchObject(forgotten)
})

test('a new order is not given up: the records may lag behind it', async () => {
  const it = await held()
  it.venue.forget('stop')
  await it.clock.advanceBy(15_000)
  expect(it.events.at(-1)).toMatchObject({ clientOrderId: 'stop', state: 'accepted' })
  it.submit(exit)
  await it.clock.advanceBy(10)
  expect(it.events.at(-1)).toMatchObject({ state: 'denied', reason: { code: 'order.gateway.oversold' } })
})

test('while the exchange is silent nothing is concluded', async () => {
  const it = await held()
  await it.clock.advanceBy(60_000)
  it.venue.forget('stop')
  it.venue.faults.isUnreachable = true
  await it.clock.advanceBy(120_000)
  expect(it.events.at(-1)).toMatchObject({ clientOrderId: 'stop', state: 'accepted' })
})
