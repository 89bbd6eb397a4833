import { type AccountState, flow } from '@barfinex/core'
import { anOrder } from '@barfinex/core/testing'
import { describe, expect, test } from 'vitest'
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

test('what its owner held before is not sold: where nothing is open a reduction is refused', async () => {
  const it = await givenProvider({ deposits: { USDT: '100000', BTC: '5' } })
  await it.start()
  it.beat()
  it.venue.quote(99.99, 100.01)
  it.submit(exit)
  await it.clock.advanceBy(10)
  expect(it.events.at(-1)).toMatchObject({ state: 'denied', reason: { code: 'order.gateway.nothing-held' } })
  expect(it.venue.arrived).toEqual([])
})

test('after a start nothing is sold until what was sold meanwhile is known', async () => {
  const first = await givenProvider({ deposits: { USDT: '100000', BTC: '5' } })
  await first.start()
  first.beat()
  first.venue.quote(99.99, 100.01)
  first.submit(entry)
  first.submit(stop)
  await first.clock.advanceBy(10)
  await first.stop()
  // The stop fills while nobody listens, and the exchange cannot be asked.
  first.venue.quote(90, 90.02)
  first.venue.print(90)
  first.venue.faults.isUnreachable = true

  const second = await givenProvider({ journal: first.journal, from: first })
  await second.start()
  second.beat()
  second.submit({ ...exit, clientOrderId: 'exit-1' })
  await second.clock.advanceBy(10)
  expect(second.events.at(-1)).toMatchObject({ state: 'denied', reason: { code: 'order.gateway.behind' } })

  first.venue.faults.isUnreachable = false
  await second.clock.advanceBy(86_400_000)
  second.beat()
  second.submit({ ...exit, clientOrderId: 'exit-2' })
  await second.clock.advanceBy(10)
  expect(second.events.at(-1)).toMatchObject({ state: 'denied', reason: { code: 'order.gateway.nothing-held' } })
  expect(first.venue.arrived).toEqual(['entry', 'stop'])
})

test('what is open is sold once: beside a resting stop only the rest of it, and together with its own group', async () => {
  const it = await givenProvider({ deposits: { USDT: '100000', BTC: '5' } })
  await it.start()
  it.beat()
  it.venue.quote(99.99, 100.01)
  it.submit(anOrder({ clientOrderId: 'entry', quantity: '2' }))
  it.submit({ ...stop, ocoGroup: 'group' })
  await it.clock.advanceBy(10)
  const ask = async (clientOrderId: string, quantity: string, ocoGroup: string | null = null) => {
    it.submit({ ...stop, clientOrderId, quantity, ocoGroup })
    await it.clock.advanceBy(10)
    return it.events.filter((event) => event.clientOrderId === clientOrderId).at(-1)
  }
  expect(await ask('too-much', '1.001')).toMatchObject({
    state: 'denied',
    reason: { code: 'order.gateway.oversold', observed: '1.001' },
  })
  expect(await ask('sibling', '1', 'group')).toMatchObject({ state: 'accepted' })
  expect(await ask('rest', '1')).toMatchObject({ state: 'accepted' })
  expect(await ask('one-more', '0.01')).toMatchObject({ reason: { code: 'order.gateway.oversold' } })
  it.cancel('rest')
  await it.clock.advanceBy(10)
  expect(await ask('again', '1')).toMatchObject({ state: 'accepted' })
})

test('coins without a price are not worth nothing: the equity says what it lacks until the first price', async () => {
  const it = await givenProvider({ deposits: { USDT: '1000', BTC: '5' } })
  const states: AccountState[] = []
  it.bus.subscribe(flow.account, ({ payload }) => void states.push(payload))
  await it.start()
  await it.clock.advanceBy(10)
  expect(states.at(-1)).toMatchObject({ equityQuote: '1000', unpriced: ['BTC'] })
  it.venue.quote(99.99, 100.01)
  await it.clock.advanceBy(10)
  expect(states.at(-1)).toMatchObject({ equityQuote: '1500' })
  expect(states.at(-1)).not.toHaveProperty('unpriced')
})

