import {
  createMemoryJournal,
  createVirtualClock,
  flow,
  type Journal,
  type Order,
  type OrderCommand,
} from '@barfinex/core'
import { anInstrument, anOrder } from '@barfinex/core/testing'
import { describe, expect, test } from 'vitest'
import { fillableBus } from '../../test/fillable-bus.js'
import type { ExchangeCapabilities } from '../exchanges/exchange.js'
import { engineExchange } from '../testing/engine-exchange.js'
import { givenProvider } from '../testing/given-provider.js'

const givenOrder = (fields: Partial<Order>) => anOrder({ quantity: '1', ...fields })
const entry = givenOrder({ clientOrderId: 'entry-1', quantity: '1', intentId: 'intent-1' })

async function given(options: Parameters<typeof givenProvider>[0] = {}) {
  const it = await givenProvider(options)
  await it.start()
  it.venue.quote(99.99, 100.01)
  return it
}

describe('the order gateway', () => {
  test('an approved order is sent once and its trail leads back to the command', async () => {
    const it = await given()
    it.submit(entry)
    await it.clock.advanceBy(10)
    expect(it.trail()).toEqual(['entry-1 submitted', 'entry-1 accepted', 'entry-1 filled'])
    expect(it.said.map(({ correlationId }) => correlationId)).toEqual(Array(3).fill(it.said[0]?.correlationId))
    expect(it.said[0]?.correlationId).toMatch(/^order\.command:/)
    expect(it.service.account()).toMatchObject({
      known: true,
      positions: [{ symbol: 'BTC/USDT', side: 'long', quantity: '1', averagePrice: '100.01' }],
      balances: [
        { asset: 'BTC', total: '1' },
        { asset: 'USDT', total: '99899.88999' },
      ],
      openOrders: [],
    })
    expect(await it.service.audit()).toEqual({ lostOrders: 0, duplicateOrders: 0, ledgerMismatches: 0 })
  })

  test.each<[string, (command: Extract<OrderCommand, { type: 'submit' }>) => OrderCommand, string]>([
    ['no approval', (it) => ({ ...it, approval: undefined }) as unknown as OrderCommand, 'order.seal.missing'],
    ['a made-up signature', (it) => ({ ...it, approval: { ...it.approval, signature: 'AAAA' } }), 'order.seal.forged'],
    ['a longer life', (it) => ({ ...it, approval: { ...it.approval, expiresAt: 9e12 } }), 'order.seal.forged'],
    ['a changed quantity', (it) => ({ ...it, order: { ...it.order, quantity: '2' } }), 'order.seal.wrong-order'],
    ['a changed side', (it) => ({ ...it, order: { ...it.order, side: 'sell' } }), 'order.seal.wrong-order'],
    ['another order', (it) => ({ ...it, order: { ...it.order, clientOrderId: 'x' } }), 'order.seal.wrong-order'],
  ])('%s: refused as forged, and a person is told', async (_, forge, code) => {
    const it = await given()
    const command = {
      type: 'submit',
      commandId: 'c1',
      account: 'test',
      order: entry,
      approval: it.approve(entry),
    } as const
    it.send(forge(command))
    // No event speaks of the order: its id belongs to whoever has it sealed.
    expect(it.events).toEqual([])
    expect(it.incidents.map(({ severity, reason }) => [severity, reason.code])).toEqual([['critical', code]])
    expect(it.venue.arrived).toEqual([])
  })

  test('an expired approval, another account and an older Inspector are refused', async () => {
    const it = await given()
    it.submit(entry, { expiresAt: it.clock.now() })
    it.submit(givenOrder({ clientOrderId: 'b' }), { account: 'other' })
    it.submit(givenOrder({ clientOrderId: 'c' }), { epoch: 5 })
    it.submit(givenOrder({ clientOrderId: 'd', intentId: 'i2' }), { epoch: 4 })
    await it.clock.advanceBy(10)
    expect(it.events.filter((event) => event.state === 'denied').map((event) => event.reason?.code)).toEqual([
      'order.seal.expired',
      'order.seal.stale-epoch',
    ])
    expect(it.incidents.map(({ reason }) => reason.code)).toEqual(['order.seal.wrong-account'])
    expect(it.venue.arrived).toEqual(['c'])
  })

  test('a used approval is refused, also after a restart; the order it was for is not touched', async () => {
    const first = await given()
    const approval = first.approve(entry)
    const command = { type: 'submit', commandId: 'c1', account: 'test', order: entry, approval } as const
    first.send(command)
    await first.clock.advanceBy(10)
    first.send({ ...command, commandId: 'c2' })
    expect(first.trail()).toEqual(['entry-1 submitted', 'entry-1 accepted', 'entry-1 filled'])
    expect(first.incidents.map(({ reason }) => reason.code)).toEqual(['order.seal.reused'])
    await first.stop()

    const second = await given({ journal: first.journal, from: first })
    second.send({ ...command, commandId: 'c3' })
    // The bus delivers the very command again, as it does after a crash: nothing happens, and nobody is alarmed.
    second.send(command)
    await second.clock.advanceBy(10)
    expect(second.trail()).toEqual([])
    expect(second.incidents.map(({ reason }) => reason.code)).toEqual(['order.seal.reused'])
    expect(second.venue.arrived).toEqual(['entry-1'])
    expect(second.service.account()).toMatchObject({
      known: true,
      positions: [{ quantity: '1', averagePrice: '100.01' }],
    })
  })

  test('a second approval for an order that exists has no effect', async () => {
    const it = await given()
    it.submit(entry)
    it.submit(entry)
    await it.clock.advanceBy(10)
    expect(it.venue.arrived).toEqual(['entry-1'])
    expect(it.incidents.map(({ reason }) => reason.code)).toEqual(['order.gateway.duplicate'])
    expect((await it.service.audit()).duplicateOrders).toBe(0)
  })

  test('without a healthy Inspector entries are refused; what protects, leaves or cancels passes', async () => {
    const it = await given()
    it.submit(entry)
    it.submit(givenOrder({ clientOrderId: 'rest', type: 'limit', limitPrice: '90', quantity: '0.5', intentId: 'i2' }))
    await it.clock.advanceBy(10)
    it.inspector('stopped')
    it.submit(givenOrder({ clientOrderId: 'entry-2', intentId: 'intent-2' }))
    const stop = {
      type: 'stopMarket',
      side: 'sell',
      triggerPrice: '95',
      purpose: 'stop',
      intentId: 'intent-1',
    } as const
    it.submit(givenOrder({ clientOrderId: 'stop', ...stop, quantity: '0.4' }))
    it.submit(
      givenOrder({ clientOrderId: 'exit', side: 'sell', purpose: 'exit', quantity: '0.5', intentId: 'intent-1' }),
    )
    it.submit(givenOrder({ clientOrderId: 'flip', side: 'sell', purpose: 'exit', quantity: '5', intentId: 'intent-1' }))
    it.cancel('rest')
    await it.clock.advanceBy(10)
    const denied = it.events.filter((event) => event.state === 'denied')
    expect(denied.map((event) => `${event.clientOrderId} ${event.reason?.code}`)).toEqual([
      'entry-2 order.gateway.no-inspector',
      'flip order.gateway.no-inspector',
    ])
    expect(it.trail()).toContain('exit filled')
    expect(it.trail()).toContain('rest canceled')
    expect(it.trail()).toContain('stop accepted')
  })

  test('an Inspector that only falls silent is noticed by its missing heartbeats', async () => {
    const it = await given()
    const still = it.beat()
    await it.clock.advanceBy(30_000)
    it.submit(entry)
    await it.clock.advanceBy(10)
    expect(it.trail()).toContain('entry-1 filled')
    still()
    await it.clock.advanceBy(10_001)
    it.submit(givenOrder({ clientOrderId: 'entry-2', intentId: 'intent-2' }))
    expect(it.events.at(-1)).toMatchObject({ state: 'denied', reason: { code: 'order.gateway.no-inspector' } })
    // The last word of somebody long gone does not make him healthy.
    it.inspector('ready', it.clock.now() - 60_000)
    it.submit(givenOrder({ clientOrderId: 'entry-3', intentId: 'intent-3' }))
    expect(it.events.at(-1)).toMatchObject({ clientOrderId: 'entry-3', state: 'denied' })
    it.inspector('ready')
    it.submit(givenOrder({ clientOrderId: 'entry-4', intentId: 'intent-4' }))
    await it.clock.advanceBy(10)
    expect(it.trail().at(-1)).toBe('entry-4 filled')
  })

  test('halted and reduce-only trading refuse entries by what they do to the position, not by their label', async () => {
    const it = await given()
    it.submit(entry)
    await it.clock.advanceBy(10)
    const states = it.bus.publisher(flow.tradingState, 'inspector', 1)
    const state = {
      account: 'test',
      state: 'reduceOnly',
      reason: null,
      setBy: 'policy',
      since: it.clock.now(),
    } as const
    states.publish(state, { occurredAt: it.clock.now() })
    it.submit(givenOrder({ clientOrderId: 'more', purpose: 'exit', side: 'buy', intentId: 'i2' }))
    it.submit(givenOrder({ clientOrderId: 'less', purpose: 'exit', side: 'sell', quantity: '0.5', intentId: 'i3' }))
    await it.clock.advanceBy(10)
    expect(it.trail()).toContain('more denied')
    expect(it.trail()).toContain('less filled')
  })

  test('orders that break the rules of the instrument or the exchange are refused before they leave', async () => {
    const it = await given({
      instruments: [anInstrument(), anInstrument({ symbol: 'ETH/USDT', base: 'ETH', status: 'halted' })],
    })
    it.submit(givenOrder({ clientOrderId: 'a', quantity: '0.000005' }))
    it.submit(givenOrder({ clientOrderId: 'b', type: 'limit', limitPrice: '99.999' }))
    it.submit(givenOrder({ clientOrderId: 'c', quantity: '0.001' }))
    it.submit(givenOrder({ clientOrderId: 'd', type: 'trailingStopMarket', trailingBps: '10' }))
    it.submit(givenOrder({ clientOrderId: 'e', symbol: 'SOL/USDT' }))
    it.submit(givenOrder({ clientOrderId: 'f', symbol: 'ETH/USDT', type: 'limit', limitPrice: '100' }))
    expect(it.events.map((event) => event.reason?.code)).toEqual([
      'order.rule.step',
      'order.rule.tick',
      'order.rule.min-notional',
      'order.gateway.not-supported',
      'order.gateway.unknown-symbol',
      'order.rule.not-trading',
    ])
    expect(it.venue.arrived).toEqual([])
  })

  test('nothing is sent before the journal has it, and nothing at all after it has failed', async () => {
    const memory = createMemoryJournal()
    let flushing: (() => void) | null = null
    let broken: Error | null = null
    const slow: Journal = {
      append: (envelope, channel) => memory.append(envelope, channel),
      flush: () =>
        new Promise((resolve, reject) => {
          flushing = () => (broken === null ? resolve() : reject(broken))
        }),
      get fault() {
        return broken
      },
      get count() {
        return memory.count
      },
      hash: () => memory.hash(),
      read: () => memory.read(),
      close: () => memory.close(),
    }
    const it = await given({ journal: slow })
    it.submit(entry)
    expect(memory.count).toBe(1)
    expect(it.venue.arrived).toEqual([])
    const flushed = () => (flushing as unknown as () => void)()
    flushed()
    await it.bus.settled()
    expect(it.venue.arrived).toEqual(['entry-1'])

    it.submit(givenOrder({ clientOrderId: 'entry-2', intentId: 'intent-2' }))
    broken = new Error('no space left on device')
    flushed()
    await it.bus.settled()
    it.submit(givenOrder({ clientOrderId: 'exit', side: 'sell', purpose: 'exit', intentId: 'intent-1' }))
    it.cancel('entry-1')
    await it.clock.advanceBy(1)
    expect(it.venue.arrived).toEqual(['entry-1'])
    expect(it.events.filter((event) => event.state === 'denied').map((event) => event.reason?.code)).toEqual([
      'order.gateway.journal-fault',
      'order.gateway.journal-fault',
    ])
  })

  test('while Provider drains nothing is opened, and what is open can be closed', async () => {
    const it = await given()
    it.submit(entry)
    await it.clock.advanceBy(10)
    for (const part of it.service.parts) await part.drain()
    it.submit(givenOrder({ clientOrderId: 'entry-2', intentId: 'intent-2' }))
    it.submit(givenOrder({ clientOrderId: 'exit', side: 'sell', purpose: 'exit', intentId: 'intent-1' }))
    await it.clock.advanceBy(10)
    expect(it.events.find((event) => event.clientOrderId === 'entry-2')).toMatchObject({
      state: 'denied',
      reason: { code: 'order.gateway.draining' },
    })
    expect(it.trail()).toContain('exit filled')
  })
})

