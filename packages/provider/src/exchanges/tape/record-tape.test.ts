import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeTimeOf, type Feed, timeframes } from '@barfinex/core'
import { anInstrument, testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { generateCandles } from '../paper/market-generator.js'
import { candleEvents } from './candle-columns.js'
import { openTape } from './open-tape.js'
import { recordTape, writeTape } from './record-tape.js'
import type { TapeEvent } from './tape.js'

const instruments = [anInstrument(), anInstrument({ symbol: 'ETH/USDT', base: 'ETH' })]

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'btape-'))
  path = join(folder, 'tape.btape')
})
afterEach(() => rmSync(folder, { recursive: true }))

const symbol = fc.constantFrom('BTC/USDT', 'ETH/USDT')
const price = fc.double({ min: 1e-9, max: 1e9, noNaN: true })
const quantity = fc.double({ min: 0, max: 1e9, noNaN: true })
const instant = fc.integer({ min: 0, max: 4_000_000_000_000 })
const level = fc.tuple(price, quantity)
const event: fc.Arbitrary<TapeEvent> = fc.oneof(
  fc.record({
    type: fc.constant('trade' as const),
    at: instant,
    trade: fc.record({
      symbol,
      tradeId: fc.stringMatching(/^[A-Za-z0-9._:/@-]{1,160}$/),
      price,
      quantity: price,
      takerSide: fc.constantFrom('buy' as const, 'sell' as const),
      occurredAt: instant,
    }),
  }),
  fc.record({
    type: fc.constant('quote' as const),
    at: instant,
    quote: fc.record({
      symbol,
      bid: price,
      ask: price,
      bidQuantity: quantity,
      askQuantity: quantity,
      occurredAt: instant,
    }),
  }),
  fc.record({
    type: fc.constant('book' as const),
    at: instant,
    change: fc.record({
      symbol,
      kind: fc.constantFrom('snapshot' as const, 'update' as const),
      firstSequence: fc.nat(),
      lastSequence: fc.nat(),
      bids: fc.array(level, { maxLength: 8 }),
      asks: fc.array(level, { maxLength: 8 }),
      occurredAt: instant,
    }),
  }),
  fc
    .record({ symbol, timeframe: fc.constantFrom(...timeframes), openTime: instant, price, quantity, count: fc.nat() })
    .map(
      ({ symbol, timeframe, openTime, price, quantity, count }): TapeEvent => ({
        type: 'candle',
        at: openTime,
        candle: {
          symbol,
          timeframe,
          openTime,
          closeTime: closeTimeOf(timeframe, openTime),
          open: price,
          high: price,
          low: price,
          close: price,
          volume: quantity,
          tradeCount: count,
          isFinal: true,
          provenance: 'repaired',
          revision: 2,
        },
      }),
    ),
  fc.record({
    type: fc.constant('feed' as const),
    at: instant,
    feed: fc.record({
      symbol,
      state: fc.constantFrom<Feed['state'][]>('starting', 'live', 'stale', 'gap', 'lost'),
      code: fc.constant('market.feed.live'),
    }),
  }),
)
const recording = fc
  .array(event, { minLength: 1, maxLength: 60, size: 'max' })
  .map((events) => [...events].sort((a, b) => a.at - b.at))

describe('a tape of ours', () => {
  test('reads back what was written, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(recording, async (events) => {
        expect(writeTape(path, instruments, events)).toBe(events.length)
        const tape = await openTape(path)
        expect(tape).toMatchObject({ count: events.length, startAt: events[0]?.at, isComplete: true })
        if (tape.kind === 'events') expect([...tape.events()]).toEqual(events)
        expect([...tape.events()]).toHaveLength(events.length)
      }),
      { numRuns: testRuns(60) },
    )
  })

  test('a changed byte is found, a cut is told and what came before it is kept', async () => {
    const events = [...candleEvents(generateCandles(3, 3_000))]
    writeTape(path, instruments, events)
    const whole = readFileSync(path)
    for (const at of [0, 7, 9, 40, 5_000, 100_000, whole.length - 3]) {
      const changed = Uint8Array.from(whole)
      changed[at] = (changed[at] as number) ^ 0x15
      writeFileSync(path, changed)
      await expect(openTape(path), `byte ${at}`).rejects.toMatchObject({ code: 'tape.invalid' })
    }
    writeFileSync(path, whole)
    truncateSync(path, whole.length - 20)
    const cut = await openTape(path)
    expect(cut.isComplete).toBe(false)
    expect(cut.count).toBeGreaterThan(2_000)
    expect(cut.count).toBeLessThan(3_000)
    expect([...cut.events()]).toEqual(events.slice(0, cut.count))
  })

  test('of nothing but candles opens as columns', async () => {
    const columns = generateCandles(9, 500, { timeframe: '5m' })
    writeTape(path, instruments, candleEvents(columns))
    const tape = await openTape(path)
    expect(tape).toMatchObject({
      kind: 'candles',
      timeframe: '5m',
      count: 500,
      symbols: ['BTC/USDT'],
      volumeUnit: 'base',
    })
    if (tape.kind === 'candles') expect(tape.columns).toEqual({ ...columns, sides: null })
  })

  test('is recorded from a market as it is heard, with the instant of hearing', async () => {
    let now = 1_000
    const recorder = recordTape(path, { instruments, clock: { now: () => now } })
    recorder.quote({ symbol: 'BTC/USDT', bid: 1, ask: 2, bidQuantity: 3, askQuantity: 4, occurredAt: 990 })
    now = 1_005
    recorder.feed({ symbol: 'BTC/USDT', state: 'stale', code: 'market.feed.no-data' })
    expect(recorder.count).toBe(2)
    recorder.close()
    recorder.close()
    recorder.quote({ symbol: 'BTC/USDT', bid: 1, ask: 2, bidQuantity: 3, askQuantity: 4, occurredAt: 2_000 })
    const tape = await openTape(path)
    expect([...tape.events()]).toMatchObject([
      { type: 'quote', at: 1_000, quote: { occurredAt: 990 } },
      { type: 'feed', at: 1_005, feed: { state: 'stale' } },
    ])
    expect(tape).toMatchObject({ kind: 'events', has: { quotes: true, trades: false, book: false } })
  })
})
