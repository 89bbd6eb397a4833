import { describe, expect, it } from 'vitest'
import type { Bus, SubscribeOptions } from '../bus/bus.js'
import { flow } from '../flow/map.js'
import { createRandom } from '../runtime/random.js'
import { gate, type MakeBus, onBus, until } from './bus-under-test.js'
import { aFeed, aQuote, candlesInRow, newYear } from './given-market.js'
import { aSignal } from './given-signal.js'
import { testRuns } from './test-runs.js'

const at = (occurredAt: number) => ({ occurredAt })

function reading(bus: Bus, into: string[], options: SubscribeOptions) {
  return bus.subscribe(flow.signal, ({ payload }) => void into.push(payload.signalId), options)
}

/** Durable readers with a name. */
export function groupContract(makeBus: MakeBus): void {
  describe('groups', () => {
    it('give each message effect once by id, however often it is published', () =>
      onBus(makeBus, {}, async (bus) => {
        const received: string[] = []
        const end = reading(bus, received, { group: 'advisor' })
        await bus.settled()
        const first = bus.publisher(flow.signal, 'detector', 1)
        const again = bus.publisher(flow.signal, 'detector', 2)
        for (const signalId of ['a', 'b', 'a']) first.publish(aSignal({ signalId }), at(newYear))
        again.publish(aSignal({ signalId: 'b' }), at(newYear + 1))
        await bus.settled()
        expect(received).toEqual(['a', 'b'])
        end()
        again.publish(aSignal({ signalId: 'a' }), at(newYear + 2))
        again.publish(aSignal({ signalId: 'c' }), at(newYear + 2))
        reading(bus, received, { group: 'advisor' })
        await bus.settled()
        expect(received).toEqual(['a', 'b', 'c'])
      }))

    it('go on where they stopped, each for itself', () =>
      onBus(makeBus, {}, async (bus) => {
        const ours: string[] = []
        const others: string[] = []
        const end = reading(bus, ours, { group: 'ours' })
        reading(bus, others, { group: 'others' })
        await bus.settled()
        const publisher = bus.publisher(flow.signal, 'detector')
        publisher.publish(aSignal({ signalId: 'a' }), at(newYear))
        await bus.settled()
        end()
        publisher.publish(aSignal({ signalId: 'b' }), at(newYear))
        publisher.publish(aSignal({ signalId: 'c' }), at(newYear))
        await bus.settled()
        expect(ours).toEqual(['a'])
        reading(bus, ours, { group: 'ours' })
        await bus.settled()
        publisher.publish(aSignal({ signalId: 'd' }), at(newYear))
        await bus.settled()
        expect(ours).toEqual(['a', 'b', 'c', 'd'])
        expect(others).toEqual(['a', 'b', 'c', 'd'])
      }))

    it('get every message exactly once and in order, whenever they come and go', async () => {
      for (let seed = 0; seed < testRuns(20); seed += 1) {
        await onBus(makeBus, {}, async (bus) => {
          const random = createRandom(`groups/${seed}`)
          const publisher = bus.publisher(flow.signal, 'detector')
          const received: string[] = []
          const wanted: string[] = []
          let end = reading(bus, received, { group: 'advisor' })
          await bus.settled()
          for (let step = 0; step < 40; step += 1) {
            const act = random.integer(5)
            if (act === 0) end()
            else if (act === 1) {
              end()
              end = reading(bus, received, { group: 'advisor' })
              await bus.settled()
            } else {
              const signalId = act === 2 && wanted.length > 0 ? (wanted.at(-1) as string) : `s${step}`
              publisher.publish(aSignal({ signalId }), at(newYear + step))
              if (wanted.at(-1) !== signalId) wanted.push(signalId)
              // A bus across a network may still be on its way to a reader that is about to leave.
              await bus.settled()
            }
          }
          end()
          reading(bus, received, { group: 'advisor' })
          await bus.settled()
          expect(received).toEqual(wanted)
        })
      }
    })

    it('begin with what comes now, or with everything that is held', () =>
      onBus(makeBus, {}, async (bus) => {
        const publisher = bus.publisher(flow.signal, 'detector')
        publisher.publish(aSignal({ signalId: 'a' }), at(newYear))
        await bus.settled()
        const now: string[] = []
        const earliest: string[] = []
        const alone: string[] = []
        reading(bus, now, { group: 'now' })
        reading(bus, earliest, { group: 'earliest', from: 'earliest' })
        reading(bus, alone, { from: 'earliest' })
        await bus.settled()
        publisher.publish(aSignal({ signalId: 'b' }), at(newYear))
        await bus.settled()
        expect(now).toEqual(['b'])
        expect(earliest).toEqual(['a', 'b'])
        expect(alone).toEqual(['a', 'b'])
      }))

    it('resume on settled data', () =>
      onBus(makeBus, {}, async (bus) => {
        const received: number[] = []
        const read = () =>
          bus.subscribe(flow.candle, ({ payload }) => void received.push(payload.openTime), { group: 'history' })
        const end = read()
        await bus.settled()
        const candles = candlesInRow(4)
        const publisher = bus.publisher(flow.candle, 'provider')
        for (const [index, candle] of candles.entries()) {
          publisher.publish(candle, at(candle.closeTime))
          await bus.settled()
          if (index === 1) end()
        }
        read()
        await bus.settled()
        expect(received).toEqual(candles.map(({ openTime }) => openTime))
      }))

    it('share the work between members by key, and each message goes to one', () =>
      onBus(makeBus, {}, async (bus) => {
        const heard: [member: number, key: string, id: string][] = []
        for (const member of [0, 1]) {
          bus.subscribe(flow.signal, ({ key, payload }) => void heard.push([member, key, payload.signalId]), {
            group: 'g',
          })
        }
        await bus.settled()
        const publisher = bus.publisher(flow.signal, 'detector')
        const sent: string[] = []
        for (let index = 0; index < 40; index += 1) {
          const signalId = `s${index}`
          publisher.publish(aSignal({ signalId, symbol: `S${index % 8}/USDT` }), at(newYear + index))
          sent.push(signalId)
        }
        await bus.settled()
        expect(heard.map(([, , id]) => id).sort()).toEqual([...sent].sort())
        const membersOf = new Map<string, Set<number>>()
        for (const [member, key] of heard) membersOf.set(key, (membersOf.get(key) ?? new Set()).add(member))
        expect([...membersOf.values()].map((members) => members.size)).toEqual(Array(8).fill(1))
        expect(new Set(heard.map(([member]) => member)).size).toBe(2)
      }))

    it('lose nothing when a member leaves in the middle of its work', () =>
      onBus(makeBus, {}, async (bus) => {
        const block = gate()
        const received: string[] = []
        const end = bus.subscribe(
          flow.signal,
          async ({ payload }) => {
            received.push(payload.signalId)
            await block.opened
          },
          { group: 'g' },
        )
        await bus.settled()
        const publisher = bus.publisher(flow.signal, 'detector')
        for (const signalId of ['a', 'b', 'c']) publisher.publish(aSignal({ signalId }), at(newYear))
        await until('the first message is being handled', () => received.length === 1)
        end()
        block.open()
        await bus.settled()
        publisher.publish(aSignal({ signalId: 'd' }), at(newYear))
        reading(bus, received, { group: 'g' })
        await bus.settled()
        expect(received).toEqual(['a', 'b', 'c', 'd'])
      }))

    it('set a message aside whose handler failed for good', () =>
      onBus(makeBus, {}, async (bus) => {
        const received: string[] = []
        bus.subscribe(
          flow.signal,
          ({ payload }) => {
            if (payload.signalId === 'bad') throw new Error('cannot')
            received.push(payload.signalId)
          },
          { group: 'g' },
        )
        await bus.settled()
        const publisher = bus.publisher(flow.signal, 'detector')
        for (const signalId of ['a', 'bad', 'b']) publisher.publish(aSignal({ signalId }), at(newYear))
        await bus.settled()
        expect(received).toEqual(['a', 'b'])
        expect(bus.health().deadLetterCount).toBe(1)
      }))

    it('are refused on channels that keep nothing', () =>
      onBus(makeBus, {}, async (bus) => {
        bus.publisher(flow.quote, 'provider').publish(aQuote(), at(newYear))
        bus.publisher(flow.feed, 'provider').publish(aFeed(), at(newYear))
        for (const channel of [flow.quote, flow.feed, flow.heartbeat]) {
          expect(() => bus.subscribe(channel as typeof flow.quote, () => {}, { group: 'g' })).toThrow(
            expect.objectContaining({ code: 'options.invalid' }),
          )
        }
      }))
  })
}