/** A gateway that, once broken, cannot judge anything. */
async function breakable() {
  const clock = createVirtualClock({ startAt: Date.UTC(2024, 0, 1) })
  const venue = engineExchange({ clock })
  let isBroken = false
  const capabilities: ExchangeCapabilities = {
    ...venue.exchange.capabilities,
    get orderTypes() {
      if (isBroken) throw new Error('a defect')
      return venue.exchange.capabilities.orderTypes
    },
  }
  const exchange = { ...venue.exchange, capabilities }
  const factory = { ...venue.factory, create: async () => exchange }
  const it = await givenProvider({
    from: { ...(await givenProvider()), clock, venue },
    provider: { exchange: factory },
  })
  return {
    ...it,
    breakNow() {
      isBroken = true
    },
  }
}

test('a command that cannot be judged is answered, said aloud and not sent, however often it is delivered', async () => {
  const { breakNow, ...it } = await breakable()
  await it.start()
  it.beat()
  breakNow()
  it.submit(entry)
  await it.clock.advanceBy(10)
  expect(it.events.at(-1)).toMatchObject({ state: 'denied', reason: { code: 'order.gateway.failed' } })
  expect(it.events.at(-1)?.reason?.message).toContain('a defect')
  expect(it.incidents.at(-1)).toMatchObject({ severity: 'critical', reason: { code: 'order.gateway.failed' } })
  expect(it.venue.arrived).toEqual([])
})

test('nor is that answer lost when the bus takes nothing: it is given when it does again', async () => {
  const { breakNow, ...it } = await breakable()
  const full = fillableBus(it.bus)
  await it.start()
  it.beat()
  breakNow()
  full.isFull = true
  it.submit(entry)
  await it.clock.advanceBy(10)
  expect(it.events).toEqual([])
  full.isFull = false
  await it.clock.advanceBy(1_000)
  expect(it.events).toMatchObject([{ state: 'denied', reason: { code: 'order.gateway.failed' } }])
  expect(it.venue.arrived).toEqual([])
})
