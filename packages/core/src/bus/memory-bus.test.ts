import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { flow } from '../flow/map.js'
import { createLog } from '../runtime/log.js'
import { aCandle, anAct, aQuote, aSignal, busContract, newYear, synchronousBusContract } from '../testing/index.js'
import { plainEnvelope } from './envelope.js'
import { createMemoryBus } from './memory-bus.js'
import { queries } from './queries.js'
import { rememberedKeys } from './route.js'

busContract('memory bus', (settings) => createMemoryBus(settings))
busContract('memory bus without generated code', (settings) => createMemoryBus({ ...settings, generateCode: false }))
busContract('memory bus in debug', (settings) => createMemoryBus({ ...settings, debug: true }))

synchronousBusContract('memory bus', (settings) => createMemoryBus(settings))
synchronousBusContract('memory bus without generated code', (settings) =>
  createMemoryBus({ ...settings, generateCode: false }),
)

const at = { occurredAt: newYear }

describe('memory bus', () => {
  it('keeps only so many messages, and tells a group that was away for longer', () => {
    const faults: unknown[] = []
    const bus = createMemoryBus({ retainedCount: 4, onHandlerFault: (error) => void faults.push(error) })
    const received: string[] = []
    const read = () =>
      bus.subscribe(flow.signal, ({ payload }) => void received.push(payload.signalId), { group: 'advisor' })
    read()()
    const publisher = bus.publisher(flow.signal, 'detector')
    for (let index = 0; index < 10; index += 1) publisher.publish(aSignal({ signalId: `s${index}` }), at)
    read()
    expect(received).toEqual(['s6', 's7', 's8', 's9'])
    expect(bus.health().droppedCount).toEqual({ 'detector.signal': 6 })
    expect(faults).toMatchObject([{ code: 'bus.overflow' }])
  })

  it('remembers the ids of a group for at least twice as long, and not for ever', () => {
    const bus = createMemoryBus({ retainedCount: 2 })
    const received: string[] = []
    bus.subscribe(flow.signal, ({ payload }) => void received.push(payload.signalId), { group: 'advisor' })
    const publisher = bus.publisher(flow.signal, 'detector')
    for (const signalId of [...'abcadaefgha']) publisher.publish(aSignal({ signalId }), at)
    expect(received).toEqual([...'abcdefgha'])
  })

  it('forgets keys that come once, and never gives one of their numbers again', () => {
    const bus = createMemoryBus({ retainedCount: 0 })
    const publisher = bus.publisher(flow.quote, 'provider')
    let received = 0
    bus.subscribe(flow.quote, () => {
      received += 1
    })
    publisher.publish(aQuote({ symbol: 'OLD/USDT' }), at)
    publisher.publish(aQuote({ symbol: 'OLD/USDT' }), at)
    for (let index = 0; index < rememberedKeys; index += 1) publisher.publish(aQuote({ symbol: `S${index}` }), at)
    expect(publisher.publish(aQuote({ symbol: 'OLD/USDT' }), at).seq).toBe(2)
    expect(publisher.publish(aQuote({ symbol: 'OLD/USDT' }), at).seq).toBe(3)
    expect(received).toBe(rememberedKeys + 4)
  })

  it('keeps the order of a slow key while other keys come and are forgotten', async () => {
    const bus = createMemoryBus()
    const publisher = bus.publisher(flow.quote, 'provider')
    const received: number[] = []
    let release = () => {}
    const block = new Promise<void>((resolve) => {
      release = resolve
    })
    bus.subscribe(
      flow.quote,
      async ({ payload }) => {
        received.push(payload.bidQuantity)
        await block
      },
      { keys: ['SLOW/USDT'] },
    )
    publisher.publish(aQuote({ symbol: 'SLOW/USDT', bidQuantity: 1 }), at)
    for (let index = 0; index <= rememberedKeys; index += 1) publisher.publish(aQuote({ symbol: `S${index}` }), at)
    publisher.publish(aQuote({ symbol: 'SLOW/USDT', bidQuantity: 2 }), at)
    expect(received).toEqual([1])
    release()
    await bus.settled()
    expect(received).toEqual([1, 2])
  })

  it('does not keep the past alive through causes', () => {
    const bus = createMemoryBus()
    const publisher = bus.publisher(flow.act, 'inspector')
    let last = publisher.publish(anAct({ actId: 'act-0' }), at)
    for (let index = 1; index <= 20_000; index += 1) {
      last = publisher.publish(anAct({ actId: `act-${index}` }), { ...at, cause: last })
    }
    // A chain of envelopes would be walked to its start here, and the stack would not hold.
    expect(last.correlationId).toBe('inspector.act:act-0')
    expect(last.causationId).toBe('inspector.act:act-19999')
  })

  it('makes envelopes that print and serialise as the records they stand for', () => {
    const bus = createMemoryBus()
    const quote = bus.publisher(flow.quote, 'provider', 2).publish(aQuote(), at)
    const record = plainEnvelope(quote)
    expect(Object.keys(record)).toHaveLength(11)
    expect(JSON.parse(JSON.stringify(quote))).toEqual(record)
    expect(inspect(quote)).toBe(inspect(record))
    expect(record).toMatchObject({ id: 'market.quote:BTC/USDT:2.0', causationId: 'market.quote:BTC/USDT:2.0' })
  })

  it('in debug refuses what does not fit its schema, and freezes what does', async () => {
    const bus = createMemoryBus({ debug: true })
    const quotes = bus.publisher(flow.quote, 'provider')
    expect(() => quotes.publish(aQuote({ bid: -1 }), at)).toThrow(/market\.quote does not fit its schema: bid/)
    expect(() => quotes.publish(aQuote({ bid: Number.NaN }), at)).toThrow(
      expect.objectContaining({ code: 'message.invalid' }),
    )
    const signal = aSignal()
    bus.publisher(flow.signal, 'detector').publish(signal, at)
    expect(Object.isFrozen(signal)).toBe(true)
    expect(Object.isFrozen(signal.rules[0])).toBe(true)
    bus.respond(queries.candles, () => ({ candles: [aCandle({ close: 0 })], cursor: null }))
    const question = { symbol: 'BTC/USDT', timeframe: '1m', until: newYear, limit: 2, cursor: null } as const
    await expect(bus.ask(queries.candles, question)).rejects.toThrow(/answer to history\.candles/)
    await expect(bus.ask(queries.candles, { ...question, limit: 0 })).rejects.toThrow(/question history\.candles/)
  })

  it('logs a failing handler at each doubling, not each time', () => {
    const lines: string[] = []
    const bus = createMemoryBus({ log: createLog({ write: (line) => void lines.push(line) }) })
    bus.subscribe(flow.quote, () => {
      throw new Error('bad day')
    })
    const publisher = bus.publisher(flow.quote, 'provider')
    for (let count = 0; count < 9; count += 1) publisher.publish(aQuote(), at)
    expect(lines).toHaveLength(4)
    expect(lines[3]).toMatch(/^error a handler failed channel=market\.quote count=8 error="Error: bad day"/)
    expect(bus.health().handlerFaultCount).toBe(9)
  })

  it('survives whoever reports its faults', () => {
    const bus = createMemoryBus({
      onHandlerFault() {
        throw new Error('reporting failed')
      },
    })
    const received: number[] = []
    bus.tap(() => {
      throw new Error('tap failed')
    })
    bus.subscribe(flow.signal, ({ seq }) => void received.push(seq))
    bus.publisher(flow.signal, 'detector').publish(aSignal(), at)
    expect(received).toEqual([0])
    expect(bus.health().handlerFaultCount).toBe(1)
  })

  it('waits at close for what is being handled', async () => {
    const bus = createMemoryBus()
    let done = false
    bus.subscribe(flow.signal, async () => {
      await Promise.resolve()
      done = true
    })
    bus.publisher(flow.signal, 'detector').publish(aSignal(), at)
    await bus.close()
    expect(done).toBe(true)
  })

  it('settles within a delivery only after it', async () => {
    const bus = createMemoryBus()
    const order: string[] = []
    let settled: Promise<unknown> | undefined
    bus.subscribe(flow.signal, () => {
      settled = bus.settled()?.then(() => order.push('settled'))
    })
    bus.subscribe(flow.signal, () => void order.push('second reader'))
    bus.publisher(flow.signal, 'detector').publish(aSignal(), at)
    await settled
    expect(order).toEqual(['second reader', 'settled'])
  })
})
