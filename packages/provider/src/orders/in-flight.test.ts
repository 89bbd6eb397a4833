import { anOrder, testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { givenProvider } from '../testing/given-provider.js'

async function given(options: Parameters<typeof givenProvider>[0] = {}) {
  const it = await givenProvider(options)
  await it.start()
  it.beat()
  it.venue.quote(99.99, 100.01)
  return it
}

const entry = anOrder({ clientOrderId: 'e1', quantity: '1' })
const resting = anOrder({ clientOrderId: 'e1', quantity: '1', type: 'limit', limitPrice: '90' })
const sound = { lostOrders: 0, duplicateOrders: 0, ledgerMismatches: 0 }

describe('an order whose fate is not known', () => {
  test('taken and filled, no reply: uncertain, then what the records say; never sent again', async () => {
    const it = await given()
    it.venue.faults.submit = 'lost-reply'
    it.submit(entry)
    expect(it.trail()).toEqual(['e1 submitted', 'e1 uncertain'])
    await it.clock.advanceBy(3_000)
    expect(it.trail()).toEqual(['e1 submitted', 'e1 uncertain', 'e1 filled'])
    expect(it.venue.arrived).toEqual(['e1'])
    expect(await it.service.audit()).toEqual(sound)
  })

  test('silence is noticed too', async () => {
    const it = await given()
    it.venue.faults.submit = 'lost-reply'
    it.venue.faults.noticesLoss = false
    it.submit(resting)
    await it.clock.advanceBy(3_000)
    expect(it.trail()).toEqual(['e1 submitted', 'e1 accepted'])
  })

  test('it never arrived: concluded from two answers and only after the time in which it still could', async () => {
    const it = await given()
    it.venue.faults.submit = 'lost-request'
    it.submit(entry)
    await it.clock.advanceBy(20_900)
    expect(it.trail()).toEqual(['e1 submitted', 'e1 uncertain'])
    await it.clock.advanceBy(40_000)
    expect(it.trail()).toEqual(['e1 submitted', 'e1 uncertain', 'e1 rejected'])
    expect(it.events.at(-1)?.reason?.code).toBe('order.resolve.never-arrived')
    expect(it.venue.arrived).toEqual([])
    // The intent may be tried again under a new id.
    it.venue.faults.submit = 'none'
    it.submit({ ...entry, clientOrderId: 'e2', attempt: 1 })
    await it.clock.advanceBy(10)
    expect(it.trail().at(-1)).toBe('e2 filled')
    expect(await it.service.audit()).toEqual(sound)
  })

  test('it never arrived: concluded at the end of that time, not at the next turn of a growing wait', async () => {
    const it = await given()
    it.venue.faults.submit = 'lost-request'
    it.submit(entry)
    await it.clock.advanceBy(21_300)
    expect(it.trail().at(-1)).toBe('e1 rejected')
  })

  test('a market order that was taken and of which nothing more is heard is asked about after 2 s', async () => {
    const it = await given()
    it.venue.faults.deliver = (report, hand) => {
      if (report.type === 'accepted') hand(report)
    }
    it.submit(entry)
    expect(it.trail()).toEqual(['e1 submitted', 'e1 accepted'])
    await it.clock.advanceBy(2_100)
    expect(it.trail()).toEqual(['e1 submitted', 'e1 accepted', 'e1 filled'])
    expect(it.venue.arrived).toEqual(['e1'])
    expect(await it.service.audit()).toEqual(sound)
  })

  test('a cancel refused because the order has ended: how it ended is read at once', async () => {
    const it = await given()
    it.submit(resting)
    it.venue.engine.cancel('test', 'e1', 'BTC/USDT', it.clock.now())
    it.cancel('e1')
    expect(it.trail().at(-1)).toBe('e1 accepted')
    await it.clock.advanceBy(300)
    expect(it.trail().at(-1)).toBe('e1 canceled')
  })

  test('a bracket sibling that the exchange ended without a word is noticed when the other one fills', async () => {
    const it = await given()
    it.submit(entry)
    const leg = { quantity: '1', side: 'sell', ocoGroup: 'pair', intentId: 'i2' } as const
    it.submit(anOrder({ ...leg, clientOrderId: 'stop', type: 'stopMarket', triggerPrice: '95', purpose: 'stop' }))
    it.submit(anOrder({ ...leg, clientOrderId: 'goal', type: 'limit', limitPrice: '105', purpose: 'target' }))
    await it.clock.advanceBy(10)
    it.venue.faults.deliver = (report, hand) => {
      if (report.type !== 'canceled') hand(report)
    }
    it.venue.quote(106, 106.5)
    expect(
      it
        .trail()
        .filter((line) => line.startsWith('stop'))
        .at(-1),
    ).toBe('stop accepted')
    await it.clock.advanceBy(300)
    expect(it.trail().at(-1)).toBe('stop canceled')
  })

  test('records that know an order only after seconds do not make it absent', async () => {
    const it = await given()
    it.venue.faults.submit = 'lost-reply'
    it.venue.faults.indexingMs = 5_000
    it.submit(resting)
    await it.clock.advanceBy(60_000)
    expect(it.trail()).toEqual(['e1 submitted', 'e1 uncertain', 'e1 accepted'])
  })

  test('an exchange that cannot be asked leaves it uncertain, for an hour if need be', async () => {
    const it = await given()
    it.venue.faults.submit = 'lost-reply'
    it.venue.faults.isUnreachable = true
    it.submit(entry)
    await it.clock.advanceBy(3_600_000)
    expect(it.trail()).toEqual(['e1 submitted', 'e1 uncertain'])
    it.venue.faults.isUnreachable = false
    await it.clock.advanceBy(31_000)
    expect(it.trail().at(-1)).toBe('e1 filled')
  })

  test('an exchange that answers again is asked at once about everything that waited', async () => {
    const it = await given({ provider: { reconcile: { openOrdersMs: 10_000 } } })
    it.venue.faults.submit = 'lost-request'
    it.venue.faults.isUnreachable = true
    it.submit(entry)
    await it.clock.advanceBy(600_000)
    it.venue.faults.isUnreachable = false
    await it.clock.advanceBy(12_000)
    expect(it.trail().at(-1)).toBe('e1 rejected')
  })

  test('a cancel whose reply is lost stays on its way until the records settle it', async () => {
    const it = await given()
    it.submit(resting)
    it.venue.faults.cancel = 'lost-reply'
    it.cancel('e1')
    expect(it.trail().at(-1)).toBe('e1 pendingCancel')
    await it.clock.advanceBy(3_000)
    expect(it.trail().at(-1)).toBe('e1 canceled')
  })

  test('an order that was acknowledged is never concluded not to have arrived, whatever the records lack', async () => {
    const it = await given()
    it.submit(resting)
    await it.clock.advanceBy(60_000)
    it.venue.faults.cancel = 'lost-request'
    it.venue.faults.indexingMs = 3_600_000
    it.cancel('e1')
    await it.clock.advanceBy(120_000)
    expect(it.trail().at(-1)).toBe('e1 pendingCancel')
    it.venue.faults.indexingMs = 0
    await it.clock.advanceBy(60_000)
    expect(it.trail().at(-1)).toBe('e1 accepted')
    expect(await it.service.audit()).toEqual(sound)
  })

  test('a cancel that never arrived is given up when its time has passed: the order lives on', async () => {
    const it = await given()
    it.submit(resting)
    it.venue.faults.cancel = 'lost-request'
    it.cancel('e1')
    await it.clock.advanceBy(20_000)
    expect(it.trail().at(-1)).toBe('e1 pendingCancel')
    await it.clock.advanceBy(60_000)
    expect(it.events.at(-1)).toMatchObject({ state: 'accepted', reason: { code: 'order.resolve.cancel-lost' } })
  })

  test('whatever is lost, repeated, delayed or reordered: one order at most, every fill once, the same account', async () => {
    const fault = fc.record({
      submit: fc.constantFrom('none' as const, 'lost-reply' as const, 'lost-request' as const),
      cancel: fc.constantFrom('none' as const, 'lost-reply' as const, 'lost-request' as const),
      noticesLoss: fc.boolean(),
      dropsReports: fc.boolean(),
      indexingMs: fc.constantFrom(0, 700, 4_000),
      delaysMs: fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 5 }),
      isTwice: fc.boolean(),
      isLimit: fc.boolean(),
      cancelAfterMs: fc.option(fc.integer({ min: 0, max: 5_000 }), { nil: null }),
      drop: fc.integer({ min: -30, max: 30 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 4 }), async (faults) => {
        const it = await given()
        const { clock, venue } = it
        for (const [index, plan] of faults.entries()) {
          const { delaysMs, isTwice, isLimit, cancelAfterMs, drop, ...rest } = plan
          Object.assign(venue.faults, rest)
          let count = 0
          venue.faults.deliver = (report, hand) => {
            for (let copy = 0; copy <= (isTwice ? 1 : 0); copy += 1) {
              const delayMs = delaysMs[count % delaysMs.length] ?? 0
              count += 1
              clock.schedule(clock.now() + delayMs, () => hand(report))
            }
          }
          const id = `e${index}`
          const price = isLimit ? ({ type: 'limit', limitPrice: '99.9' } as const) : {}
          it.submit(anOrder({ clientOrderId: id, intentId: `i${index}`, quantity: '0.3', ...price }))
          if (cancelAfterMs !== null) clock.schedule(clock.now() + cancelAfterMs, () => it.cancel(id))
          await clock.advanceBy(2_000)
          venue.quote(99.99 + drop / 10, 100.01 + drop / 10)
          await clock.advanceBy(10_000)
        }
        Object.assign(venue.faults, { submit: 'none', cancel: 'none', dropsReports: false })
        await clock.advanceBy(180_000)
        expect(new Set(venue.arrived).size).toBe(venue.arrived.length)
        expect(await it.service.audit()).toEqual(sound)
        const filled = it.events.filter((event) => event.state === 'filled')
        expect(new Set(filled.map((event) => event.clientOrderId)).size).toBe(filled.length)
        expect(it.service.account().openOrders.every((order) => order.state !== 'uncertain')).toBe(true)
        await it.stop()
      }),
      { numRuns: testRuns(25) },
    )
  })
})
