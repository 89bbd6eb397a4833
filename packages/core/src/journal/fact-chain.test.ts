import { describe, expect, it } from 'vitest'
import type { Envelope } from '../bus/envelope.js'
import { createMemoryBus } from '../bus/memory-bus.js'
import type { Channel } from '../flow/channel.js'
import { channels, flow } from '../flow/map.js'
import { createRandom } from '../runtime/random.js'
import { anEnvelope } from '../testing/given.js'
import { aDecision, aStageRecord } from '../testing/given-decision.js'
import { aCandle, aQuote, newYear } from '../testing/given-market.js'
import { aFill, anApproval, anOrderCommand, anOrderEvent } from '../testing/given-order.js'
import { anEvaluation, aSignal } from '../testing/given-signal.js'
import { anIncident } from '../testing/given-verdict.js'
import { testRuns } from '../testing/test-runs.js'
import { createFactChain } from './fact-chain.js'

const byName = new Map(channels.map((channel) => [channel.name as string, channel as unknown as Channel<never>]))

function hashOfAll(envelopes: readonly Envelope[], look: (index: number) => boolean = () => false): string {
  const chain = createFactChain()
  for (const [index, envelope] of envelopes.entries()) {
    chain.add(envelope, byName.get(envelope.type) as Channel<never>)
    if (look(index)) chain.hash()
  }
  return chain.hash()
}

/** Facts of a few instants: several channels and keys, several messages of one key in one instant. */
function facts(random: ReturnType<typeof createRandom>): Envelope[] {
  const made: Envelope[] = []
  const seqs = new Map<string, number>()
  for (let instant = 0; instant < 20; instant += 1) {
    for (let count = random.integer(6); count > 0; count -= 1) {
      const symbol = `S${random.integer(3)}/USDT`
      const seq = (type: string) => {
        const next = seqs.get(`${type} ${symbol}`) ?? 0
        seqs.set(`${type} ${symbol}`, next + 1)
        return next
      }
      const occurredAt = newYear + instant
      const name = `${instant}.${count}`
      if (random.integer(2) === 0) {
        made.push(anEnvelope(flow.signal, aSignal({ signalId: name, symbol }), { occurredAt, seq: seq('signal') }))
      } else {
        made.push(anEnvelope(flow.incident, anIncident({ incidentId: name, symbol }), { occurredAt, seq: 0 }))
      }
    }
  }
  return made
}

/** Another order of arrival within each instant that keeps the order of each key. */
function interleaved(envelopes: readonly Envelope[], random: ReturnType<typeof createRandom>): Envelope[] {
  const lanes = new Map<string, Envelope[]>()
  for (const it of envelopes) {
    const lane = `${it.occurredAt} ${it.type} ${it.key}`
    lanes.set(lane, [...(lanes.get(lane) ?? []), it])
  }
  const mixed: Envelope[] = []
  for (const occurredAt of new Set(envelopes.map((it) => it.occurredAt))) {
    const waiting = [...lanes].filter(([lane]) => lane.startsWith(`${occurredAt} `)).map(([, lane]) => [...lane])
    while (waiting.some((lane) => lane.length > 0)) {
      const next = waiting[random.integer(waiting.length)]?.shift()
      if (next !== undefined) mixed.push(next)
    }
  }
  return mixed
}

