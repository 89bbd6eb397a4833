import { createRandom, flow, type Order } from '@barfinex/core'
import { anOrder, recordedData } from '@barfinex/core/testing'
import { describe, expect, test } from 'vitest'
import type { ExchangeFactory } from '../exchanges/exchange.js'
import { paper } from '../exchanges/paper/paper.js'
import { givenProvider } from '../testing/given-provider.js'

const tape = recordedData('candles/btc-perp-20211231-20220201_1m.csv')
if (tape === null) process.stderr.write('paper-account: skipped over the tape, it is not here (set BARFINEX_DATA)\n')

/** Orders of every kind at random moments, canceled at random, over the whole run. */
async function trade(factory: ExchangeFactory, startAt: number, forMs: number, everyMs: number, seed: number) {
  const exchange = await factory.create()
  const given = await givenProvider({
    startAt,
    exchange,
    provider: {
      exchange: { ...factory, create: async () => exchange },
      reconcile: { openOrdersMs: 60_000, positionsMs: 60_000 },
    },
  })
  const { clock, bus, service } = given
  await given.start()
  given.beat()
  const random = createRandom(seed)
  const prices = new Map<string, number>()
  bus.subscribe(flow.quote, ({ payload }) => void prices.set(payload.symbol, payload.bid))
  let count = 0
  const act = () => {
    const symbols = service.instruments
    const instrument = symbols[random.integer(symbols.length)]
    const price = instrument === undefined ? undefined : prices.get(instrument.symbol)
    if (instrument === undefined || price === undefined) return
    const open = service.account().openOrders
    if (open.length > 8 || random.next() < 0.2) {
      const victim = open[random.integer(Math.max(1, open.length))]
      if (victim !== undefined) given.cancel(victim.clientOrderId, victim.symbol)
      return
    }
    count += 1
    const isBuy = random.next() < 0.5
    const digits = Math.max(0, -Math.round(Math.log10(Number(instrument.tickSize))))
    const steps = Math.max(1, Math.round((200 * (1 + random.next())) / price / Number(instrument.stepSize)))
    const stepDigits = Math.max(0, -Math.round(Math.log10(Number(instrument.stepSize))))
    const near = (share: number) => (price * (1 + share)).toFixed(digits).replace(/\.?0+$/, '')
    const type = (['market', 'limit', 'stopMarket', 'takeProfitMarket'] as const)[random.integer(4)] ?? 'market'
    const order: Order = anOrder({
      clientOrderId: `o${count}`,
      intentId: `i${count}`,
      symbol: instrument.symbol,
      side: isBuy ? 'buy' : 'sell',
      type,
      quantity: (steps * Number(instrument.stepSize)).toFixed(stepDigits).replace(/\.?0+$/, ''),
      limitPrice: type === 'limit' ? near((random.next() - 0.5) / 500) : null,
      triggerPrice: type.endsWith('Market') ? near((random.next() - 0.5) / 300) : null,
      reduceOnly: random.next() < 0.2,
    })
    given.submit(order)
  }
  clock.every(everyMs, act)
  await clock.advanceTo(startAt + forMs)
  const audit = await service.audit()
  const account = service.account()
  const fills = given.events.filter((event) => event.state === 'filled').length
  await given.stop()
  return { audit, account, fills, count, hash: given.journal.hash(), incidents: given.incidents }
}

describe('the account on the paper exchange', () => {
  test('stays equal to the last digit through random trading, and a second run is the same to the byte', async () => {
    const run = () => {
      const factory = paper({ seed: 7 })
      return trade(factory, Date.UTC(2024, 0, 1), 2 * 3_600_000, 20_000, 3)
    }
    const first = await run()
    expect(first.audit).toEqual({ lostOrders: 0, duplicateOrders: 0, ledgerMismatches: 0 })
    expect(first.incidents).toEqual([])
    expect(first.account.known).toBe(true)
    expect(first.fills).toBeGreaterThan(50)
    const second = await run()
    expect([second.hash, second.count, second.account]).toEqual([first.hash, first.count, first.account])
  })

  test.skipIf(tape === null)('the same over a recorded market of candles, each of which comes once', async () => {
    const factory = paper({ tape: tape as string })
    const exchange = await factory.create()
    const startAt = exchange.startsAt as number
    const { audit, fills, incidents } = await trade(factory, startAt, 2 * 86_400_000, 600_000, 5)
    expect(audit).toEqual({ lostOrders: 0, duplicateOrders: 0, ledgerMismatches: 0 })
    expect(incidents).toEqual([])
    expect(fills).toBeGreaterThan(30)
  })

  test.skipIf(tape === null)(
    '45,031 recorded candles pass once each, and the higher ones are made of them',
    async () => {
      const factory = paper({ tape: tape as string })
      const exchange = await factory.create()
      const startAt = exchange.startsAt as number
      const given = await givenProvider({
        startAt,
        exchange,
        provider: { exchange: { ...factory, create: async () => exchange }, timeframes: ['1m', '1h', '1d'] },
      })
      const counts: Record<string, number> = {}
      const seen = new Set<string>()
      given.bus.subscribe(flow.candle, ({ payload }) => {
        const { timeframe, openTime } = payload
        seen.add(`${timeframe} ${openTime}`)
        counts[timeframe] = (counts[timeframe] ?? 0) + 1
      })
      await given.start()
      await given.clock.advanceTo(exchange.endsAt as number)
      expect(counts['1m']).toBe(45_031)
      expect(seen.size).toBe(Object.values(counts).reduce((sum, count) => sum + count, 0))
      const wholeBars = (ms: number) => Math.floor((exchange.endsAt as number) / ms) - Math.ceil(startAt / ms)
      expect(counts['1h']).toBe(wholeBars(3_600_000))
      expect(counts['1d']).toBe(wholeBars(86_400_000))
      const [symbol = ''] = factory.symbols
      expect(given.service.feed(symbol)).toMatchObject({ state: 'live', refusedCount: 0, gapCount: 0 })
      await given.stop()
    },
  )
})
