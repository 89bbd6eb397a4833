import { createMemoryJournal, flow, type Journal, type Order, type OrderCommand } from '@barfinex/core'
import { anOrder } from '@barfinex/core/testing'
import { describe, expect, test } from 'vitest'
import { givenProvider } from '../testing/given-provider.js'

const entry = anOrder({ clientOrderId: 'entry-1', quantity: '1', intentId: 'intent-1' })

/** A journal whose writes are durable only when the test says so. */
function slowJournal() {
  const journal = createMemoryJournal()
  const waiting: (() => void)[] = []
  const slow: Journal = {
    append: (envelope, channel) => journal.append(envelope, channel),
    flush: () => new Promise((resolve) => waiting.push(resolve)),
    fault: null,
    get count() {
      return journal.count
    },
    hash: () => journal.hash(),
    read: () => journal.read(),
    close: () => journal.close(),
  }
  const write = () => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  return { slow, write }
}

/** Tries everything a reader can do to a message in order to make the order larger. */
function enlarge(envelope: { payload: OrderCommand }): void {
  const { payload } = envelope
  if (payload.type !== 'submit') return
  const order = payload.order as { -readonly [Field in keyof Order]: Order[Field] }
  for (const act of [
    () => Object.assign(order, { quantity: '50' }),
    () => Object.assign(payload, { order: { ...order, quantity: '60' } }),
    () => Object.assign(envelope, { payload: { ...payload, order: { ...order, quantity: '70' } } }),
  ]) {
    try {
      act()
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError)
    }
  }
}

describe('a reader of order commands that changes them', () => {
  test.each(['at once', 'after a wait'] as const)(
    'after the gateway, with a journal that is durable %s: what was approved is what is sent',
    async (when) => {
      const { slow, write } = slowJournal()
      const it = await givenProvider(when === 'at once' ? {} : { journal: slow })
      await it.start()
      it.venue.quote(99.99, 100.01)
      it.bus.subscribe(flow.orderCommand, (envelope) => enlarge(envelope as { payload: OrderCommand }))
      const own = { ...entry }
      const approval = it.approve(entry)
      it.send({ type: 'submit', commandId: 'c1', account: 'test', order: own, approval })
      if (when === 'after a wait') {
        expect(it.venue.arrived).toEqual([])
        write()
      }
      await it.bus.settled()
      await it.clock.advanceBy(10)
      expect(it.venue.arrived).toEqual(['entry-1'])
      expect(it.service.account().positions).toMatchObject([{ side: 'long', quantity: '1' }])
      expect((await it.venue.exchange.order('entry-1', 'BTC/USDT'))?.filledQuantity).toBe('1')
    },
  )

  test('before the gateway: the changed order is not the sealed one', async () => {
    const it = await givenProvider()
    // It reads first, because it came first.
    it.bus.subscribe(flow.orderCommand, (envelope) => enlarge(envelope as { payload: OrderCommand }))
    await it.start()
    it.venue.quote(99.99, 100.01)
    it.submit(entry)
    await it.clock.advanceBy(10)
    expect(it.venue.arrived).toEqual([])
    expect(it.incidents.map(({ reason }) => reason.code)).toEqual(['order.seal.wrong-order'])
  })

  test('a record that its owner changes after it was handed to the matching engine stays as it was there', async () => {
    const it = await givenProvider()
    await it.start()
    it.venue.quote(99.99, 100.01)
    const rest = { ...anOrder({ clientOrderId: 'rest', type: 'limit', limitPrice: '90', quantity: '1' }) }
    await it.venue.exchange.submit(rest)
    Object.assign(rest, { quantity: '7', side: 'sell', limitPrice: '1' })
    await it.clock.advanceBy(10)
    expect(await it.venue.exchange.order('rest', 'BTC/USDT')).toMatchObject({ quantity: '1', limitPrice: '90' })
  })
})

describe('forged commands under the ids of orders to come', () => {
  const exit = anOrder({ clientOrderId: 'exit-0', side: 'sell', purpose: 'exit', quantity: '1', intentId: 'intent-1' })

  test('leave those ids free, also after a restart', async () => {
    const first = await givenProvider()
    await first.start()
    first.venue.quote(99.99, 100.01)
    first.submit(entry)
    await first.clock.advanceBy(10)
    const forge = (commandId: string, order: Order) =>
      first.send({
        type: 'submit',
        commandId,
        account: 'test',
        order: { ...order, quantity: '0.5' },
        approval: { ...first.approve(order), epoch: 99, signature: 'AAAA' },
      })
    forge('x-1', exit)
    forge('x-2', { ...exit, clientOrderId: 'exit-1' })
    first.submit(exit)
    await first.clock.advanceBy(10)
    expect(first.trail()).toContain('exit-0 filled')
    expect(first.incidents.map(({ reason }) => reason.code)).toEqual(['order.seal.forged', 'order.seal.forged'])
    await first.stop()

    const second = await givenProvider({ journal: first.journal, from: first })
    await second.start()
    second.venue.quote(99.99, 100.01)
    second.submit(anOrder({ ...entry, clientOrderId: 'entry-2', intentId: 'intent-2' }))
    second.submit({ ...exit, clientOrderId: 'exit-1' })
    await second.clock.advanceBy(10)
    expect(second.trail()).toContain('entry-2 filled')
    expect(second.trail()).toContain('exit-1 filled')
    expect(second.incidents).toEqual([])
  })
})
