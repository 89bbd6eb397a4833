import { anInstrument, anOrder } from '@barfinex/core/testing'
import { describe, expect, test } from 'vitest'
import type { Payment } from '../exchanges/exchange.js'
import { givenProvider } from '../testing/given-provider.js'

const swap = anInstrument({ symbol: 'BTC/USDT:USDT', kind: 'swap', minNotional: '0' })
const often = { reconcile: { openOrdersMs: 10_000, positionsMs: 60_000 } }

async function given(options: Parameters<typeof givenProvider>[0] = {}) {
  const it = await givenProvider({ provider: often, ...options })
  await it.start()
  it.beat()
  it.venue.quote(99.99, 100.01, options.instruments?.[0]?.symbol)
  return it
}

describe('reconciliation', () => {
  test('reports that vanish are found by the timer: fills are fetched, orders looked up, every fill once', async () => {
    const it = await given()
    it.submit(anOrder({ clientOrderId: 'r1', quantity: '1', type: 'limit', limitPrice: '95' }))
    it.venue.faults.dropsReports = true
    it.venue.quote(94, 94.5)
    await it.clock.advanceBy(9_000)
    expect(it.trail()).toEqual(['r1 submitted', 'r1 accepted'])
    await it.clock.advanceBy(10_000)
    expect(it.trail()).toEqual(['r1 submitted', 'r1 accepted', 'r1 filled'])
    expect(it.service.account()).toMatchObject({ known: true, positions: [{ quantity: '1', averagePrice: '95' }] })
    expect(it.incidents).toEqual([])
  })

  test('an account that cannot be read is unknown, not empty: nothing is opened until it can', async () => {
    const it = await given()
    it.submit(anOrder({ clientOrderId: 'e1', quantity: '1' }))
    await it.clock.advanceBy(10)
    it.venue.faults.isUnreachable = true
    await it.clock.advanceBy(11_000)
    expect(it.service.account()).toMatchObject({
      known: false,
      reason: { code: 'order.reconcile.unreachable' },
      positions: [{ quantity: '1' }],
    })
    expect(it.service.status()).toMatchObject({ state: 'degraded', code: 'order.reconcile.unreachable' })
    await expect(it.service.reconcile()).rejects.toMatchObject({ code: 'exchange.unavailable' })
    it.submit(anOrder({ clientOrderId: 'e2', intentId: 'i2' }))
    expect(it.events.at(-1)).toMatchObject({ state: 'denied', reason: { code: 'order.gateway.account-unknown' } })
    it.venue.faults.isUnreachable = false
    await it.clock.advanceBy(10_000)
    expect(it.service.account().known).toBe(true)
    expect(it.service.status().state).toBe('ready')
  })

  test("another hand's order and money halt the account after it has been confirmed, and nothing is undone", async () => {
    const it = await given({ provider: { ...often, mismatch: 'halt' } })
    it.submit(anOrder({ clientOrderId: 'r1', quantity: '1', type: 'limit', limitPrice: '90' }))
    it.venue.byAnotherHand(anOrder({ clientOrderId: 'hand', quantity: '1', type: 'limit', limitPrice: '80' }))
    it.venue.engine.deposit('test', 'USDT', '5')
    await it.clock.advanceBy(11_999)
    expect(it.service.account().known).toBe(true)
    await it.clock.advanceBy(10)
    expect(it.service.account()).toMatchObject({ known: false, reason: { code: 'order.reconcile.balance' } })
    expect(it.incidents.map(({ severity }) => severity)).toEqual(['critical'])
    await it.clock.advanceBy(60_000)
    expect(it.incidents).toHaveLength(1)
    expect(it.venue.engine.snapshot('test', 0).openOrders.map((order) => order.clientOrderId)).toEqual(['r1', 'hand'])
    expect(await it.service.audit()).toEqual({ lostOrders: 1, duplicateOrders: 0, ledgerMismatches: 1 })
  })

  test('a stop that the exchange holds with another side or trigger, or that could open there, is a difference', async () => {
    const it = await given({ provider: { ...often, mismatch: 'halt' }, instruments: [swap] })
    const { symbol } = swap
    const stop = { symbol, side: 'sell', type: 'stopMarket', purpose: 'stop', reduceOnly: true } as const
    it.submit(anOrder({ clientOrderId: 'e1', symbol, quantity: '1' }))
    it.submit(anOrder({ ...stop, clientOrderId: 'stop', quantity: '1', triggerPrice: '95' }))
    await it.clock.advanceBy(10)
    expect(await it.service.reconcile()).toEqual([])
    const { exchange } = it.venue
    const snapshot = exchange.snapshot.bind(exchange)
    for (const [changed, theirs] of [
      [{ triggerPrice: '59' }, 'sell at 59 reduce-only'],
      [{ side: 'buy' }, 'buy at 95 reduce-only'],
      [{ reduceOnly: false }, 'sell at 95'],
      [{ triggerPrice: '95.00' }, null],
    ] as const) {
      exchange.snapshot = async () => {
        const real = await snapshot()
        return { ...real, openOrders: real.openOrders.map((record) => ({ ...record, ...changed })) }
      }
      const expected = { kind: 'order-terms', key: 'stop', symbol, ours: 'sell at 95 reduce-only', theirs }
      expect(await it.service.reconcile()).toEqual(theirs === null ? [] : [expected])
    }
    exchange.snapshot = async () => {
      const real = await snapshot()
      return { ...real, openOrders: real.openOrders.map((record) => ({ ...record, triggerPrice: '59' })) }
    }
    await it.clock.advanceBy(15_000)
    expect(it.service.account()).toMatchObject({ known: false, reason: { code: 'order.reconcile.order-terms' } })
    exchange.snapshot = snapshot
    await it.clock.advanceBy(15_000)
    expect(it.service.account().known).toBe(true)
  })

  test('told to adopt, the numbers of the exchange become ours; told to ignore, they are only said', async () => {
    for (const mismatch of ['adopt', 'ignore'] as const) {
      const it = await given({ provider: { ...often, mismatch }, instruments: [anInstrument(), swap] })
      it.venue.quote(99.99, 100.01, swap.symbol)
      it.venue.byAnotherHand(anOrder({ clientOrderId: 'hand', symbol: swap.symbol, quantity: '2' }))
      it.venue.engine.deposit('test', 'USDT', '5')
      await it.clock.advanceBy(180_000)
      const adopted = mismatch === 'adopt'
      expect(it.service.account()).toMatchObject({
        known: true,
        balances: [{ asset: 'USDT', total: adopted ? '100004.79998' : '100000' }],
        positions: adopted ? [{ symbol: swap.symbol, side: 'long', quantity: '2', averagePrice: '100.01' }] : [],
      })
      expect(it.incidents).toHaveLength(1)
      expect((await it.service.audit()).ledgerMismatches).toBe(adopted ? 0 : 2)
    }
  })

  test('a start finds what is there: balances are taken over, a foreign position halts the account', async () => {
    const first = await given({ instruments: [swap] })
    first.venue.byAnotherHand(anOrder({ clientOrderId: 'hand', symbol: swap.symbol, quantity: '2' }))
    await first.stop()
    const second = await givenProvider({ from: first, provider: { mismatch: 'halt' } })
    await second.start()
    expect(second.service.account()).toMatchObject({
      known: false,
      reason: { code: 'order.reconcile.position' },
      balances: [{ asset: 'USDT', total: '99999.79998' }],
    })
    expect(second.service.status().state).toBe('degraded')
  })

  test('a start while the exchange is silent: the account is unknown, and taken over when it can be read', async () => {
    const first = await given()
    first.submit(anOrder({ clientOrderId: 'a', quantity: '1', type: 'limit', limitPrice: '95' }))
    await first.stop()
    first.venue.faults.dropsReports = true
    first.venue.quote(90, 91)
    Object.assign(first.venue.faults, { dropsReports: false, isUnreachable: true })
    const second = await givenProvider({
      from: first,
      journal: first.journal,
      provider: { ...often, mismatch: 'halt' },
    })
    await second.start()
    expect(second.service.account()).toMatchObject({ known: false, reason: { code: 'order.reconcile.unreachable' } })
    first.venue.faults.isUnreachable = false
    await second.clock.advanceBy(11_000)
    expect(second.trail()).toEqual(['a filled'])
    expect(second.service.account().known).toBe(true)
    expect(await second.service.audit()).toEqual({ lostOrders: 0, duplicateOrders: 0, ledgerMismatches: 0 })
  })

  test('funding is booked once and halts nothing; what came before the start is in the balance already', async () => {
    const base = await givenProvider({ instruments: [swap] })
    const { venue } = base
    const paid: Payment[] = []
    const pay = (paymentId: string, amount: string): void => {
      venue.engine.deposit('test', 'USDT', amount)
      paid.push({ paymentId, asset: 'USDT', amount, occurredAt: base.clock.now() })
    }
    pay('before', '7')
    const exchange = { ...venue.exchange, payments: async () => paid }
    const provider = {
      ...often,
      mismatch: 'halt',
      exchange: { ...venue.factory, create: async () => exchange },
    } as const
    const it = await givenProvider({ from: base, instruments: [swap], provider })
    await it.start()
    it.beat()
    for (const amount of ['1.25', '0.5']) {
      await it.clock.advanceBy(61_000)
      pay(`at ${it.clock.now()}`, amount)
    }
    await it.clock.advanceBy(180_000)
    expect(it.service.account()).toMatchObject({ known: true, balances: [{ asset: 'USDT', total: '100008.75' }] })
    expect(it.incidents).toEqual([])
    expect(await it.service.audit()).toEqual({ lostOrders: 0, duplicateOrders: 0, ledgerMismatches: 0 })
  })

  test('a fill while the balances are taken over at a start is counted once', async () => {
    const first = await given()
    first.submit(anOrder({ clientOrderId: 'a', quantity: '1', type: 'limit', limitPrice: '95' }))
    await first.stop()
    const { venue } = first
    let snapshots = 0
    const exchange = {
      ...venue.exchange,
      async snapshot() {
        snapshots += 1
        const seen = await venue.exchange.snapshot()
        // It fills, and the report overtakes the answer.
        if (snapshots === 2) venue.quote(90, 91)
        return seen
      },
    }
    const provider = {
      ...often,
      mismatch: 'halt',
      exchange: { ...venue.factory, create: async () => exchange },
    } as const
    const second = await givenProvider({ from: first, journal: first.journal, provider })
    await second.start()
    expect(second.trail()).toEqual(['a filled'])
    expect(second.service.account().known).toBe(true)
    await second.clock.advanceBy(120_000)
    expect(second.service.account().known).toBe(true)
    expect(await second.service.audit()).toEqual({ lostOrders: 0, duplicateOrders: 0, ledgerMismatches: 0 })
  })

  test('after a restart fills that came meanwhile are counted once and open orders go on', async () => {
    const first = await given()
    first.submit(anOrder({ clientOrderId: 'a', quantity: '1', type: 'limit', limitPrice: '95' }))
    first.submit(anOrder({ clientOrderId: 'b', intentId: 'i2', quantity: '2', type: 'limit', limitPrice: '80' }))
    first.submit(anOrder({ clientOrderId: 'c', intentId: 'i3', quantity: '0.5' }))
    await first.clock.advanceBy(10)
    first.venue.faults.submit = 'lost-reply'
    first.submit(anOrder({ clientOrderId: 'd', intentId: 'i4', quantity: '0.25' }))
    await first.stop()
    first.venue.faults.submit = 'none'
    first.venue.faults.dropsReports = true
    first.venue.quote(90, 91)
    first.venue.faults.dropsReports = false

    const second = await givenProvider({ from: first, journal: first.journal, provider: often })
    await second.start()
    expect(second.trail()).toEqual(['d filled', 'a filled'])
    expect(second.service.account()).toMatchObject({
      known: true,
      positions: [{ quantity: '1.75' }],
      openOrders: [{ clientOrderId: 'b', state: 'accepted', sequence: 1 }],
    })
    second.beat()
    second.venue.quote(78, 79)
    await second.clock.advanceBy(10)
    expect(second.trail().at(-1)).toBe('b filled')
    expect(await second.service.audit()).toEqual({ lostOrders: 0, duplicateOrders: 0, ledgerMismatches: 0 })
    // The trail of an order goes on over the restart.
    const ofB = [...first.said, ...second.said].filter(({ payload }) => payload.clientOrderId === 'b')
    expect(new Set(ofB.map(({ correlationId }) => correlationId)).size).toBe(1)
    expect(ofB.map(({ payload }) => payload.sequence)).toEqual([0, 1, 2])
  })

  test('a crash between journal and exchange: the command counts as sent until the exchange rules it out', async () => {
    const first = await given()
    const order = anOrder({ clientOrderId: 'lost', quantity: '1' })
    const command = {
      type: 'submit',
      commandId: 'c1',
      account: 'test',
      order,
      approval: first.approve(order),
    } as const
    const written = await givenProvider({ from: first })
    await first.stop()
    // The command reaches the journal, and the process ends there.
    written.send(command)
    const second = await givenProvider({ from: first, journal: written.journal })
    await second.start()
    await second.clock.advanceBy(20_000)
    expect(second.trail()).toEqual([])
    second.send({ ...command, commandId: 'c2' })
    expect(second.incidents.at(-1)?.reason.code).toBe('order.seal.reused')
    await second.clock.advanceBy(60_000)
    expect(second.trail()).toEqual(['lost rejected'])
    expect(second.venue.arrived).toEqual([])
  })
})
