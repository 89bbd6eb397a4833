import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AccountState, flow, type Incident, type OperatorCommand, type Order } from '@barfinex/core'
import { anInstrument, anOperatorCommand, anOrder } from '@barfinex/core/testing'
import { describe, expect, test } from 'vitest'
import { fillableBus } from '../../test/fillable-bus.js'
import { givenProvider } from '../testing/given-provider.js'

async function given(options: Parameters<typeof givenProvider>[0] = {}) {
  const it = await givenProvider(options)
  await it.start()
  it.venue.quote(99.99, 100.01, options.instruments?.[0]?.symbol)
  const commands = it.bus.publisher(flow.operatorCommand, 'studio', 1)
  return {
    ...it,
    order(fields: Partial<OperatorCommand>) {
      const issuedAt = it.clock.now()
      const base = { account: 'test', issuedAt, expiresAt: issuedAt + 5_000, commandId: `op-${issuedAt}` }
      commands.publish(anOperatorCommand({ ...base, ...fields }), { occurredAt: issuedAt })
    },
  }
}

/** A position with its stop and target, and an entry that rests. */
async function trading(options: Parameters<typeof givenProvider>[0] = {}) {
  const it = await given(options)
  it.submit(anOrder({ clientOrderId: 'e1', quantity: '1' }))
  const leave = { side: 'sell', quantity: '1', ocoGroup: 'g', intentId: 'intent-1' } as const
  it.submit(anOrder({ ...leave, clientOrderId: 'stop', type: 'stopMarket', triggerPrice: '95', purpose: 'stop' }))
  it.submit(anOrder({ ...leave, clientOrderId: 'target', type: 'limit', limitPrice: '120', purpose: 'target' }))
  it.submit(anOrder({ clientOrderId: 'e2', intentId: 'i2', quantity: '1', type: 'limit', limitPrice: '90' }))
  await it.clock.advanceBy(10)
  return it
}

