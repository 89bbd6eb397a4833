import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flow, type OperatorCommand } from '@barfinex/core'
import { anInstrument, anOperatorCommand, anOrder } from '@barfinex/core/testing'
import { describe, expect, test } from 'vitest'
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
