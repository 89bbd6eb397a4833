import { type Envelope, flow } from '@barfinex/core'
import { describe, expect, test } from 'vitest'
import { longIntent, startDesk } from '../test/desk-under-test.js'
import { carry } from './carry.js'
import { createMemory } from './memory.js'
import { maxPositionNotional } from './policies/max-position-notional.js'
import { recall } from './recall.js'

/** What Inspector's journal holds when it has sent an entry and died before anybody answered. */
async function anEntryOnItsWay(stampOfAnother: number | null): Promise<readonly Envelope[]> {
  const it = await startDesk({
    config: { policies: [maxPositionNotional('9000')], sizing: { maxNotional: '10%' } },
  })
  await it.pass(60)
  if (stampOfAnother !== null) {
    // Refused as an intent that has expired, and journalled as every intent is.
    const stranger = it.bus.publisher(flow.intent, 'advisor', 1)
    stranger.publish(longIntent({ intentId: 'stranger', expiresAt: it.clock.now() - 1 }), {
      occurredAt: stampOfAnother,
    })
    await it.pass(60)
  }
  it.propose({ intentId: 'one', issuedAt: it.clock.now(), expiresAt: it.clock.now() + 20_000 })
  await it.pass(10)
  await it.crash()
  const all: Envelope[] = []
  for await (const envelope of it.journal.read()) all.push(envelope)
  const answers: readonly string[] = [flow.orderEvent.name, flow.fill.name]
  return all.filter(({ type }) => !answers.includes(type))
}

describe('what Inspector carries on', () => {
  test.each([
    ['nobody else', null],
    ['an intent from the year 275760', 8_640_000_000_000_000],
  ])('has the entry that is on its way, whatever else was heard: %s', async (_, stampOfAnother) => {
    const { wants, prune } = carry()
    const memory = createMemory(0)
    for (const envelope of prune((await anEntryOnItsWay(stampOfAnother)).filter(wants))) {
      recall({ memory, guards: () => true, accountId: 'paper' }, { recall: () => {} }, envelope)
    }
    expect(memory.lots.size).toBe(1)
    expect(memory.orders.size).toBe(1)
    expect(memory.wasJudged('one')).toBe(true)
  })
})
