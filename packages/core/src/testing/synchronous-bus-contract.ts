import { describe, expect, it } from 'vitest'
import type { Unsubscribe } from '../bus/bus.js'
import { flow } from '../flow/map.js'
import { gate, type MakeBus, onBus } from './bus-under-test.js'
import { aCandle, aFeed, aQuote, newYear } from './given-market.js'
import { anEvaluation, aSignal } from './given-signal.js'

const at = (occurredAt: number) => ({ occurredAt })

/** What a bus within one process promises beyond {@link busContract}: delivery within `publish`, in one total order. */
export function synchronousBusContract(name: string, makeBus: MakeBus): void {
  describe(`${name} delivers synchronously`, () => {
    it('has run every reader when publish returns', () =>
      onBus(makeBus, {}, async (bus) => {
        const received: number[] = []
        bus.subscribe(flow.quote, ({ seq }) => void received.push(seq))
        for (let count = 1; count <= 200; count += 1) {
          bus.publisher(flow.quote, 'provider').publish(aQuote(), at(newYear))
          expect(received).toHaveLength(count)
        }
        expect(bus.settled()).toBeUndefined()
        expect(bus.flush()).toBeUndefined()
      }))

    it('calls readers in the order in which they subscribed, also readers of single keys', () =>
      onBus(makeBus, {}, async (bus) => {
        const order: number[] = []
        const keys = [undefined, ['BTC/USDT'], undefined, ['BTC/USDT', 'ETH/USDT']]
        for (const [index, wanted] of keys.entries()) {
          bus.subscribe(flow.quote, () => void order.push(index), wanted === undefined ? {} : { keys: wanted })
        }
        const publisher = bus.publisher(flow.quote, 'provider')
        for (let round = 0; round < 200; round += 1) {
          order.length = 0
          publisher.publish(aQuote(), at(newYear))
          expect(order).toEqual([0, 1, 2, 3])
        }
      }))

    it('delivers what readers publish after every reader has had the present message, in order', () =>
      onBus(makeBus, {}, async (bus) => {
        const order: string[] = []
        const candles = bus.publisher(flow.candle, 'provider')
        const signals = bus.publisher(flow.signal, 'detector')
        const evaluations = bus.publisher(flow.evaluation, 'detector')
        bus.subscribe(flow.candle, (cause) => {
          order.push('candle 1')
          evaluations.publish(anEvaluation(), { ...at(newYear), cause })
          signals.publish(aSignal({ signalId: `${cause.seq}` }), { ...at(newYear), cause })
        })
        bus.subscribe(flow.candle, () => void order.push('candle 2'))
        bus.subscribe(flow.evaluation, () => void order.push('evaluation'))
        bus.subscribe(flow.signal, () => void order.push('signal'))
        for (let round = 0; round < 200; round += 1) {
          order.length = 0
          candles.publish(aCandle(), at(newYear))
          expect(order).toEqual(['candle 1', 'candle 2', 'evaluation', 'signal'])
        }
      }))

    it('begins a subscription that a handler makes with the next message', () =>
      onBus(makeBus, {}, async (bus) => {
        const late: number[] = []
        const ends: Unsubscribe[] = []
        bus.subscribe(flow.quote, ({ seq }) => {
          if (seq === 1) ends.push(bus.subscribe(flow.quote, (it) => void late.push(it.seq)))
        })
        bus.subscribe(flow.quote, () => {})
        const publisher = bus.publisher(flow.quote, 'provider')
        for (let count = 0; count < 4; count += 1) publisher.publish(aQuote(), at(newYear))
        expect(late).toEqual([2, 3])
        expect(ends).toHaveLength(1)
      }))

    it('gives a reader that another one ends not even the present message', () =>
      onBus(makeBus, {}, async (bus) => {
        const warm = 100
        const received: [name: string, seq: number][] = []
        const ends: Unsubscribe[] = []
        const read = (name: string, onLast: () => void) =>
          bus.subscribe(flow.quote, ({ seq }) => {
            received.push([name, seq])
            if (seq === warm) onLast()
          })
        ends.push(
          read('a', () => {}),
          read('b', () => {
            for (const index of [0, 1, 2]) ends[index]?.()
          }),
          read('c', () => {}),
          read('d', () => {}),
        )
        const publisher = bus.publisher(flow.quote, 'provider')
        for (let count = 0; count < warm; count += 1) publisher.publish(aQuote(), at(newYear))
        received.length = 0
        publisher.publish(aQuote(), at(newYear))
        publisher.publish(aQuote(), at(newYear))
        expect(received).toEqual([
          ['a', warm],
          ['b', warm],
          ['d', warm],
          ['d', warm + 1],
        ])
      }))

    it('lets watchers come, go and fail while a hot channel is being delivered', () =>
      onBus(makeBus, {}, async (bus) => {
        const warm = 100
        const received: string[] = []
        const ends: Unsubscribe[] = []
        const publisher = bus.publisher(flow.quote, 'provider')
        const watch = (name: string, onLast: () => void) =>
          bus.watch(flow.quote, ({ bidQuantity }) => {
            received.push(`${name}${bidQuantity}`)
            if (bidQuantity === warm) onLast()
          })
        ends.push(
          watch('a', () => {
            throw new Error('once')
          }),
          watch('b', () => ends[2]?.()),
          watch('c', () => {}),
          watch('d', () => void watch('e', () => {})),
        )
        for (let index = 0; index < warm; index += 1) publisher.publishAt(aQuote({ bidQuantity: index }), newYear)
        received.length = 0
        publisher.publishAt(aQuote({ bidQuantity: warm }), newYear)
        publisher.publishAt(aQuote({ bidQuantity: warm + 1 }), newYear)
        expect(received).toEqual(['a100', 'b100', 'd100', 'a101', 'b101', 'd101', 'e101'])
        expect(bus.health().handlerFaultCount).toBe(1)
      }))

    it('numbers messages without a gap, with and without envelopes', () =>
      onBus(makeBus, {}, async (bus) => {
        const publisher = bus.publisher(flow.quote, 'provider')
        bus.watch(flow.quote, () => {})
        for (let count = 0; count < 150; count += 1) publisher.publishAt(aQuote(), newYear)
        const numbers: number[] = []
        bus.subscribe(flow.quote, ({ seq }) => void numbers.push(seq))
        publisher.publishAt(aQuote(), newYear)
        expect(publisher.publish(aQuote(), at(newYear)).seq).toBe(151)
        expect(numbers).toEqual([150, 151])
      }))

    it('gives the last values within subscribe', () =>
      onBus(makeBus, {}, async (bus) => {
        bus.publisher(flow.feed, 'provider').publish(aFeed({ gapCount: 4 }), at(newYear))
        const received: number[] = []
        const end = bus.subscribe(flow.feed, ({ payload }) => void received.push(payload.gapCount))
        expect(received).toEqual([4])
        end()
      }))

    it('refuses the writer before anything has happened', () =>
      onBus(makeBus, { queueLimit: 1 }, async (bus) => {
        const tapped: string[] = []
        const fast: string[] = []
        const block = gate()
        bus.tap(({ id }) => void tapped.push(id))
        bus.subscribe(flow.signal, () => block.opened)
        bus.subscribe(flow.signal, ({ payload }) => void fast.push(payload.signalId))
        const publisher = bus.publisher(flow.signal, 'detector')
        publisher.publish(aSignal({ signalId: 'a' }), at(newYear))
        publisher.publish(aSignal({ signalId: 'b' }), at(newYear))
        expect(() => publisher.publish(aSignal({ signalId: 'c' }), at(newYear))).toThrow(
          expect.objectContaining({ code: 'bus.overflow', retryable: true }),
        )
        expect(publisher.publish(aSignal({ signalId: 'd', symbol: 'ETH/USDT' }), at(newYear)).seq).toBe(0)
        expect(fast).toEqual(['a', 'b', 'd'])
        expect(tapped).toEqual(['detector.signal:a', 'detector.signal:b', 'detector.signal:d'])
        block.open()
      }))
  })
}
