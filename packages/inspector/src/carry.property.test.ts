import type { Envelope } from '@barfinex/core'
import { testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { startDesk, swap } from '../test/desk-under-test.js'
import { carry } from './carry.js'
import { createMemory, isOver, type Memory } from './memory.js'
import { losingStreak } from './policies/losing-streak.js'
import { maxPositionNotional } from './policies/max-position-notional.js'
import { recall } from './recall.js'

/** A week in these tests. */
const keptMs = 60_000

const step = fc.oneof(
  fc.record({ act: fc.constant('propose' as const), direction: fc.constantFrom('long' as const, 'short' as const) }),
  fc.record({
    act: fc.constant('fill' as const),
    purpose: fc.constantFrom('entry' as const, 'stop' as const, 'target' as const, 'exit' as const),
    which: fc.nat(4),
    isPart: fc.boolean(),
  }),
  fc.record({ act: fc.constant('quote' as const), price: fc.integer({ min: 95, max: 108 }) }),
  // Somebody else has closed all, and nobody says so: it is written off.
  fc.record({ act: fc.constant('vanish' as const) }),
  fc.record({ act: fc.constant('pass' as const), ms: fc.constantFrom(60, 3_000, 30_000, 90_000) }),
  fc.record({
    act: fc.constant('operate' as const),
    type: fc.constantFrom(
      'closeAll' as const,
      'cancelEntries' as const,
      'halt' as const,
      'resume' as const,
      'reduceOnly' as const,
    ),
  }),
)

async function aLife(steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]) {
  const it = await startDesk({
    config: { policies: [maxPositionNotional('9000'), losingStreak(3)], sizing: { maxNotional: '10%' } },
  })
  await it.pass(60)
  let count = 0
  for (const given of steps) {
    count += 1
    if (given.act === 'propose') {
      const prices =
        given.direction === 'long' ? { stopPrice: '98', targetPrice: '106' } : { stopPrice: '102', targetPrice: '94' }
      const now = it.clock.now()
      it.propose({
        intentId: `intent-${count}`,
        direction: given.direction,
        issuedAt: now,
        expiresAt: now + 20_000,
        ...prices,
      })
      await it.pass(60)
    } else if (given.act === 'vanish') {
      it.exchange.vanish(swap)
      await it.pass(1_500)
    } else if (given.act === 'fill') {
      const working = it.exchange.working(given.purpose)
      const order = working[given.which % Math.max(1, working.length)]
      if (order === undefined) continue
      if (given.purpose === 'stop') it.exchange.trigger(order)
      it.exchange.fill(order, '100', given.isPart ? '0.5' : undefined)
      await it.pass(60)
    } else if (given.act === 'quote') it.exchange.quote(swap, given.price, given.price + 0.1)
    else if (given.act === 'pass') await it.pass(given.ms)
    else it.operate({ commandId: `command-${count}`, type: given.type, by: 'ada', symbol: null })
  }
  await it.pass(60)
  await it.crash()
  const all: Envelope[] = []
  for await (const envelope of it.journal.read()) all.push(envelope)
  return { all, now: it.clock.now() }
}

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

function remembered(all: readonly Envelope[]): Memory {
  const memory = createMemory(0)
  for (const envelope of all) recall({ memory, guards: () => true, accountId: 'paper' }, { recall: () => {} }, envelope)
  memory.settleRecall(null, 0)
  return memory
}

describe('what Inspector carries on from a checkpoint', () => {
  test('and what came after it make the same of trades, holds and limits as the whole journal', async () => {
    const seen = { lots: 0, dropped: 0 }
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 60 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
        async (steps, cuts) => {
          const { all, now } = await aLife(steps)
          const part = carried(all, cuts)
          const since = now - keptMs
          const told = (memory: Memory) => {
            const lots = [...memory.lots.values()].filter(
              (lot) => !isOver(memory.ordersOf(lot)) || lot.openedAt !== null,
            )
            const { operator, operatorName, holds } = memory.control
            return {
              lots,
              orders: lots.map((lot) => memory.ordersOf(lot)),
              control: { operator, operatorName, holds },
              throttles: [...memory.throttles].filter(([, until]) => until > since),
              risk: memory.risk.view,
              recent: memory.recent.filter(({ approvedAt }) => approvedAt > since),
            }
          }
          const whole = told(remembered(all))
          expect(told(remembered(part))).toEqual(whole)
          seen.lots += whole.lots.length
          seen.dropped += all.length - part.length
        },
      ),
      { numRuns: testRuns(40) },
    )
    // The property has something to say: trades were open at the end, and messages were left out.
    expect(seen.lots).toBeGreaterThan(0)
    expect(seen.dropped).toBeGreaterThan(0)
  })
})
