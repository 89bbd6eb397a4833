import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Candle,
  createMemoryBus,
  createVirtualClock,
  defineDesk,
  followCandles,
  queries,
  silentLog,
  type Timeframe,
} from '@barfinex/core'
import { anOrder } from '@barfinex/core/testing'
import { firstValueFrom } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { createService, type ProviderOptions } from './service.js'
import { engineExchange } from './testing/engine-exchange.js'
import { givenProvider } from './testing/given-provider.js'

const monday = Date.UTC(2024, 0, 1)
const symbol = 'BTC/USDT'

function minutes(from: number, count: number): Candle[] {
  return Array.from({ length: count }, (_, index) => ({
    symbol,
    timeframe: '1m',
    openTime: from + index * 60_000,
    closeTime: from + (index + 1) * 60_000,
    open: 100 + index,
    high: 102 + index,
    low: 99 + index,
    close: 101 + index,
    volume: 1,
    tradeCount: 3,
    isFinal: true,
    provenance: 'tape',
    revision: 0,
  }))
}

function setUp(
  options: Partial<ProviderOptions> & { history?: Candle[]; given?: readonly Timeframe[]; startAt?: number } = {},
) {
  const { history, given, startAt, ...provider } = options
  const bus = createMemoryBus()
  const clock = createVirtualClock({ startAt: startAt ?? monday })
  const venue = engineExchange({
    clock,
    ...(history === undefined ? {} : { history }),
    ...(given === undefined ? {} : { given }),
  })
  const desk = defineDesk((runtime) => ({
    provider: createService({ ...runtime, exchange: venue.factory, ...provider }),
  }))
  return { bus, clock, venue, start: () => desk.start({ bus, clock, log: silentLog }) }
}

