import {
  type Candle,
  createMemoryBus,
  createVirtualClock,
  type Envelope,
  type Feed,
  flow,
  type Quote,
  silentLog,
  type Trade,
} from '@barfinex/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryHistory } from '../history/memory-history.js'
import { Candles } from './candles.js'
import { Follow } from './follow.js'
import { Marks } from './marks.js'

const symbol = 'BTC/USDT'
const start = Date.UTC(2024, 0, 1)

function setUp(options: { given?: readonly '1m'[]; staleAfterMs?: number } = {}) {
  const bus = createMemoryBus()
  const clock = createVirtualClock({ startAt: start })
  const marks = new Marks()
  const candlesOut: Candle[] = []
  const candles = new Candles({
    clock,
    symbols: [symbol],
    given: options.given ?? [],
    hasTrades: options.given === undefined,
    graceMs: 0,
    formingEveryMs: 1_000,
    recent: memoryHistory(),
    fetch: async () => [],
    onClose: (candle) => candlesOut.push(candle),
    onForming: () => {},
  })
  candles.ensure(symbol, '1m')
  const follow = new Follow({
    onInstrument: () => {},
    bus,
    clock,
    log: silentLog,
    epoch: 1,
    symbols: [symbol],
    staleAfterMs: options.staleAfterMs ?? 30_000,
    marks,
    candles,
  })
  const seen: Envelope<unknown>[] = []
  const feeds: Feed[] = []
  for (const channel of [flow.trade, flow.quote, flow.book])
    bus.subscribe<unknown>(channel as never, (it) => void seen.push(it))
  bus.subscribe(flow.feed, (it) => void feeds.push(it.payload))
  return { bus, clock, marks, candles, candlesOut, follow, seen, feeds }
}

const trade = (over: Partial<Trade> = {}): Trade => ({
  symbol,
  tradeId: '1',
  price: 100,
  quantity: 1,
  takerSide: 'buy',
  occurredAt: start,
  ...over,
})
const quote = (over: Partial<Quote> = {}): Quote => ({
  symbol,
  bid: 99,
  ask: 101,
  bidQuantity: 1,
  askQuantity: 1,
  occurredAt: start,
  ...over,
})

describe('the edge of the market', () => {
  test('no unsound number ever reaches the bus; each is counted', async () => {
    const bad = fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308)
    await fc.assert(
      fc.asyncProperty(bad, fc.integer({ min: 0, max: 5 }), async (value, which) => {
        const { follow, seen, candles, candlesOut, feeds } = setUp({ given: ['1m'] })
        candles.start()
        follow.start()
        const candle: Candle = {
          symbol,
          timeframe: '1m',
          openTime: start - 60_000,
          closeTime: start,
          open: 1,
          high: 1,
          low: 1,
          close: 1,
          volume: 1,
          tradeCount: 0,
          isFinal: true,
          provenance: 'tape',
          revision: 0,
        }
        const events = [
          () => follow.trade(trade({ price: value })),
          () => follow.trade(trade({ quantity: value })),
          () => follow.quote(quote({ bid: value })),
          () => follow.quote(quote({ ask: value })),
          () =>
            follow.book({
              symbol,
              kind: 'snapshot',
              firstSequence: 1,
              lastSequence: 1,
              bids: [[value, 1]],
              asks: [],
              occurredAt: start,
            }),
          () => follow.candle({ ...candle, low: value }),
        ]
        events[which]?.()
        expect(seen).toEqual([])
        expect(candlesOut).toEqual([])
        expect(Object.values(follow.refusals())).toEqual([1])
        expect(follow.feedOf(symbol)).toMatchObject({ state: 'starting', refusedCount: 1 })
        expect(feeds).toHaveLength(1)
      }),
    )
  })

  test('unknown symbols, crossed quotes, wrong times, repetitions and late events are refused by name', async () => {
    const { follow, clock, candles } = setUp()
    candles.start()
    follow.start()
    await clock.advanceTo(start + 120_000)
    follow.trade(trade({ symbol: 'ETH/USDT' }))
    follow.quote(quote({ bid: 101 }))
    follow.trade(trade({ occurredAt: start + 300_000 }))
    follow.trade(trade({ occurredAt: 0.5 }))
    follow.trade(trade({ tradeId: '7', occurredAt: start + 120_000 }))
    follow.trade(trade({ tradeId: '7', occurredAt: start + 120_000 }))
    follow.trade(trade({ tradeId: '6', occurredAt: start + 119_000 }))
    follow.quote(quote({ occurredAt: start + 10 }))
    follow.quote(quote({ occurredAt: start + 9 }))
    expect(follow.refusals()).toEqual({
      'market.event.unknown-symbol': 1,
      'market.quote.crossed': 1,
      'market.event.from-the-future': 1,
      'market.event.bad-time': 1,
      'market.event.duplicate': 1,
      'market.event.late': 1,
      'market.event.out-of-order': 1,
    })
    expect(follow.feedOf(symbol)).toMatchObject({ state: 'live', refusedCount: 6 })
  })

  test('on a virtual clock a candle that ends later than now is refused: it would be a look ahead', () => {
    const { follow, candlesOut } = setUp({ given: ['1m'] })
    follow.candle({
      symbol,
      timeframe: '1m',
      openTime: start,
      closeTime: start + 60_000,
      open: 1,
      high: 1,
      low: 1,
      close: 1,
      volume: 0,
      tradeCount: 0,
      isFinal: true,
      provenance: 'tape',
      revision: 0,
    })
    expect(candlesOut).toEqual([])
    expect(follow.refusals()).toEqual({ 'market.event.from-the-future': 1 })
  })

  test('good events go on with numbers that count up, and value the account', () => {
    const { follow, seen, marks } = setUp()
    follow.trade(trade({ tradeId: '1', price: 100 }))
    expect(marks.price(symbol)).toBe(100)
    follow.quote(quote({ bid: 103, ask: 105, occurredAt: start + 1 }))
    follow.trade(trade({ tradeId: '2', price: 50, occurredAt: start + 2 }))
    expect(marks.price(symbol)).toBe(104)
    follow.trade(trade({ tradeId: '3', price: 60, occurredAt: start + 5_000 }))
    expect(marks.price(symbol)).toBe(60)
    expect(seen.map((it) => `${it.type} ${it.seq}`)).toEqual([
      'market.trade 0',
      'market.quote 0',
      'market.trade 1',
      'market.trade 2',
    ])
  })
})