describe('what is open is sold by one order at a time, though its owner held more before', () => {
  const target = anOrder({
    clientOrderId: 'target',
    side: 'sell',
    type: 'limit',
    limitPrice: '105',
    quantity: '1',
    reduceOnly: true,
    purpose: 'target',
    ocoGroup: 'group',
  })

  /** One is held, and a stop of a group rests below it. */
  async function held(oco: boolean) {
    const it = await givenProvider({ deposits: { USDT: '100000', BTC: '5' }, oco })
    await it.start()
    it.beat()
    it.venue.quote(99.99, 100.01)
    it.submit(entry)
    it.submit({ ...stop, ocoGroup: 'group' })
    await it.clock.advanceBy(10)
    return it
  }
  const refused = {
    state: 'denied',
    reason: expect.objectContaining({ code: 'order.gateway.oversold', limit: '0' }),
  }

  test('a target beside a stop, where the exchange does not end one for the other', async () => {
    const it = await held(false)
    it.submit(target)
    await it.clock.advanceBy(10)
    expect(it.events.at(-1)).toMatchObject(refused)
    // It would take the place of the stop of what else is open.
    it.submit({ ...entry, clientOrderId: 'entry-2' })
    it.submit({ ...target, clientOrderId: 'target-2' })
    it.submit({ ...stop, clientOrderId: 'stop-2', ocoGroup: 'group-2' })
    await it.clock.advanceBy(10)
    expect(it.events).toContainEqual(expect.objectContaining({ clientOrderId: 'target-2', ...refused }))
    expect(it.events.at(-1)).toMatchObject({ clientOrderId: 'stop-2', state: 'accepted' })
    // Where it does, they sell the same thing once.
    const joined = await held(true)
    joined.submit(target)
    await joined.clock.advanceBy(10)
    expect(joined.events.at(-1)).toMatchObject({ clientOrderId: 'target', state: 'accepted' })
  })

  test('an exit while nobody knows whether the stop is gone', async () => {
    const it = await held(false)
    it.venue.faults.cancel = 'lost-request'
    it.cancel('stop')
    it.submit(exit)
    await it.clock.advanceBy(10)
    expect(it.events.at(-1)).toMatchObject({ clientOrderId: 'exit', ...refused })
    // Once it is, the exit goes; and a stop waits for no exit.
    it.venue.faults.cancel = 'none'
    it.cancel('stop')
    await it.clock.advanceBy(60_000)
    it.submit({ ...exit, clientOrderId: 'exit-2' })
    await it.clock.advanceBy(10)
    expect(it.events.at(-1)).toMatchObject({ clientOrderId: 'exit-2', state: 'filled' })
  })

  test('an exit beside a stop that has not arrived: it waits as long as that may be on its way', async () => {
    const it = await givenProvider({ deposits: { USDT: '100000', BTC: '5' }, oco: false })
    await it.start()
    it.beat()
    it.venue.quote(99.99, 100.01)
    it.submit(entry)
    it.venue.faults.submit = 'lost-request'
    it.submit(stop)
    it.venue.faults.submit = 'none'
    it.submit(exit)
    await it.clock.advanceBy(10)
    expect(it.events.at(-1)).toMatchObject({ clientOrderId: 'exit', ...refused })
    await it.clock.advanceBy(3_000)
    it.submit({ ...exit, clientOrderId: 'exit-2' })
    await it.clock.advanceBy(10)
    expect(it.events.at(-1)).toMatchObject({ clientOrderId: 'exit-2', state: 'filled' })
  })

  test('an exit for more than is left, when another one has just filled', async () => {
    const it = await givenProvider({ deposits: { USDT: '100000', BTC: '5' }, oco: false })
    await it.start()
    it.beat()
    it.venue.quote(99.99, 100.01)
    it.submit({ ...entry, quantity: '1.001' })
    it.submit(exit)
    await it.clock.advanceBy(10)
    it.submit({ ...exit, clientOrderId: 'exit-2' })
    await it.clock.advanceBy(10)
    expect(it.events.at(-1)).toMatchObject({ state: 'denied', reason: { limit: '0.001', observed: '1' } })
  })

  test('a stop does not wait for an exit that may be lost', async () => {
    const it = await givenProvider({ deposits: { USDT: '100000', BTC: '5' }, oco: false })
    await it.start()
    it.beat()
    it.venue.quote(99.99, 100.01)
    it.submit(entry)
    it.venue.faults.submit = 'lost-request'
    it.submit(exit)
    it.venue.faults.submit = 'none'
    it.submit(stop)
    await it.clock.advanceBy(10)
    expect(it.trail().slice(-3)).toEqual(['exit uncertain', 'stop submitted', 'stop accepted'])
  })
})
