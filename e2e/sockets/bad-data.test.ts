import { flow } from '@barfinex/core'
import type { VenueUserEvent } from '@barfinex/provider/venue'
import { describe, expect, test } from 'vitest'
import { between } from '../faults/fates.js'
import { survivesOnSockets } from './run-sockets.js'
import type { SocketWorld } from './socket-world.js'
import { again } from './trading.js'

/** Refusals for which the rules of the symbol are the reason. */
const ofRules = /off-tick|off-step|below-min|filter/
const streams = ['btcusdt@aggTrade', 'btcusdt@bookTicker', 'btcusdt@depth@100ms'] as const

/** What a field may say that no market has said. */
const nonsense: readonly object[] = [
  ...['0', '-1', 'NaN', '1e308', '', null, {}].flatMap((value) => [
    { set: { p: value, b: value } },
    { set: { p: value, a: value } },
  ]),
  { set: { b: [['NaN', '1']], a: [] } },
  { set: { b: [['-1', '1']], a: [] } },
  { set: { b: [['40000', '1e308']], a: [] } },
  { set: { s: 'DOGEUSDT' } },
  { remove: ['s'] },
  { remove: ['p', 'b'] },
  { remove: ['T', 'a', 'u'] },
]

/** Prices on the bus that no market had then. */
function watchBus(world: SocketWorld): readonly string[] {
  const absurd: string[] = []
  const { bus } = world.life()
  const judge = (what: string, ...prices: readonly number[]): void => {
    const price = world.price()
    if (prices.some((it) => !(it > price / 1.5 && it < price * 1.5))) absurd.push(`${what} ${prices.join()}`)
  }
  bus.watch(flow.quote, ({ bid, ask }) => judge('quote', bid, ask))
  bus.watch(flow.candle, ({ open, high, low, close }) => judge('candle', open, high, low, close))
  bus.watch(flow.trade, ({ price }) => judge('trade', price))
  bus.watch(flow.book, ({ bids, asks }) => judge('book', ...bids.concat(asks).map(([price]) => price)))
  return absurd
}

/** How far from the market the prices of orders were when the venue took them, as shares. */
function watchPrices(world: SocketWorld): readonly number[] {
  const off: number[] = []
  world.venue.world.onUser('main', ({ type, fields }: VenueUserEvent) => {
    if (type !== 'executionReport' || fields['x'] !== 'NEW') return
    for (const price of [Number(fields['p']), Number(fields['P'])]) {
      if (price > 0) off.push(Math.abs(price / world.price() - 1))
    }
  })
  return off
}

function refusalsOf(world: SocketWorld, ...codes: readonly string[]): number {
  const all = world.life().desk.provider.refusals()
  return codes.reduce((sum, code) => sum + (all[code] ?? 0), 0)
}

describe('market data that cannot be, over real sockets', () => {
  test('F28 zero, negative, not a number, 1e308, missing fields, unknown symbol: nothing of it reaches the bus', async () => {
    let absurd: readonly string[] = []
    await survivesOnSockets('F28', {
      strike(world) {
        const random = world.random.fork('strike')
        const { faults } = world.venue.world
        absurd = watchBus(world)
        again(world, 'nonsense', [100, 900], () => {
          const at = streams[random.integer(streams.length)] as string
          const wrong = nonsense[random.integer(nonsense.length)] as object
          faults.inject({ id: at, at, fault: { do: 'rewrite', ...wrong }, times: 1 + random.integer(3) })
        })
      },
      check(world) {
        expect(absurd).toEqual([])
        expect(refusalsOf(world, 'market.event.unreadable')).toBeGreaterThan(0)
        expect(refusalsOf(world, 'market.quote.bad-number', 'market.trade.bad-number')).toBeGreaterThan(0)
      },
    })
  })

  test('F28 the same in reports about orders: the records tell', async () => {
    await survivesOnSockets('F28 reports', {
      strike: ({ venue }) => {
        const wrong = [
          { set: { L: 'NaN' } },
          { set: { l: '' } },
          { set: { X: 'WHO_KNOWS' } },
          { remove: ['c'] },
          { remove: ['i', 't'] },
          { set: { s: 'DOGEUSDT' } },
        ]
        for (const [index, it] of wrong.entries()) {
          const fault = { do: 'rewrite', ...it } as const
          venue.world.faults.inject({ id: `wrong ${index}`, at: 'user executionReport', fault, share: 0.15 })
        }
      },
    })
  })

  test('F29 the price is ten times, or a tenth, for one tick: nothing is sent outside the collar', async () => {
    let absurd: readonly string[] = []
    let off: readonly number[] = []
    await survivesOnSockets('F29', {
      strike(world) {
        const random = world.random.fork('strike')
        const { faults } = world.venue.world
        absurd = watchBus(world)
        off = watchPrices(world)
        const since = { aggTrade: 0, bookTicker: 0 }
        world.venue.world.onMarket(({ type }) => {
          if (type === 'aggTrade' || type === 'bookTicker') since[type] += 1
        })
        again(world, 'spikes', [1_500, 5_000], () => {
          // Two in a row that agree would be a crash, not a spike: on each stream the market speaks in between.
          if (since.aggTrade < 2 || since.bookTicker < 2) return
          since.aggTrade = 0
          since.bookTicker = 0
          const price = world.price() * (random.next() < 0.5 ? 10 : 0.1)
          const [low, high] = [price.toFixed(2), (price * 1.0001).toFixed(2)]
          const isTrade = random.next() < 0.5
          const fault = { do: 'rewrite', set: isTrade ? { p: low } : { b: low, a: high } } as const
          faults.inject({ id: 'spike', at: isTrade ? streams[0] : streams[1], fault, times: 1 })
        })
      },
      check(world) {
        expect(absurd).toEqual([])
        expect(refusalsOf(world, 'market.quote.outlier')).toBeGreaterThan(0)
        expect(refusalsOf(world, 'market.trade.outlier')).toBeGreaterThan(0)
        expect(off.length).toBeGreaterThan(0)
        expect(Math.max(...off)).toBeLessThan(0.02)
      },
    })
  })
})

