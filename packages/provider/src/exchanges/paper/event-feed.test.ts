import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { anInstrument } from '@barfinex/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ExchangeUnderTest, onVirtualClock, orderOf } from '../../testing/exchange-under-test.js'
import { writeTape } from '../tape/record-tape.js'
import type { TapeEvent } from '../tape/tape.js'
import { paper } from './paper.js'

const startAt = Date.UTC(2024, 0, 1)
const symbol = 'BTC/USDT'
const instrument = anInstrument({ stepSize: '0.001', minQuantity: '0.001' })

let folder = ''
let count = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'events-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function given(events: readonly TapeEvent[]): Promise<ExchangeUnderTest> {
  count += 1
  const tape = join(folder, `${count}.btape`)
  writeTape(tape, [instrument], events)
  const venue = await onVirtualClock(paper({ tape, spreadBps: 10, latencyMs: 0, feeBps: { maker: '0', taker: '0' } }))
  venue.follow()
  return venue
}

const at = (second: number) => startAt + second * 1_000
const trade = (second: number, price: number, quantity: number, takerSide: 'buy' | 'sell' = 'sell'): TapeEvent => ({
  type: 'trade',
  at: at(second),
  trade: { symbol, tradeId: String(second), price, quantity, takerSide, occurredAt: at(second) },
})
const quote = (second: number, bid: number, ask: number, size = 1): TapeEvent => ({
  type: 'quote',
  at: at(second),
  quote: { symbol, bid, ask, bidQuantity: size, askQuantity: size, occurredAt: at(second) },
})
const book = (
  second: number,
  kind: 'snapshot' | 'update',
  bids: [number, number][],
  asks: [number, number][],
): TapeEvent => ({
  type: 'book',
  at: at(second),
  change: { symbol, kind, firstSequence: second, lastSequence: second, bids, asks, occurredAt: at(second) },
})

const fillsOf = ({ reports }: ExchangeUnderTest) =>
  reports.flatMap((it) => (it.type === 'fill' ? [`${it.quantity} @ ${it.price} ${it.liquidity}`] : []))

describe('a tape of events', () => {
  test('of trades alone is quoted with the stated spread around the last one', async () => {
    const venue = await given([trade(0, 100, 1), trade(5, 200, 2), trade(9, 200, 1)])
    await venue.wait(6_000)
    expect(venue.market.quotes.map(({ bid, ask }) => [bid, ask])).toEqual([
      [99.95, 100.05],
      [199.9, 200.1],
    ])
    void venue.exchange.submit(orderOf(instrument, 'a', { quantity: '0.5' }))
    await venue.wait(1_000)
    expect(fillsOf(venue)).toEqual(['0.5 @ 200.1 taker'])
  })

  test('of a book is traded level by level, below the newest best price', async () => {
    const venue = await given([
      book(
        0,
        'snapshot',
        [[99, 5]],
        [
          [101, 1],
          [102, 2],
          [103, 4],
        ],
      ),
      quote(1, 100, 101.5, 1),
      book(2, 'update', [], [[102, 1]]),
      quote(60, 100, 101.5, 1),
    ])
    await venue.wait(3_000)
    void venue.exchange.submit(orderOf(instrument, 'a', { quantity: '4' }))
    await venue.wait(1_000)
    // 101 was passed by the quote; 102 shrank to 1.
    expect(fillsOf(venue)).toEqual(['1 @ 101.5 taker', '1 @ 102 taker', '2 @ 103 taker'])
  })

  test('lets a resting order wait behind what was displayed before it', async () => {
    const venue = await given([
      quote(0, 100, 101, 2),
      trade(5, 100, 1.5),
      trade(6, 100, 1),
      trade(7, 99.5, 1),
      quote(60, 90, 91),
    ])
    await venue.wait(1_000)
    void venue.exchange.submit(orderOf(instrument, 'a', { type: 'limit', limitPrice: '100', quantity: '1' }))
    await venue.wait(4_500)
    expect(fillsOf(venue)).toEqual([])
    await venue.wait(1_000)
    expect(fillsOf(venue)).toEqual(['0.5 @ 100 maker'])
    await venue.wait(1_000)
    expect(fillsOf(venue)).toEqual(['0.5 @ 100 maker', '0.5 @ 100 maker'])
  })

  test('knows what was said before it is followed, but does not say it', async () => {
    count += 1
    const tape = join(folder, `${count}.btape`)
    writeTape(tape, [instrument], [quote(0, 100, 101, 5), trade(1, 100, 1), trade(50, 100, 1)])
    const venue = await onVirtualClock(paper({ tape, latencyMs: 0 }), { startAt: at(10) })
    venue.follow()
    void venue.exchange.submit(orderOf(instrument, 'a', { quantity: '1' }))
    await venue.wait(1_000)
    expect(fillsOf(venue)).toEqual(['1 @ 101 taker'])
    expect(venue.market.quotes).toEqual([])
    await venue.wait(60_000)
    expect(venue.market.trades).toHaveLength(1)
  })
})
