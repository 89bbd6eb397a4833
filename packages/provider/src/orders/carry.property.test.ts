import { type Envelope, flow, isFinal, type Journal, type OrderType } from '@barfinex/core'
import { anOperatorCommand, anOrder, testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { givenProvider } from '../testing/given-provider.js'
import { AccountFold } from './account-fold.js'
import { carry } from './carry.js'
import { type Restored, restore } from './restore.js'

/** A week in these tests. */
const keptMs = 60_000

const orderKinds: readonly OrderType[] = ['market', 'limit', 'stopMarket']
const step = fc.oneof(
  fc.record({
    act: fc.constant('submit' as const),
    type: fc.constantFrom(...orderKinds),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    purpose: fc.constantFrom('entry' as const, 'exit' as const),
    far: fc.boolean(),
  }),
  fc.record({ act: fc.constant('cancel' as const), which: fc.nat(30) }),
  fc.record({ act: fc.constant('quote' as const), price: fc.integer({ min: 80, max: 120 }) }),
  fc.record({ act: fc.constant('pass' as const), ms: fc.constantFrom(10, 3_000, 30_000, 90_000) }),
  fc.record({
    act: fc.constant('lose' as const),
    how: fc.constantFrom('none' as const, 'lost-reply' as const, 'lost-request' as const),
  }),
  fc.record({ act: fc.constant('forge' as const) }),
  fc.record({
    act: fc.constant('operate' as const),
    type: fc.constantFrom('cancelEntries' as const, 'closeAll' as const, 'resume' as const),
  }),
)

/** A random life of Provider's order half: everything its journal got. */
async function aLife(steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]) {
  const it = await givenProvider()
  await it.start()
  const stopBeating = it.beat()
  const operators = it.bus.publisher(flow.operatorCommand, 'studio', 1)
  it.venue.quote(99.99, 100.01)
  let count = 0
  for (const given of steps) {
    count += 1
    if (given.act === 'submit') {
      const price = given.far ? (given.side === 'buy' ? '70' : '130') : '100'
      it.submit(
        anOrder({
          clientOrderId: `order-${count}`,
          intentId: `intent-${count}`,
          quantity: '1',
          type: given.type,
          side: given.side,
          purpose: given.purpose,
          limitPrice: given.type === 'limit' ? price : null,
          triggerPrice: given.type === 'stopMarket' ? (given.side === 'buy' ? '125' : '75') : null,
        }),
      )
    } else if (given.act === 'cancel') it.cancel(`order-${given.which}`)
    else if (given.act === 'quote') it.venue.quote(given.price - 0.01, given.price + 0.01)
    else if (given.act === 'pass') await it.clock.advanceBy(given.ms)
    else if (given.act === 'lose') it.venue.faults.submit = given.how
    else if (given.act === 'forge') {
      it.submit(anOrder({ clientOrderId: `order-${count}` }), { epoch: 99, signature: 'A'.repeat(43) })
    } else {
      const issuedAt = it.clock.now()
      const command = anOperatorCommand({
        account: 'test',
        type: given.type,
        commandId: `command-${count}`,
        symbol: null,
        clientOrderId: null,
        issuedAt,
        expiresAt: issuedAt + 5_000,
      })
      operators.publish(command, { occurredAt: issuedAt })
    }
  }
  await it.clock.advanceBy(10)
  stopBeating()
  await it.stop()
  const all: Envelope[] = []
  for await (const envelope of it.journal.read()) all.push(envelope)
  return { all, verifier: it.approvals.verifier, instruments: it.service.instruments, now: it.clock.now() }
}

/** The whole, in pieces: after each piece what is over is left out. */
function carried(all: readonly Envelope[], cuts: readonly number[]): readonly Envelope[] {
  const { wants, prune } = carry(keptMs)
  let kept: readonly Envelope[] = []
  let from = 0
  for (const cut of [...cuts].map((it) => it % (all.length + 1)).sort((a, b) => a - b)) {
    kept = prune([...kept, ...all.slice(from, cut).filter(wants)])
    from = Math.max(from, cut)
  }
  return [...kept, ...all.slice(from)]
}

const journalOf = (all: readonly Envelope[]): Pick<Journal, 'read'> => ({
  async *read() {
    yield* all
  },
})

describe('what Provider carries on from a checkpoint', () => {
  test('and what came after it make the same of orders, money and approvals as the whole journal', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 60 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
        async (steps, cuts) => {
          const { all, verifier, instruments, now } = await aLife(steps)
          const whole = await restore(journalOf(all), 'test', verifier)
          const part = await restore(journalOf(carried(all, cuts)), 'test', verifier)
          const since = now - keptMs
          const told = ({ orders, fills, commands, acts, lastAt }: Restored) => {
            const money = new AccountFold('USDT', instruments)
            for (const fill of fills) money.add(fill)
            return {
              lastAt,
              open: orders.filter(({ state }) => !isFinal(state)),
              recent: orders.filter(({ changedAt }) => changedAt > since),
              totals: [...money.totals()].map(([asset, total]) => `${asset} ${total}`),
              positions: money.allPositions().map((it) => `${it.symbol} ${it.signedQuantity} ${it.openCost}`),
              fills: fills.map(({ fillId }) => fillId),
              approvals: commands.filter(({ approval }) => approval.expiresAt > since).map((it) => it.commandId),
              epoch: Math.max(0, ...commands.map(({ approval }) => approval.epoch)),
              acts: acts.filter(({ command }) => command.issuedAt > since),
            }
          }
          expect(told(part)).toEqual(told(whole))
        },
      ),
      { numRuns: testRuns(30) },
    )
  })

  test('is bounded: orders that ended long ago are gone, what is open stays however old', async () => {
    const it = await givenProvider()
    await it.start()
    const stopBeating = it.beat()
    it.venue.quote(99.99, 100.01)
    it.submit(anOrder({ clientOrderId: 'stays', intentId: 'i0', quantity: '1', type: 'limit', limitPrice: '70' }))
    for (let index = 1; index <= 1_100; index += 1) {
      it.submit(
        anOrder({ clientOrderId: `o${index}`, intentId: `i${index}`, quantity: '1', side: index % 2 ? 'buy' : 'sell' }),
      )
      await it.clock.advanceBy(1)
    }
    await it.clock.advanceBy(10 * keptMs)
    it.submit(anOrder({ clientOrderId: 'last', intentId: 'last', quantity: '1' }))
    await it.clock.advanceBy(1)
    stopBeating()
    const all: Envelope[] = []
    for await (const envelope of it.journal.read()) all.push(envelope)
    const ids = new Set(
      carried(all, [all.length]).flatMap(({ type, payload }) =>
        type === flow.orderEvent.name ? [(payload as { readonly clientOrderId: string }).clientOrderId] : [],
      ),
    )
    expect(ids.has('stays')).toBe(true)
    expect(ids.has('last')).toBe(true)
    expect(ids.has('o1')).toBe(false)
    expect(ids.size).toBeLessThanOrEqual(1_001)
    await it.stop()
  })
})