describe('fact chain', () => {
  it('is equal for equal facts, and differs when one differs, is missing or moves in time', () => {
    const all = facts(createRandom(1))
    const hash = hashOfAll(all)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(hashOfAll(all.map((it) => ({ ...it })))).toBe(hash)
    expect(hashOfAll([])).toBe('0'.repeat(64))
    for (let index = 0; index < all.length; index += 1) {
      const changed = [...all]
      const it = changed[index] as Envelope
      const missing = all.filter((_, at) => at !== index)
      changed[index] = { ...it, payload: { ...(it.payload as object), extra: 1 } }
      expect(hashOfAll(changed)).not.toBe(hash)
      expect(hashOfAll(missing)).not.toBe(hash)
      changed[index] = { ...it, occurredAt: it.occurredAt + 0.5 }
      expect(hashOfAll(changed)).not.toBe(hash)
      changed[index] = { ...it, causationId: 'somebody else' }
      expect(hashOfAll(changed)).not.toBe(hash)
    }
  })

  it('does not depend on how often it is read', () => {
    for (let seed = 0; seed < testRuns(10); seed += 1) {
      const random = createRandom(seed)
      const all = facts(random)
      expect(hashOfAll(all, () => random.integer(3) === 0)).toBe(hashOfAll(all))
    }
  })

  it('does not depend on how a bus interleaves the keys of one instant', () => {
    for (let seed = 0; seed < testRuns(20); seed += 1) {
      const random = createRandom(`mix/${seed}`)
      const all = facts(random)
      const mixed = interleaved(all, random)
      expect(mixed).toHaveLength(all.length)
      expect(hashOfAll(mixed)).toBe(hashOfAll(all))
    }
  })

  it('keeps the order of instants and of the messages of a key', () => {
    const event = (sequence: number, occurredAt: number) =>
      anEnvelope(flow.orderEvent, anOrderEvent({ sequence }), { seq: sequence, occurredAt })
    const swapped = (sequence: number) => anEnvelope(flow.orderEvent, anOrderEvent({ sequence }), { seq: 1 - sequence })
    expect(hashOfAll([event(0, 1), event(1, 2)])).not.toBe(hashOfAll([event(0, 2), event(1, 1)]))
    expect(hashOfAll([event(0, newYear), event(1, newYear)])).not.toBe(hashOfAll([swapped(0), swapped(1)]))
  })

  it('leaves out seals, durations, incarnations and the time of receipt, also inside ids', () => {
    const command = (nonce: string) => anOrderCommand({ approval: anApproval({ nonce, signature: nonce, epoch: 9 }) })
    expect(hashOfAll([anEnvelope(flow.orderCommand, command('aaaaaaaa'))])).toBe(
      hashOfAll([
        anEnvelope(flow.orderCommand, command('bbbbbbbb'), { epoch: 7, receivedAt: newYear + 3, source: 'x' }),
      ]),
    )
    const decision = (durationUs: number) =>
      aDecision({ stages: aDecision().stages.map(({ name }) => aStageRecord(name, { durationUs })) })
    expect(hashOfAll([anEnvelope(flow.decision, decision(1))])).toBe(
      hashOfAll([anEnvelope(flow.decision, decision(2))]),
    )

    const fillAfterQuote = (epoch: number) => {
      const bus = createMemoryBus()
      const chain = createFactChain()
      bus.tap((envelope, channel) => chain.add(envelope, channel))
      const cause = bus.publisher(flow.quote, 'provider', epoch).publish(aQuote(), { occurredAt: newYear })
      bus.publisher(flow.fill, 'provider', epoch).publish(aFill(), { occurredAt: newYear, cause })
      return chain.hash()
    }
    expect(fillAfterQuote(1)).toBe(fillAfterQuote(2))
  })

  it('counts commands and facts only', () => {
    const chain = createFactChain()
    const add = <P>(channel: Channel<P>, payload: P) =>
      chain.add(anEnvelope(channel, payload), channel as unknown as Channel<never>)
    add(flow.candle, aCandle())
    add(flow.evaluation, anEvaluation())
    add(flow.quote, aQuote())
    expect([chain.count, chain.hash()]).toEqual([0, '0'.repeat(64)])
    add(flow.signal, aSignal())
    add(flow.orderCommand, anOrderCommand())
    expect(chain.count).toBe(2)
  })

  it('goes on over blocks', () => {
    const many = Array.from({ length: 2_000 }, (_, index) =>
      anEnvelope(flow.signal, aSignal({ signalId: `s${index}` }), { occurredAt: newYear + index, seq: index }),
    )
    const hash = hashOfAll(many)
    expect(hashOfAll(many, (index) => index % 97 === 0)).toBe(hash)
    expect(hashOfAll(many.slice(0, -1))).not.toBe(hash)
    expect(hashOfAll([...many.slice(0, 1_000), ...many.slice(1_001)])).not.toBe(hash)
  })

  it('has not changed: journals of earlier versions keep their hash', () => {
    const chain = [
      anEnvelope(flow.signal, aSignal()),
      anEnvelope(flow.orderCommand, anOrderCommand(), { occurredAt: newYear + 1 }),
      anEnvelope(flow.fill, aFill(), { occurredAt: newYear + 2, causationId: 'market.quote:BTC/USDT:1.7' }),
    ]
    expect(hashOfAll(chain)).toMatchInlineSnapshot(`"145e6032c68e751624e41f58e7124a903c279d0cdb1f35601a62f1cbc36cd71b"`)
  })
})
