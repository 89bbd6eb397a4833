import { describe, expect, it } from 'vitest'
import type { Envelope } from '../bus/envelope.js'
import { flow } from '../flow/map.js'
import { createRandom } from '../runtime/random.js'
import { type MakeBus, onBus } from './bus-under-test.js'
import { aCandle, aFeed, aQuote, newYear } from './given-market.js'
import { aFill } from './given-order.js'
import { anEvaluation, aSignal } from './given-signal.js'
import { testRuns } from './test-runs.js'

const at = (occurredAt: number) => ({ occurredAt })

/** Who gets what, in which order. */
export function deliveryContract(makeBus: MakeBus): void {
  describe('delivery', () => {
    it('hands a message over with its payload, writer, key, time and trail', () =>
      onBus(makeBus, {}, async (bus) => {
        const received: Envelope[] = []
        bus.subscribe(flow.signal, (envelope) => void received.push(envelope))
        await bus.settled()
        const cause = { id: 'market.candle:x', correlationId: 'market.candle:w' }
        const options = { occurredAt: newYear, receivedAt: newYear + 5, cause }
        const sent = bus.publisher(flow.signal, 'detector', 3).publish(aSignal(), options)
        await bus.settled()
        const [envelope] = received
        expect(received).toHaveLength(1)
        for (const it of [sent, envelope]) {
          expect(it?.id).toBe('detector.signal:signal-1')
          expect(it?.type).toBe('detector.signal')
          expect(it?.version).toBe(1)
          expect(it?.source).toBe('detector')
          expect(it?.key).toBe('BTC/USDT')
          expect(it?.seq).toBe(0)
          expect(it?.epoch).toBe(3)
          expect(it?.occurredAt).toBe(newYear)
          expect(it?.receivedAt).toBe(newYear + 5)
          expect(it?.correlationId).toBe('market.candle:w')
          expect(it?.causationId).toBe('market.candle:x')
          expect(it?.payload).toEqual(aSignal())
        }
      }))

    it('starts a trail with a message that has no cause, and hands the start on', () =>
      onBus(makeBus, {}, async (bus) => {
        const candle = bus.publisher(flow.candle, 'provider').publish(aCandle(), at(newYear))
        const signal = bus.publisher(flow.signal, 'detector').publish(aSignal(), { ...at(newYear), cause: candle })
        const fill = bus.publisher(flow.fill, 'provider').publish(aFill(), { ...at(newYear), cause: signal })
        expect([candle.correlationId, candle.causationId]).toEqual([candle.id, candle.id])
        expect([signal.correlationId, signal.causationId]).toEqual([candle.id, candle.id])
        expect([fill.correlationId, fill.causationId]).toEqual([candle.id, signal.id])
      }))

    it('keeps the order of each key for each reader, whatever is published in between', async () => {
      for (let seed = 0; seed < testRuns(20); seed += 1) {
        await onBus(makeBus, {}, async (bus) => {
          const random = createRandom(seed)
          const readers = Array.from({ length: 1 + random.integer(4) }, () => new Map<string, number[]>())
          for (const heard of readers) {
            bus.subscribe(flow.quote, ({ key, seq, payload }) => {
              expect(payload.bidQuantity).toBe(seq)
              heard.set(key, [...(heard.get(key) ?? []), seq])
            })
          }
          await bus.settled()
          const publisher = bus.publisher(flow.quote, 'provider')
          const sent = new Map<string, number>()
          for (let count = random.integer(60); count > 0; count -= 1) {
            const symbol = `S${random.integer(4)}/USDT`
            const seq = sent.get(symbol) ?? 0
            publisher.publish(aQuote({ symbol, bidQuantity: seq }), at(newYear + seq))
            sent.set(symbol, seq + 1)
          }
          await bus.settled()
          const wanted = [...sent].map(([symbol, count]) => [symbol, Array.from({ length: count }, (_, seq) => seq)])
          for (const heard of readers) expect(Object.fromEntries(heard)).toEqual(Object.fromEntries(wanted))
          expect(bus.health().handlerFaultCount).toBe(0)
        })
      }
    })

    it('counts sequences by writer, channel and key', () =>
      onBus(makeBus, {}, async (bus) => {
        const one = bus.publisher(flow.quote, 'provider')
        const other = bus.publisher(flow.quote, 'provider')
        const numbers = [
          one.publish(aQuote(), at(newYear)).seq,
          one.publish(aQuote({ symbol: 'ETH/USDT' }), at(newYear)).seq,
          one.publish(aQuote(), at(newYear)).seq,
          other.publish(aQuote(), at(newYear)).seq,
        ]
        expect(numbers).toEqual([0, 0, 1, 0])
      }))

    it('gives a reader of some keys those keys only', () =>
      onBus(makeBus, {}, async (bus) => {
        const received: string[] = []
        bus.subscribe(flow.quote, ({ key }) => void received.push(key), { keys: ['A/USDT', 'C/USDT'] })
        await bus.settled()
        const publisher = bus.publisher(flow.quote, 'provider')
        for (const symbol of ['A/USDT', 'B/USDT', 'C/USDT', 'A/USDT'])
          publisher.publish(aQuote({ symbol }), at(newYear))
        await bus.settled()
        expect(received.filter((key) => key === 'A/USDT')).toHaveLength(2)
        expect([...received].sort()).toEqual(['A/USDT', 'A/USDT', 'C/USDT'])
      }))

    it('gives watchers payload and time, and writers a shorter way', () =>
      onBus(makeBus, {}, async (bus) => {
        const watched: unknown[] = []
        const received: Envelope[] = []
        bus.watch(flow.quote, (payload, occurredAt) => void watched.push([payload.bid, occurredAt]), {
          keys: ['BTC/USDT'],
        })
        await bus.settled()
        const publisher = bus.publisher(flow.quote, 'provider')
        const wanted: unknown[] = []
        for (let index = 0; index < 300; index += 1) {
          publisher.publishAt(aQuote({ bid: 90 + index / 100 }), newYear + index)
          publisher.publishAt(aQuote({ symbol: 'ETH/USDT' }), newYear + index)
          wanted.push([90 + index / 100, newYear + index])
        }
        await bus.settled()
        expect(watched).toEqual(wanted)
        bus.subscribe(flow.quote, (envelope) => void received.push(envelope), { keys: ['BTC/USDT'] })
        await bus.settled()
        publisher.publishAt(aQuote(), newYear, { id: 'a', correlationId: 'b' })
        await bus.settled()
        expect(received.map(({ seq, causationId, correlationId }) => [seq, causationId, correlationId])).toEqual([
          [300, 'a', 'b'],
        ])
      }))

    it('gives an ended subscription nothing more', () =>
      onBus(makeBus, {}, async (bus) => {
        const received: number[] = []
        const end = bus.subscribe(flow.quote, ({ seq }) => void received.push(seq))
        await bus.settled()
        const publisher = bus.publisher(flow.quote, 'provider')
        publisher.publish(aQuote(), at(newYear))
        await bus.settled()
        end()
        end()
        publisher.publish(aQuote(), at(newYear))
        await bus.settled()
        expect(received).toEqual([0])
      }))

    it('isolates a handler that throws or rejects, and counts it', () => {
      const faults: unknown[] = []
      return onBus(makeBus, { onHandlerFault: (_, channel) => void faults.push(channel) }, async (bus) => {
        const received: number[] = []
        bus.subscribe(flow.signal, () => {
          throw new Error('synchronous')
        })
        bus.subscribe(flow.signal, async () => {
          throw new Error('asynchronous')
        })
        bus.subscribe(flow.signal, ({ seq }) => void received.push(seq))
        await bus.settled()
        const publisher = bus.publisher(flow.signal, 'detector')
        for (const signalId of ['a', 'b', 'c']) publisher.publish(aSignal({ signalId }), at(newYear))
        await bus.settled()
        expect(received).toEqual([0, 1, 2])
        expect(bus.health().handlerFaultCount).toBe(6)
        expect(faults).toEqual(Array(6).fill('detector.signal'))
      })
    })

    it('gives a new reader of state the last value of each key first, then every change', () =>
      onBus(makeBus, {}, async (bus) => {
        const publisher = bus.publisher(flow.feed, 'provider')
        publisher.publish(aFeed({ gapCount: 1 }), at(newYear))
        publisher.publish(aFeed({ gapCount: 2 }), at(newYear + 1))
        publisher.publish(aFeed({ symbol: 'ETH/USDT', gapCount: 7 }), at(newYear))
        await bus.settled()
        const received: unknown[] = []
        bus.subscribe(flow.feed, ({ key, payload }) => void received.push([key, payload.gapCount]))
        const one: number[] = []
        bus.watch(flow.feed, ({ gapCount }) => void one.push(gapCount), { keys: ['ETH/USDT'] })
        await bus.settled()
        publisher.publish(aFeed({ gapCount: 3 }), at(newYear + 2))
        await bus.settled()
        expect(received.filter((it) => (it as string[])[0] === 'BTC/USDT')).toEqual([
          ['BTC/USDT', 2],
          ['BTC/USDT', 3],
        ])
        expect(received).toHaveLength(3)
        expect(one).toEqual([7])
        expect(bus.last(flow.feed, 'BTC/USDT')?.payload.gapCount).toBe(3)
        expect(bus.last(flow.feed, 'XRP/USDT')).toBeUndefined()
        expect(bus.lastAll(flow.feed).map(({ key, payload }) => [key, payload.gapCount])).toEqual([
          ['BTC/USDT', 3],
          ['ETH/USDT', 7],
        ])
      }))

    it('shows taps every journalled message once, before any reader, in the order of writing', () =>
      onBus(makeBus, {}, async (bus) => {
        const order: string[] = []
        const untap = bus.tap(({ type, key }) => void order.push(`tap ${type} ${key}`))
        bus.subscribe(flow.signal, ({ key }) => void order.push(`read ${key}`))
        await bus.settled()
        const signals = bus.publisher(flow.signal, 'detector')
        bus.publisher(flow.quote, 'provider').publish(aQuote(), at(newYear))
        signals.publish(aSignal({ signalId: 'a', symbol: 'A/USDT' }), at(newYear))
        bus.publisher(flow.evaluation, 'detector').publish(anEvaluation(), at(newYear))
        signals.publish(aSignal({ signalId: 'b', symbol: 'B/USDT' }), at(newYear))
        await bus.settled()
        untap()
        signals.publish(aSignal({ signalId: 'c', symbol: 'C/USDT' }), at(newYear))
        await bus.settled()
        expect(order.filter((it) => it.startsWith('tap'))).toEqual([
          'tap detector.signal A/USDT',
          'tap detector.evaluation ema-pullback@BTC/USDT',
          'tap detector.signal B/USDT',
        ])
        expect(order.filter((it) => it.startsWith('read'))).toEqual(['read A/USDT', 'read B/USDT', 'read C/USDT'])
        for (const key of ['A/USDT', 'B/USDT']) {
          expect(order.indexOf(`tap detector.signal ${key}`)).toBeLessThan(order.indexOf(`read ${key}`))
        }
      }))

    it('settles only when what readers published has been handled too', () =>
      onBus(makeBus, {}, async (bus) => {
        const signals = bus.publisher(flow.signal, 'detector')
        const received: string[] = []
        bus.subscribe(flow.candle, async (envelope) => {
          await Promise.resolve()
          signals.publish(aSignal(), { occurredAt: newYear, cause: envelope })
        })
        bus.subscribe(flow.signal, async ({ correlationId }) => {
          await Promise.resolve()
          received.push(correlationId)
        })
        await bus.settled()
        const candle = bus.publisher(flow.candle, 'provider').publish(aCandle(), at(newYear))
        await bus.settled()
        expect(received).toEqual([candle.id])
        expect(bus.settled()).toBeUndefined()
      }))

    it('flushes, closes once, and refuses what comes after with bus.closed', () =>
      onBus(makeBus, {}, async (bus) => {
        const publisher = bus.publisher(flow.signal, 'detector')
        publisher.publish(aSignal(), at(newYear))
        await bus.flush()
        expect(bus.health().connected).toBe(true)
        await bus.close()
        await bus.close()
        expect(bus.health().connected).toBe(false)
        expect(() => publisher.publish(aSignal({ signalId: 'b' }), at(newYear))).toThrow(
          expect.objectContaining({ code: 'bus.closed' }),
        )
        expect(() => bus.subscribe(flow.signal, () => {})).toThrow(expect.objectContaining({ code: 'bus.closed' }))
      }))
  })
}