describe('what Provider does by itself', () => {
  test('nothing while an Inspector is healthy: commands are his', async () => {
    const it = await trading()
    it.order({ type: 'kill' })
    await it.clock.advanceBy(5_000)
    expect(it.service.account().openOrders).toHaveLength(3)
    expect(it.incidents).toEqual([])
  })

  test('kill without an Inspector takes the entries back and leaves the position under its protection', async () => {
    const it = await trading()
    it.inspector('stopped')
    it.order({ type: 'kill' })
    await it.clock.advanceBy(5_000)
    expect(it.service.account()).toMatchObject({
      openOrders: [{ clientOrderId: 'stop' }, { clientOrderId: 'target' }],
      positions: [{ side: 'long', quantity: '1' }],
    })
  })

  test('close all: entries back, what holds the position freed, then out of it; twice is harmless', async () => {
    const it = await trading()
    it.inspector('stopped')
    it.order({ type: 'closeAll', commandId: 'op-1' })
    it.order({ type: 'closeAll', commandId: 'op-2' })
    await it.clock.advanceBy(5_000)
    expect(it.service.account()).toMatchObject({ openOrders: [], positions: [{ side: 'flat', quantity: '0' }] })
    expect(it.incidents.map(({ reason }) => reason.code)).toEqual([
      'order.last-resort.operator',
      'order.last-resort.operator',
    ])
    const exits = it.events.filter((event) => event.purpose === 'exit' && event.state === 'filled')
    expect(exits).toMatchObject([{ side: 'sell', reduceOnly: true, filledQuantity: '1', intentId: 'op-1' }])
    expect(await it.service.audit()).toEqual({ lostOrders: 0, duplicateOrders: 0, ledgerMismatches: 0 })
  })

  test('single acts: one order, the entries, one position; an expired command does nothing', async () => {
    const it = await trading()
    it.inspector('stopped')
    it.order({ type: 'cancelEntries', expiresAt: it.clock.now() })
    expect(it.trail().at(-1)).toBe('e2 accepted')
    it.order({ type: 'cancelOrder', clientOrderId: 'target', commandId: 'op-a' })
    expect(it.trail().at(-1)).toBe('target canceled')
    it.order({ type: 'cancelEntries', commandId: 'op-b' })
    expect(it.trail().at(-1)).toBe('e2 canceled')
    it.order({ type: 'closePosition', symbol: 'BTC/USDT', commandId: 'op-c' })
    await it.clock.advanceBy(1_000)
    expect(it.service.account()).toMatchObject({ openOrders: [], positions: [{ side: 'flat' }] })
  })

  test('a short is bought back, never more than is open', async () => {
    const swap = anInstrument({ symbol: 'BTC/USDT:USDT', kind: 'swap' })
    const it = await given({ instruments: [swap] })
    it.submit(anOrder({ clientOrderId: 'e1', side: 'sell', symbol: swap.symbol, quantity: '0.7' }))
    await it.clock.advanceBy(10)
    it.inspector('stopped')
    it.order({ type: 'closeAll' })
    await it.clock.advanceBy(1_000)
    expect(it.events.at(-1)).toMatchObject({ side: 'buy', state: 'filled', filledQuantity: '0.7' })
  })

  test('entries nobody watches any more are taken back; protection stays', async () => {
    const it = await trading()
    it.inspector('stopped')
    await it.clock.advanceBy(29_000)
    expect(it.trail()).not.toContain('e2 canceled')
    await it.clock.advanceBy(31_000)
    expect(it.trail()).toContain('e2 canceled')
    expect(it.service.account().openOrders.map((order) => order.clientOrderId)).toEqual(['stop', 'target'])
    expect(it.incidents.map(({ reason }) => reason.code)).toEqual(['order.last-resort.dead-man'])
  })

  test('while the bus is away a person is obeyed at once, though an Inspector was healthy; hearing it again changes nothing', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'barfinex-last-resort-'))
    const tokenFile = join(directory, 'tokens.json')
    const it = await trading({ provider: { gateway: { tokenFile } } })
    try {
      const { tokens } = JSON.parse(readFileSync(tokenFile, 'utf8')) as { tokens: { token: string }[] }
      const ask = async (type: string, requestId: string) => {
        const answer = await fetch(`${it.service.url}/api/commands`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${tokens[0]?.token}`,
            'content-type': 'application/json',
            'x-barfinex-request': '1',
          },
          body: JSON.stringify({ type, requestId, why: 'a test', expiresInMs: 60_000 }),
        })
        expect(answer.status).toBe(202)
        await it.clock.advanceBy(1_000)
      }
      await ask('closeAll', 'request-1')
      expect(it.service.account().openOrders).toHaveLength(3)
      const health = it.bus.health()
      Object.assign(it.bus, { health: () => ({ ...health, connected: false }) })
      await ask('resume', 'request-2')
      expect(it.service.account().openOrders).toHaveLength(3)
      await ask('closeAll', 'request-3')
      expect(it.service.account()).toMatchObject({ openOrders: [], positions: [{ side: 'flat' }] })
      expect(it.incidents.map(({ reason }) => reason.code)).toEqual(['order.last-resort.operator'])
      const sent = it.venue.arrived.length
      it.inspector('stopped')
      await ask('closeAll', 'request-4')
      expect(it.venue.arrived).toHaveLength(sent)
    } finally {
      await it.stop()
      rmSync(directory, { recursive: true, force: true })
    }
  })
})

/** Reports a refusal in place of what `isRefused` picks. */
function refuse(it: Awaited<ReturnType<typeof trading>>, isRefused: (order: Order) => boolean): string[] {
  const { exchange } = it.venue
  const submit = exchange.submit.bind(exchange)
  const refused: string[] = []
  exchange.submit = (order) => {
    if (!isRefused(order)) return submit(order)
    refused.push(order.clientOrderId)
    const reason = { code: 'exchange.rate-limited', message: 'Too many requests.' }
    const { clientOrderId, symbol } = order
    const occurredAt = it.clock.now()
    it.venue.tell({ type: 'rejected', clientOrderId, exchangeOrderId: null, symbol, reason, occurredAt })
  }
  return refused
}

async function again(it: Awaited<ReturnType<typeof trading>>) {
  await it.stop()
  const next = await givenProvider({ journal: it.journal, from: it })
  for (const part of next.service.parts) await part.prepare()
  for (const part of next.service.parts) await part.open()
  return next
}

const codes = (it: { incidents: readonly Incident[] }) => it.incidents.map(({ reason }) => reason.code)
const working = (it: { service: { account(): AccountState } }) =>
  it.service.account().openOrders.map(({ clientOrderId }) => clientOrderId)

describe('what Provider does not let go of', () => {
  test('a kill a second after the last beat of an Inspector that died is obeyed when that beat runs out', async () => {
    const it = await trading()
    const stop = it.beat()
    await it.clock.advanceBy(6_000)
    stop()
    await it.clock.advanceBy(1_000)
    it.order({ type: 'kill', expiresAt: it.clock.now() + 60_000 })
    await it.clock.advanceBy(6_000)
    expect(working(it)).toContain('e2')
    await it.clock.advanceBy(4_000)
    expect(working(it)).toEqual(['stop', 'target'])
    expect(codes(it)).toEqual(['order.last-resort.operator'])
  })

  test('what a dying Inspector did itself, and what a person lets go on, is not done again', async () => {
    for (const answer of ['done', 'resumed'] as const) {
      const it = await trading()
      it.order({ type: 'kill', expiresAt: it.clock.now() + 60_000 })
      if (answer === 'done') it.cancel('e2')
      else it.order({ type: 'resume', commandId: 'op-resume' })
      await it.clock.advanceBy(20_000)
      expect(codes(it)).toEqual([])
    }
  })

  test('entries are taken back exactly so long after the last sign of life ran out', async () => {
    const it = await trading()
    const stop = it.beat()
    await it.clock.advanceBy(60_000)
    stop()
    await it.clock.advanceBy(10_000 + 30_000 - 10)
    expect(working(it)).toContain('e2')
    await it.clock.advanceBy(1_000)
    expect(working(it)).toEqual(['stop', 'target'])
  })

  test('entries of an earlier start are watched too', async () => {
    const it = await again(await trading())
    expect(working(it)).toContain('e2')
    await it.clock.advanceBy(31_000)
    expect(working(it)).toEqual(['stop', 'target'])
    expect(codes(it)).toEqual(['order.last-resort.dead-man'])
  })

  test('a refused reduction is sent again under another id until the position is left, and a person is told', async () => {
    const it = await trading()
    it.inspector('stopped')
    const since = it.clock.now()
    const refused = refuse(it, (order) => order.purpose === 'exit' && it.clock.now() < since + 12_000)
    it.order({ type: 'closeAll' })
    await it.clock.advanceBy(20_000)
    expect(it.service.account()).toMatchObject({ openOrders: [], positions: [{ side: 'flat' }] })
    expect(new Set(refused).size).toBe(refused.length)
    expect(refused.length).toBeGreaterThan(3)
    expect(codes(it)).toEqual(['order.last-resort.operator', 'order.last-resort.stuck'])
    expect(await it.service.audit()).toEqual({ lostOrders: 0, duplicateOrders: 0, ledgerMismatches: 0 })
  })

  test('where a stop can only reduce, it stays until the position is left', async () => {
    const swap = anInstrument({ symbol: 'BTC/USDT:USDT', kind: 'swap' })
    const it = await given({ instruments: [swap] })
    const { symbol } = swap
    it.submit(anOrder({ clientOrderId: 'e1', symbol, quantity: '1' }))
    const stop = { side: 'sell', type: 'stopMarket', triggerPrice: '95', purpose: 'stop', reduceOnly: true } as const
    it.submit(anOrder({ ...stop, clientOrderId: 'stop', symbol, quantity: '1' }))
    await it.clock.advanceBy(10)
    it.inspector('stopped')
    let isRefusing = true
    refuse(it, (order) => order.purpose === 'exit' && isRefusing)
    it.order({ type: 'closePosition', symbol })
    await it.clock.advanceBy(30_000)
    expect(working(it)).toEqual(['stop'])
    isRefusing = false
    await it.clock.advanceBy(10_000)
    expect(it.service.account()).toMatchObject({ openOrders: [], positions: [{ side: 'flat' }] })
  })

  test('a refused cancel is asked for again', async () => {
    const it = await trading()
    it.inspector('stopped')
    const { exchange } = it.venue
    const cancel = exchange.cancel.bind(exchange)
    let refusals = 0
    exchange.cancel = (clientOrderId, symbol) => {
      if (refusals === 2) return cancel(clientOrderId, symbol)
      refusals += 1
      const reason = { code: 'exchange.order.unknown', message: 'Unknown order sent.' }
      it.venue.tell({ type: 'cancelRejected', clientOrderId, symbol, reason, occurredAt: it.clock.now() })
    }
    it.order({ type: 'kill' })
    await it.clock.advanceBy(5_000)
    expect(working(it)).toEqual(['stop', 'target'])
  })

  test('a restart between the cancels and the reduction does not leave the position open', async () => {
    const before = await trading()
    before.inspector('stopped')
    before.venue.faults.cancel = 'lost-reply'
    before.order({ type: 'closeAll' })
    await before.clock.advanceBy(100)
    before.venue.faults.cancel = 'none'
    const it = await again(before)
    await it.clock.advanceBy(30_000)
    expect(it.service.account()).toMatchObject({ openOrders: [], positions: [{ side: 'flat' }] })
    expect(await it.service.audit()).toEqual({ lostOrders: 0, duplicateOrders: 0, ledgerMismatches: 0 })
  })

  test('what is opened after a command was done is none of its business, also over a restart', async () => {
    const before = await trading()
    before.inspector('stopped')
    before.order({ type: 'closeAll' })
    await before.clock.advanceBy(1_000)
    before.inspector('ready')
    before.submit(anOrder({ clientOrderId: 'e3', intentId: 'i3', quantity: '1' }))
    await before.clock.advanceBy(1_000)
    const it = await again(before)
    await it.clock.advanceBy(20_000)
    expect(it.service.account().positions).toMatchObject([{ side: 'long', quantity: '1' }])
  })

  test('what is too little for the exchange is said once and left alone, until it is enough', async () => {
    // Worth 10 and more can be sold: 0.15 at 100 can, at 60 it cannot.
    const it = await given({ instruments: [anInstrument({ minNotional: '10' })] })
    it.submit(anOrder({ clientOrderId: 'e1', quantity: '0.15' }))
    await it.clock.advanceBy(10)
    it.inspector('stopped')
    it.venue.quote(59.99, 60.01)
    it.order({ type: 'closeAll' })
    await it.clock.advanceBy(120_000)
    expect(it.venue.arrived).toEqual(['e1'])
    expect(codes(it)).toEqual(['order.last-resort.operator', 'order.last-resort.dust'])
    expect(it.incidents.at(-1)).toMatchObject({ severity: 'warning', symbol: 'BTC/USDT', reason: { limit: '10' } })
    it.venue.quote(99.99, 100.01)
    await it.clock.advanceBy(6_000)
    expect(it.service.account().positions).toMatchObject([{ side: 'flat' }])
    expect(it.venue.arrived).toHaveLength(2)
    expect(await it.service.audit()).toEqual({ lostOrders: 0, duplicateOrders: 0, ledgerMismatches: 0 })
  })

  test('what is less than the smallest quantity is left alone at any price', async () => {
    const it = await given({
      feeAsset: 'received',
      instruments: [anInstrument({ minQuantity: '0.5', minNotional: '0' })],
    })
    it.submit(anOrder({ clientOrderId: 'e1', quantity: '0.5' }))
    await it.clock.advanceBy(10)
    it.inspector('stopped')
    it.order({ type: 'closeAll' })
    await it.clock.advanceBy(60_000)
    expect(it.venue.arrived).toEqual(['e1'])
    expect(codes(it)).toEqual(['order.last-resort.operator', 'order.last-resort.dust'])
  })

  test('a bus that takes nothing more keeps neither a person nor a cancel; who asks again is heard', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'barfinex-last-resort-'))
    const tokenFile = join(directory, 'tokens.json')
    const it = await givenProvider({ provider: { gateway: { tokenFile } } })
    const full = fillableBus(it.bus)
    await it.start()
    try {
      it.venue.quote(99.99, 100.01)
      it.submit(anOrder({ clientOrderId: 'e2', quantity: '1', type: 'limit', limitPrice: '90' }))
      await it.clock.advanceBy(10)
      const { tokens } = JSON.parse(readFileSync(tokenFile, 'utf8')) as { tokens: { token: string }[] }
      const kill = async () => {
        const answer = await fetch(`${it.service.url}/api/commands`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${tokens[0]?.token}`,
            'content-type': 'application/json',
            'x-barfinex-request': '1',
          },
          body: JSON.stringify({ type: 'kill', requestId: 'request-1', why: 'a test' }),
        })
        return { status: answer.status, body: (await answer.json()) as { repeated?: boolean } }
      }
      full.isFull = true
      expect((await kill()).status).toBeGreaterThanOrEqual(500)
      expect(it.venue.engine.snapshot('test', it.clock.now()).openOrders).toEqual([])
      full.isFull = false
      expect(await kill()).toMatchObject({ status: 202, body: { repeated: false } })
      expect(await kill()).toMatchObject({ status: 202, body: { repeated: true } })
    } finally {
      await it.stop()
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
