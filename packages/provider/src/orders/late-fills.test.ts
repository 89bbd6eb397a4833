import { flow } from '@barfinex/core'
import { anOperatorCommand, anOrder } from '@barfinex/core/testing'
import { expect, test } from 'vitest'
import { givenProvider } from '../testing/given-provider.js'

const target = anOrder({
  clientOrderId: 'target',
  side: 'sell',
  type: 'limit',
  limitPrice: '105',
  quantity: '150',
  reduceOnly: true,
  purpose: 'target',
})
const exit = anOrder({ clientOrderId: 'exit', side: 'sell', quantity: '150', reduceOnly: true, purpose: 'exit' })

/** 150 are held and a target rests above; its owner held 50 before. Fills come 20 s late by themselves. */
async function held() {
  const it = await givenProvider({ deposits: { USDT: '100000', BTC: '50' }, oco: false })
  await it.start()
  const stopBeating = it.beat()
  for (const clientOrderId of ['entry-1', 'entry-2']) {
    it.venue.quote(99.99, 100.01)
    it.submit(anOrder({ clientOrderId, intentId: clientOrderId, quantity: '75' }))
    await it.clock.advanceBy(10)
  }
  it.submit(target)
  await it.clock.advanceBy(10)
  it.venue.faults.deliver = (report, hand) => {
    if (report.type === 'fill') it.clock.schedule(it.clock.now() + 20_000, () => hand(report))
    else hand(report)
  }
  const coins = async () => (await it.venue.exchange.snapshot()).balances.find(({ asset }) => asset === 'BTC')?.total
  expect(await coins()).toBe('200')
  return { ...it, coins, stopBeating }
}

test('what an order has sold counts from its end on, though its fills are not there yet', async () => {
  const it = await held()
  it.venue.quote(105.1, 105.2)
  it.cancel('target')
  await it.clock.advanceBy(10)
  expect(it.events.at(-1)).toMatchObject({ state: 'canceled', filledQuantity: '100', averagePrice: null })
  it.submit(exit)
  await it.clock.advanceBy(10)
  expect(it.events.at(-1)).toMatchObject({
    state: 'denied',
    reason: { code: 'order.gateway.oversold', limit: '50', observed: '150' },
  })
  // The fills are fetched; nobody waits for them to come by themselves.
  await it.clock.advanceBy(300)
  expect(it.service.account().positions).toMatchObject([{ quantity: '50' }])
  it.venue.faults.deliver = (report, hand) => hand(report)
  it.venue.quote(105.1, 105.2)
  it.submit({ ...exit, clientOrderId: 'exit-2', quantity: '50' })
  await it.clock.advanceBy(60_000)
  expect(it.service.account().positions).toMatchObject([{ side: 'flat', quantity: '0' }])
  expect(await it.coins()).toBe('50')
})

test('a word that no fill ever bears out stands in the way for a minute, not for ever', async () => {
  const it = await held()
  const about = { clientOrderId: 'target', exchangeOrderId: 'x1', symbol: 'BTC/USDT', reason: null }
  it.venue.tell({ type: 'canceled', filledQuantity: '100', occurredAt: it.clock.now(), ...about })
  await it.clock.advanceBy(50_000)
  it.submit(exit)
  await it.clock.advanceBy(10)
  expect(it.events.at(-1)).toMatchObject({ state: 'denied', reason: { code: 'order.gateway.oversold' } })
  await it.clock.advanceBy(10_000)
  it.submit({ ...exit, clientOrderId: 'exit-2' })
  await it.clock.advanceBy(10)
  expect(it.venue.arrived).toContain('exit-2')
})

test('Provider, leaving a position by itself, does not sell what has been sold', async () => {
  const it = await held()
  it.stopBeating()
  it.inspector('stopped')
  it.venue.quote(105.1, 105.2)
  const at = it.clock.now()
  const command = { account: 'test', type: 'closeAll', symbol: null, by: 'ada' } as const
  it.bus
    .publisher(flow.operatorCommand, 'studio', 1)
    .publish(anOperatorCommand({ ...command, issuedAt: at, expiresAt: at + 60_000 }), { occurredAt: at })
  // The fills cannot be read for a while: nothing is sold meanwhile.
  it.venue.faults.isUnreachable = true
  await it.clock.advanceBy(100)
  it.venue.quote(105.1, 105.2)
  await it.clock.advanceBy(5_000)
  it.venue.faults.isUnreachable = false
  await it.clock.advanceBy(60_000)
  expect(it.service.account().positions).toMatchObject([{ side: 'flat', quantity: '0' }])
  expect(await it.coins()).toBe('50')
})