describe('feed state', () => {
  const states = (feeds: readonly Feed[]) => feeds.map((it) => `${it.state} ${it.code} @${it.since - start}`)

  test('silence makes it stale, the next event live again', async () => {
    const { follow, clock, feeds } = setUp({ staleAfterMs: 10_000 })
    follow.start()
    clock.schedule(start + 3_000, () => follow.quote(quote({ occurredAt: start + 3_000 })))
    clock.schedule(start + 11_000, () => follow.quote(quote({ occurredAt: start + 11_000 })))
    clock.schedule(start + 50_000, () => follow.quote(quote({ occurredAt: start + 50_000 })))
    await clock.advanceTo(start + 55_000)
    expect(states(feeds)).toEqual([
      'starting market.feed.starting @0',
      'live market.feed.live @3000',
      'stale market.feed.no-data @21000',
      'live market.feed.live @50000',
    ])
    expect(feeds.at(-1)?.lastEventAt).toBe(start + 50_000)
  })

  test('a hole in the book is a gap until a snapshot; a lost connection outranks it', () => {
    const { follow, feeds } = setUp()
    const change = (kind: 'snapshot' | 'update', sequence: number) =>
      follow.book({
        symbol,
        kind,
        firstSequence: sequence,
        lastSequence: sequence,
        bids: [[99, 1]],
        asks: [[101, 1]],
        occurredAt: start,
      })
    follow.start()
    change('snapshot', 1)
    expect(follow.bookOf(symbol, 1)).toMatchObject({ bids: [[99, 1]], asks: [[101, 1]], lastSequence: 1 })
    change('update', 5)
    expect(follow.bookOf(symbol, 1)).toBeNull()
    follow.feed({ symbol, state: 'lost', code: 'market.feed.disconnected' })
    change('snapshot', 6)
    follow.feed({ symbol, state: 'live', code: 'market.feed.live' })
    expect(states(feeds)).toEqual([
      'starting market.feed.starting @0',
      'live market.feed.live @0',
      'gap market.book.sequence-gap @0',
      'lost market.feed.disconnected @0',
      'live market.feed.live @0',
    ])
    expect(feeds.at(-1)?.gapCount).toBe(1)
    expect(follow.bookOf(symbol, 1)).not.toBeNull()
  })

  test('a feed that only sends refused events goes stale, and says how many', async () => {
    const { follow, clock, feeds } = setUp({ staleAfterMs: 1_000 })
    follow.start()
    follow.quote(quote())
    for (let at = 100; at <= 1_500; at += 100) {
      clock.schedule(start + at, () => follow.quote(quote({ bid: -1, occurredAt: start + at })))
    }
    await clock.advanceTo(start + 3_000)
    expect(feeds.at(-1)).toMatchObject({ state: 'stale', refusedCount: 15 })
  })
})