describe('rules that change while the desk trades, over real sockets', () => {
  test('F30 a symbol halts and trades again: one order may be on its way, no more are refused', async () => {
    let halts: { readonly from: number; to: number }[] = []
    let refused: number[] = []
    await survivesOnSockets('F30 halts', {
      lastsMs: 110_000,
      strike(world) {
        halts = []
        refused = []
        const random = world.random.fork('strike')
        const { clock, venue } = world
        world.life().bus.subscribe(flow.orderEvent, ({ payload, occurredAt }) => {
          if (payload.reason?.code === 'exchange.order.instrument-halted') refused.push(occurredAt)
        })
        again(world, 'halts', [40_000, 50_000], () => {
          const status = (['HALT', 'BREAK', 'CANCEL_ONLY'] as const)[random.integer(3)] ?? 'HALT'
          const halt = { from: clock.now(), to: clock.now() + between(random, 5_000, 20_000) }
          halts.push(halt)
          venue.world.setStatus('spot', 'BTCUSDT', status)
          clock.schedule(halt.to, () => venue.world.setStatus('spot', 'BTCUSDT', 'TRADING'))
          // Nothing can be sent until it is over, and that has to be heard of.
          world.outages.push({ from: halt.from, to: halt.to + 10_000 })
        })
      },
      check(world) {
        expect(halts.length).toBeGreaterThan(1)
        for (const { from, to } of halts) {
          const inHalt = refused.filter((at) => at >= from && at <= to)
          expect(inHalt.length, `refused ${inHalt.map((at) => at - from)} ms into a halt`).toBeLessThanOrEqual(1)
        }
        for (const { placedAt } of world.truth().orders) {
          expect(halts.some(({ from, to }) => placedAt > from && placedAt < to)).toBe(false)
        }
      },
    })
  })

  test('F30 tick, step and smallest notional change: one order of the old grid may be refused at each', async () => {
    let changes = 0
    let refused: string[] = []
    await survivesOnSockets('F30 filters', {
      lastsMs: 110_000,
      dust: { step: '0.0001', notional: '25' },
      strike(world) {
        changes = 0
        refused = []
        const random = world.random.fork('strike')
        world.life().bus.subscribe(flow.orderEvent, ({ payload }) => {
          const code = payload.reason?.code ?? ''
          if (payload.state === 'rejected' && ofRules.test(code)) refused.push(code)
        })
        again(world, 'filters', [15_000, 25_000], () => {
          changes += 1
          const isCoarse = random.next() < 0.6
          world.venue.world.setFilters('spot', 'BTCUSDT', {
            tickSize: isCoarse ? '1' : '0.01',
            stepSize: isCoarse ? '0.0001' : '0.00001',
            minQuantity: isCoarse ? '0.0001' : '0.00001',
            minNotional: isCoarse ? '20' : '5',
          })
        })
      },
      check() {
        expect(changes).toBeGreaterThan(3)
        expect(refused.length, refused.join()).toBeLessThanOrEqual(changes)
      },
    })
  })
})
