import { anOrder } from '@barfinex/core/testing'
import { describe, expect, test } from 'vitest'
import { fillableBus } from '../../test/fillable-bus.js'
import { givenProvider } from '../testing/given-provider.js'

const sound = { lostOrders: 0, duplicateOrders: 0, ledgerMismatches: 0 }
const exit = anOrder({ clientOrderId: 'exit', intentId: 'i1', quantity: '1', side: 'sell', purpose: 'exit' })

async function given() {
  const it = await givenProvider()
  const full = fillableBus(it.bus)
  await it.start()
  it.beat()
  it.venue.quote(99.99, 100.01)
  it.submit(anOrder({ clientOrderId: 'entry', intentId: 'i1', quantity: '1' }))
  await it.clock.advanceBy(10)
  return { ...it, full }
}

describe('a bus that takes nothing', () => {
  test('keeps no exit from being sent, and what became of it is told in order when it takes something again', async () => {
    const it = await given()
    it.full.isFull = true
    it.submit(exit)
    await it.clock.advanceBy(30_000)
    expect(it.venue.arrived).toEqual(['entry', 'exit'])
    expect(it.trail().filter((line) => line.startsWith('exit'))).toEqual([])
    expect(it.service.account().positions).toMatchObject([{ side: 'flat' }])
    it.full.isFull = false
    await it.clock.advanceBy(250)
    expect(it.trail().filter((line) => line.startsWith('exit'))).toEqual([
      'exit submitted',
      'exit accepted',
      'exit filled',
    ])
    expect(it.events.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 0, 1, 2])
    expect(await it.service.audit()).toEqual(sound)
  })

  test('lets no order go unwatched: one whose reply is lost meanwhile is found in the records', async () => {
    const it = await given()
    it.full.isFull = true
    it.venue.faults.submit = 'lost-reply'
    it.venue.faults.noticesLoss = false
    it.submit({ ...exit, type: 'stopMarket', triggerPrice: '90', purpose: 'stop' })
    await it.clock.advanceBy(5_000)
    it.full.isFull = false
    await it.clock.advanceBy(250)
    expect(it.trail().slice(-2)).toEqual(['exit submitted', 'exit accepted'])
    expect(await it.service.audit()).toEqual(sound)
  })

  test('sends no entry of which nobody could be told, and does not wait for it', async () => {
    const it = await given()
    it.full.isFull = true
    it.submit(anOrder({ clientOrderId: 'more', intentId: 'i2', quantity: '1' }))
    await it.clock.advanceBy(1_000)
    expect(it.venue.arrived).toEqual(['entry'])
    expect(it.service.account().openOrders).toEqual([])
    it.full.isFull = false
    await it.clock.advanceBy(250)
    expect(it.trail().slice(-2)).toEqual(['more submitted', 'more rejected'])
    expect(it.events.at(-1)?.reason).toMatchObject({ code: 'order.gateway.bus-full' })
    expect(await it.service.audit()).toEqual(sound)
  })

  test('does not keep Provider from ending', async () => {
    const it = await given()
    it.full.isFull = true
    it.submit(exit)
    await it.clock.advanceBy(10)
    await it.stop()
    expect(it.venue.arrived).toEqual(['entry', 'exit'])
  })
})
