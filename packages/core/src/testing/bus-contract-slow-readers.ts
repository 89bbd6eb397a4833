import { describe, expect, it } from 'vitest'
import { flow } from '../flow/map.js'
import { BarfinexError } from '../runtime/error.js'
import { gate, type MakeBus, onBus, until } from './bus-under-test.js'
import { aFeed, aQuote, newYear } from './given-market.js'
import { aSignal } from './given-signal.js'

const at = (occurredAt: number) => ({ occurredAt })

/** Handlers that take their time. */
export function slowReaderContract(makeBus: MakeBus): void {
  describe('slow readers', () => {
    it('get the next message of a key after the one before, and other keys meanwhile', () =>
      onBus(makeBus, {}, async (bus) => {
        const block = gate()
        const order: string[] = []
        bus.subscribe(flow.signal, async ({ key, payload }) => {
          order.push(`begin ${payload.signalId}`)
          if (key === 'A/USDT') await block.opened
          order.push(`end ${payload.signalId}`)
        })
        await bus.settled()
        const publisher = bus.publisher(flow.signal, 'detector')
        publisher.publish(aSignal({ signalId: 'a1', symbol: 'A/USDT' }), at(newYear))
        publisher.publish(aSignal({ signalId: 'a2', symbol: 'A/USDT' }), at(newYear))
        publisher.publish(aSignal({ signalId: 'b1', symbol: 'B/USDT' }), at(newYear))
        await until('the other key is done', () => order.includes('end b1'))
        expect(order).not.toContain('begin a2')
        block.open()
        await bus.settled()
        expect(order.filter((it) => it.endsWith('a1') || it.endsWith('a2'))).toEqual([
          'begin a1',
          'end a1',
          'begin a2',
          'end a2',
        ])
      }))

    it('do not hold up other readers', () =>
      onBus(makeBus, {}, async (bus) => {
        const block = gate()
        const received: number[] = []
        bus.subscribe(flow.signal, () => block.opened)
        bus.subscribe(flow.signal, ({ seq }) => void received.push(seq))
        await bus.settled()
        const publisher = bus.publisher(flow.signal, 'detector')
        for (const signalId of ['a', 'b', 'c']) publisher.publish(aSignal({ signalId }), at(newYear))
        await until('the fast reader is done', () => received.length === 3)
        expect(received).toEqual([0, 1, 2])
        block.open()
      }))

    it('lose the oldest live data beyond the limit, counted', () =>
      onBus(makeBus, { queueLimit: 3 }, async (bus) => {
        const block = gate()
        const received: number[] = []
        bus.subscribe(flow.quote, async ({ seq }) => {
          received.push(seq)
          await block.opened
        })
        await bus.settled()
        const publisher = bus.publisher(flow.quote, 'provider')
        for (let index = 0; index < 10; index += 1) publisher.publish(aQuote(), at(newYear + index))
        const lost = () => bus.health().droppedCount['market.quote'] ?? 0
        await until('everything has arrived', () => received.length + bus.health().queuedCount + lost() === 10)
        expect(bus.health().queuedCount).toBe(3)
        expect(lost()).toBe(6)
        block.open()
        await bus.settled()
        expect(received).toEqual([0, 7, 8, 9])
        expect(bus.health().queuedCount).toBe(0)
      }))

    it('lose no command and no fact: the writer is refused, or everything arrives', () =>
      onBus(makeBus, { queueLimit: 3 }, async (bus) => {
        const block = gate()
        const slow: string[] = []
        const fast: string[] = []
        bus.subscribe(flow.signal, async ({ payload }) => {
          slow.push(payload.signalId)
          await block.opened
        })
        bus.subscribe(flow.signal, ({ payload }) => void fast.push(payload.signalId))
        await bus.settled()
        const publisher = bus.publisher(flow.signal, 'detector')
        const accepted: string[] = []
        for (let index = 0; index < 10; index += 1) {
          const signalId = `s${index}`
          try {
            publisher.publish(aSignal({ signalId }), at(newYear))
            accepted.push(signalId)
          } catch (error) {
            expect(BarfinexError.is(error, 'bus.overflow') && error.retryable).toBe(true)
          }
        }
        await until('the fast reader is done', () => fast.length === accepted.length)
        block.open()
        await bus.settled()
        expect(slow).toEqual(accepted)
        expect(fast).toEqual(accepted)
        const sent = publisher.publish(aSignal({ signalId: 'later' }), at(newYear))
        await bus.settled()
        expect(sent.seq).toBe(accepted.length)
        expect(slow.at(-1)).toBe('later')
      }))

    it('of state get the newest value, not every one', () =>
      onBus(makeBus, {}, async (bus) => {
        const block = gate()
        const received: number[] = []
        bus.subscribe(flow.feed, async ({ payload }) => {
          received.push(payload.gapCount)
          await block.opened
        })
        await bus.settled()
        const publisher = bus.publisher(flow.feed, 'provider')
        for (let gapCount = 0; gapCount < 10; gapCount += 1) publisher.publish(aFeed({ gapCount }), at(newYear))
        await until('the newest has arrived', () => bus.last(flow.feed, 'BTC/USDT')?.payload.gapCount === 9)
        block.open()
        await bus.settled()
        expect(received).toEqual([0, 9])
        expect(bus.health().droppedCount).toEqual({})
      }))

    it('that leave take nothing of what waited', () =>
      onBus(makeBus, {}, async (bus) => {
        const block = gate()
        const received: number[] = []
        const end = bus.subscribe(flow.signal, async ({ seq }) => {
          received.push(seq)
          await block.opened
        })
        await bus.settled()
        const publisher = bus.publisher(flow.signal, 'detector')
        for (const signalId of ['a', 'b', 'c']) publisher.publish(aSignal({ signalId }), at(newYear))
        await until('two wait', () => bus.health().queuedCount === 2)
        end()
        expect(bus.health().queuedCount).toBe(0)
        block.open()
        await bus.settled()
        expect(received).toEqual([0])
      }))
  })
}