describe('the service', () => {
  test('starts in a desk, follows, and stops; facts come as observables', async () => {
    const it = setUp()
    const { provider, stop } = await it.start()
    expect(provider.status()).toMatchObject({ state: 'ready' })
    expect(provider.instruments.map((instrument) => instrument.symbol)).toEqual([symbol])
    expect(await firstValueFrom(provider.account$)).toMatchObject({ known: true, equityQuote: '100000' })
    const seen: string[] = []
    provider.trades$.subscribe((trade) => seen.push(`trade ${trade.price}`))
    provider.quotes$.subscribe((quote) => seen.push(`quote ${quote.bid}`))
    provider.candles$.subscribe((candle) => seen.push(`${candle.timeframe} ${candle.close}`))
    it.venue.quote(99, 101)
    it.venue.sink().trade({ symbol, tradeId: '1', price: 100, quantity: 1, takerSide: 'buy', occurredAt: monday })
    await it.clock.advanceTo(monday + 300_000)
    expect(seen).toEqual(['quote 99', 'trade 100', '1m 100', '1m 100', '1m 100', '1m 100', '1m 100', '5m 100'])
    expect(provider.feed(symbol)).toMatchObject({ state: 'stale', code: 'market.feed.no-data' })
    await stop()
    expect(provider.status().state).toBe('stopped')
    expect(() => it.venue.sink()).toThrow()
  })

  test('options are checked at the door', async () => {
    const bus = createMemoryBus()
    const clock = createVirtualClock()
    const venue = engineExchange({ clock })
    const live = { ...venue.factory, mode: 'live' as const }
    expect(() => createService({ bus, clock, exchange: live })).toThrow(/live exchange and the clock is virtual/)
    expect(() => createService({ bus, clock, exchange: venue.factory, symbls: [] } as never)).toThrow(
      /did you mean "symbols"/,
    )
    expect(() => createService({ bus, clock } as never)).toThrow(/"exchange" must be an exchange/)
    expect(() => createService({ bus, clock, exchange: { ...venue.factory, symbols: [] } })).toThrow(/Give `symbols`/)
    const slow = { ...venue.factory, create: async () => ({ ...venue.exchange, latestArrivalMs: 40_000 }) }
    const hasty = createService({ bus, clock, log: silentLog, exchange: slow })
    await expect(hasty.parts[0]?.prepare()).rejects.toThrow(/absenceMs is 21000.*until 40000 ms after/)
    const none = createService({ bus, clock, log: silentLog, exchange: venue.factory, symbols: ['ETH/USDT'] })
    await expect(none.parts[0]?.prepare()).rejects.toThrow(/does not trade ETH\/USDT/)
    expect(() => none.account()).toThrow(/not started/)
  })

  test('a substitute takes the place of the exchange that was described', async () => {
    const it = setUp()
    const desk = defineDesk((runtime) => ({
      provider: createService({
        ...runtime,
        exchange: { ...it.venue.factory, mode: 'live', create: () => Promise.reject() },
      }),
    }))
    const substitutes = { exchange: it.venue.factory }
    const { provider, stop } = await desk.start({ bus: it.bus, clock: it.clock, log: silentLog, substitutes })
    expect(provider.status().state).toBe('ready')
    await stop()
  })

  test('a gateway is loaded only where it is wanted, and opens the desk at a loopback address', async () => {
    const isLoaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('/fastify/'))
    const plain = await setUp().start()
    expect([plain.provider.url, plain.provider.ticketUrl(), isLoaded()]).toEqual([null, null, false])
    await plain.stop()
    const folder = await mkdtemp(join(tmpdir(), 'barfinex-provider-'))
    try {
      const { provider, stop } = await setUp({ gateway: { tokenFile: join(folder, 'tokens.json') } }).start()
      expect(isLoaded()).toBe(true)
      expect(provider.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      expect(provider.ticketUrl()).toContain(`${provider.url}/#ticket=`)
      expect((await fetch(`${provider.url}/api/openapi.json`)).status).toBe(200)
      const { url } = provider
      await stop()
      await expect(fetch(`${url}/api/openapi.json`)).rejects.toThrow()
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('with an open position the account is said on the clock, at last prices', async () => {
    const it = await givenProvider({ provider: { equityEveryMs: 60_000 } })
    await it.start()
    it.venue.quote(99.99, 100.01)
    it.submit(anOrder({ clientOrderId: 'e1', quantity: '1' }))
    await it.clock.advanceBy(10)
    const equities: string[] = []
    it.service.account$.subscribe((account) => equities.push(account.equityQuote))
    it.venue.quote(109.99, 110.01)
    await it.clock.advanceBy(60_000)
    expect(equities).toEqual(['99999.88999', '100009.88999'])
  })
})

describe('history', () => {
  test('one answer joins what was before, from the exchange, and what was seen; a cursor leads further back', async () => {
    const it = setUp({ history: minutes(monday - 6_000_000, 100), given: ['1m'] })
    const { provider, stop } = await it.start()
    for (const candle of minutes(monday, 5)) it.clock.schedule(candle.closeTime, () => it.venue.sink().candle(candle))
    await it.clock.advanceTo(monday + 300_000)
    const ask = (limit: number, cursor: number | null) =>
      it.bus.ask(queries.candles, { symbol, timeframe: '1m', until: monday + 9e9, limit, cursor })
    const newest = await ask(3, null)
    expect(newest.candles.map((candle) => (candle.openTime - monday) / 60_000)).toEqual([2, 3, 4])
    const older = await ask(50, newest.cursor)
    expect(older.candles).toEqual([...minutes(monday - 6_000_000, 100).slice(-48), ...minutes(monday, 2)])
    const oldest = await ask(100, older.cursor)
    expect([oldest.candles.length, oldest.cursor]).toEqual([52, null])
    expect(await provider.candles({ symbol, timeframe: '5m', until: monday, limit: 2, cursor: null })).toMatchObject({
      candles: [
        { openTime: monday - 600_000, volume: 5, closeTime: monday - 300_000 },
        { openTime: monday - 300_000, volume: 5, closeTime: monday },
      ],
    })
    await stop()
  })

  test('asking for a timeframe has it built; what cannot be built is refused by name', async () => {
    const it = setUp({ given: ['1m'], timeframes: ['1m'] })
    const { provider, stop } = await it.start()
    const seen = new Set<string>()
    provider.candles$.subscribe((candle) => seen.add(candle.timeframe))
    for (const candle of minutes(monday, 30)) it.clock.schedule(candle.closeTime, () => it.venue.sink().candle(candle))
    await it.clock.advanceTo(monday + 420_000)
    expect([...seen]).toEqual(['1m'])
    await provider.candles({ symbol, timeframe: '3m', until: monday, limit: 1, cursor: null })
    await it.clock.advanceTo(monday + 540_000)
    expect([...seen]).toEqual(['1m', '3m'])
    await expect(
      provider.candles({ symbol, timeframe: '1s', until: monday, limit: 1, cursor: null }),
    ).rejects.toMatchObject({
      code: 'exchange.not-supported',
    })
    await stop()
  })

  test('a reader that starts at any moment gets the series an always-on one has, without gap or overlap', async () => {
    for (const offset of [0, 1, 59_999, 60_000, 90_123, 419_000]) {
      const past = minutes(monday - 6_000_000, 100)
      const it = setUp({ history: past, given: ['1m'] })
      const { stop } = await it.start()
      for (const candle of minutes(monday, 20))
        it.clock.schedule(candle.closeTime, () => it.venue.sink().candle(candle))
      const got: number[] = []
      it.clock.schedule(monday + offset, () => {
        const { bus, clock } = it
        followCandles({
          bus,
          clock,
          symbol,
          timeframe: '5m',
          need: 10,
          onCandle: (candle) => got.push(candle.openTime),
        })
      })
      await it.clock.advanceTo(monday + 1_200_000)
      const last = monday + 900_000
      const first = monday + Math.floor(offset / 300_000) * 300_000 - 3_000_000
      expect(got).toEqual(Array.from({ length: (last - first) / 300_000 + 1 }, (_, index) => first + index * 300_000))
      await stop()
    }
  })

  test('no answer reaches beyond the present', async () => {
    const it = setUp({ history: minutes(monday - 600_000, 100), given: ['1m'] })
    const { provider, stop } = await it.start()
    const { candles } = await provider.candles({ symbol, timeframe: '1m', until: 9e15 / 2, limit: 100, cursor: null })
    expect(candles.at(-1)?.closeTime).toBe(monday)
    await stop()
  })
})
