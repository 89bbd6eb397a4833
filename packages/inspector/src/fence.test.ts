import { BarfinexError, flow, type Incident, type LeaseRecord } from '@barfinex/core'
import { describe, expect, it } from 'vitest'
import { type DeskUnderTest, startDesk, swap } from '../test/desk-under-test.js'
import { maxPositionNotional } from './policies/max-position-notional.js'

/** A desk with a position under its stop, whose Inspector has epoch 1. */
async function held(leases?: LeaseRecord): Promise<DeskUnderTest> {
  const config = { policies: [maxPositionNotional('5000')] as const, sizing: { maxNotional: '10%' }, leases }
  const it = await startDesk({ config })
  it.propose()
  await it.pass(50)
  it.exchange.fill(it.exchange.working('entry')[0]!, '100')
  await it.pass(100)
  return it
}

/** Everything that could make it act: the stop is lost, an intent comes, an operator asks, time passes. */
async function provoke(it: DeskUnderTest): Promise<void> {
  for (const stop of it.exchange.working('stop')) it.exchange.end(stop, 'canceled')
  it.propose({ intentId: 'intent-2' })
  it.operate({ type: 'closeAll' })
  it.exchange.quote(swap, 90, 90.1)
  await it.pass(60_000)
}

async function expectSilence(it: DeskUnderTest): Promise<void> {
  const { commands } = it.exchange
  const before = [commands.length, it.verdicts.length, it.acts.length]
  await provoke(it)
  expect([commands.length, it.verdicts.length, it.acts.length]).toEqual(before)
  expect(it.codes().filter((code) => code === 'inspector.fenced')).toHaveLength(1)
  expect(it.service.status()).toMatchObject({ state: 'failed', code: 'inspector.fenced' })
  expect(it.faults).toEqual([])
}

/** What the order side says when it refuses a cancel that was sealed under an epoch which is over. */
function staleRefusal(observed: number, raisedAt: number): Incident {
  const reason = { code: 'order.seal.stale-epoch', message: 'Replaced.', limit: observed + 1, observed }
  return { incidentId: `i-${observed}`, severity: 'warning', symbol: null, raisedAt, reason }
}

describe('F32: an Inspector that has been replaced', () => {
  it('is not moved by who only says that he is a newer one: its stops are put back', async () => {
    const it = await held()
    const states = it.bus.publisher(flow.tradingState, 'inspector', Number.MAX_SAFE_INTEGER)
    const state = { account: 'paper', state: 'active', reason: null, setBy: 'restart', since: it.clock.now() } as const
    states.publish(state, { occurredAt: it.clock.now() })
    it.bus
      .publisher(flow.incident, 'studio', 1)
      .publish(staleRefusal(1, it.clock.now()), { occurredAt: it.clock.now() })
    it.exchange.end(it.exchange.working('stop')[0]!, 'canceled')
    await it.pass(60)
    expect(it.protection()?.status).toBe('covered')
    expect(it.exchange.resting(swap).toString()).toBe('10')
    expect(it.codes()).not.toContain('inspector.fenced')
    expect(it.service.status()).toMatchObject({ state: 'ready' })
  })

  it('stands down when the order side refuses what it has sealed, and leaves the stops where they are', async () => {
    const it = await held()
    it.bus
      .publisher(flow.incident, 'provider', 1)
      .publish(staleRefusal(1, it.clock.now()), { occurredAt: it.clock.now() })
    await it.pass(0)
    expect(it.exchange.resting(swap).toString()).toBe('10')
    await expectSilence(it)
    // On the bus the name belongs to the new one: the old one says nothing about itself there any more.
    expect(it.bus.last(flow.serviceStatus, 'inspector@main')?.payload.state).not.toBe('failed')
  })

  it('stands down when the order side denies an order of its epoch', async () => {
    const it = await held()
    it.exchange.fence(2)
    for (const stop of it.exchange.working('stop')) it.exchange.end(stop, 'canceled')
    await it.pass(0)
    await expectSilence(it)
  })

  it('stands down when the order side refuses a cancel of its epoch', async () => {
    const it = await held()
    it.exchange.fence(2)
    it.propose({ intentId: 'intent-2', entry: 'limit', limitPrice: '99' })
    await it.pass(0)
    await expectSilence(it)
  })

  describe('where the record of leases can be asked', () => {
    const recordOf = (answer: () => number): LeaseRecord & { readonly asked: string[] } => ({
      asked: [],
      async highestEpoch(name) {
        this.asked.push(name)
        return answer()
      },
    })
    const refuse = (it: DeskUnderTest) =>
      it.bus.publisher(flow.incident, 'provider', 1).publish(staleRefusal(1, it.clock.now()), {
        occurredAt: it.clock.now(),
      })

    async function expectGuarded(it: DeskUnderTest): Promise<void> {
      it.exchange.end(it.exchange.working('stop')[0]!, 'canceled')
      await it.pass(60)
      expect(it.protection()?.status).toBe('covered')
      expect(it.codes()).not.toContain('inspector.fenced')
      expect(it.service.status()).toMatchObject({ state: 'ready' })
    }

    it('does not leave its position for what somebody writes in an incident: there is no newer one', async () => {
      const record = recordOf(() => 1)
      const it = await held(record)
      for (let count = 0; count < 3; count += 1) {
        refuse(it)
        await it.pass(10)
      }
      await expectGuarded(it)
      expect(record.asked).toEqual(['inspector@paper', 'inspector@paper', 'inspector@paper'])
      expect(it.codes().filter((code) => code === 'inspector.false-refusal')).toHaveLength(1)
    })

    it('stands down when there is a newer one', async () => {
      const it = await held(recordOf(() => 3))
      refuse(it)
      await it.pass(10)
      await expectSilence(it)
    })

    it('goes on while nobody can be asked, and learns it with the next refusal', async () => {
      let isAway = true
      const it = await held(
        recordOf(() => {
          if (isAway) throw new BarfinexError('bus.unavailable', 'Away.', { retryable: true })
          return 2
        }),
      )
      refuse(it)
      await it.pass(10)
      await expectGuarded(it)
      expect(it.codes()).not.toContain('inspector.false-refusal')
      isAway = false
      refuse(it)
      await it.pass(10)
      await expectSilence(it)
    })

    it('believes a denial of its order at once: order events are the order side’s own', async () => {
      const record = recordOf(() => 1)
      const it = await held(record)
      it.exchange.fence(2)
      for (const stop of it.exchange.working('stop')) it.exchange.end(stop, 'canceled')
      await it.pass(0)
      await expectSilence(it)
      expect(record.asked).toEqual([])
    })
  })

  it('is not disturbed by refusals of somebody else, nor by what an older one has said', async () => {
    const it = await held()
    it.bus
      .publisher(flow.incident, 'provider', 1)
      .publish(staleRefusal(0, it.clock.now()), { occurredAt: it.clock.now() })
    const old = it.bus.publisher(flow.tradingState, 'inspector', 0)
    const state = { account: 'paper', state: 'active', reason: null, setBy: 'restart', since: it.clock.now() } as const
    old.publish(state, { occurredAt: it.clock.now() })
    it.exchange.end(it.exchange.working('stop')[0]!, 'canceled')
    await it.pass(60)
    expect(it.protection()?.status).toBe('covered')
    expect(it.codes()).not.toContain('inspector.fenced')
  })

  it('signs everything with its epoch', async () => {
    const it = await held()
    it.operate({ type: 'cancelEntries' })
    it.operate({ type: 'closeAll' })
    await it.pass(100)
    await it.crash()
    await it.boot(7)
    it.exchange.end(it.exchange.working('stop')[0]!, 'canceled')
    await it.pass(600)
    const epochs = new Set<number>()
    const seals = it.exchange.commands.map(({ approval }) => approval.epoch)
    for await (const { source, epoch } of it.journal.read()) if (source === 'inspector') epochs.add(epoch)
    expect([...epochs]).toEqual([1, 7])
    expect(new Set(seals)).toEqual(new Set([1, 7]))
  })
})
