import { flow, type Random } from '@barfinex/core'
import { aCandle, aQuote, aTrade } from '@barfinex/core/testing'
import { describe, expect, test } from 'vitest'
import { faultInstruments } from './fault-market.js'
import type { World } from './fault-world.js'
import { survives } from './run-faults.js'

const badPrices = [0, -1, Number.NaN, 1e308, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e15]

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.integer(items.length)] as Item
}

/** An event nobody may ever see: a number that is none, a symbol nobody follows, a member that is missing. */
function sendNonsense({ venue, market }: World, own: Random): void {
  const { symbol } = pick(own, faultInstruments)
  const price = market.price(symbol)
  const bad = pick(own, badPrices)
  const occurredAt = venue.now()
  venue.disturb((sink) => {
    switch (own.integer(7)) {
      case 0:
        return sink.quote(aQuote({ symbol, bid: bad, ask: price, occurredAt }))
      case 1:
        return sink.quote(aQuote({ symbol, bid: price, ask: bad, occurredAt }))
      case 2:
        return sink.trade(aTrade({ symbol, tradeId: `bad-${occurredAt}`, price: bad, occurredAt }))
      case 3:
        return sink.candle(aCandle({ symbol, openTime: occurredAt - (occurredAt % 60_000), close: bad }))
      case 4:
        return sink.quote(aQuote({ symbol: 'DOGE/USDT', bid: 1, ask: 2, occurredAt }))
      case 5:
        return sink.quote({ ...aQuote({ symbol, occurredAt }), bid: undefined as unknown as number })
      default:
        return sink.book({
          symbol,
          kind: 'snapshot',
          firstSequence: 1,
          lastSequence: 1,
          bids: [[bad, 1]],
          asks: [[price, 1]],
          occurredAt,
        })
    }
  })
}

/** Collects prices on the bus that no market has. */
function watchBus({ life, market }: World): readonly string[] {
  const absurd: string[] = []
  const { bus } = life()
  const judge = (what: string, symbol: string, ...prices: readonly number[]): void => {
    const true_ = market.price(symbol)
    if (prices.some((it) => !(it > true_ / 2 && it < true_ * 2))) absurd.push(`${what} ${symbol} ${prices.join()}`)
  }
  bus.watch(flow.quote, ({ symbol, bid, ask }) => judge('quote', symbol, bid, ask))
  bus.watch(flow.candle, ({ symbol, open, high, low, close }) => judge('candle', symbol, open, high, low, close))
  bus.watch(flow.trade, ({ symbol, price }) => judge('trade', symbol, price))
  bus.watch(flow.book, ({ symbol, bids, asks }) => {
    judge('book', symbol, ...[...bids, ...asks].map(([price]) => price))
  })
  return absurd
}

describe('rules that change while the desk trades', () => {
  test('F30 a symbol is halted and resumed: nothing is sent that would be refused, what rests stays', async () => {
    const halts: { symbol: string; from: number; to: number }[] = []
    await survives('F30 a symbol is halted', {
      strike: ({ venue, random, clock, outages }) => {
        const own = random.fork('strike')
        halts.length = 0
        clock.every(90_000, () => {
          const instrument = pick(own, faultInstruments)
          const tellsAfterMs = own.integer(500)
          venue.rule({ ...instrument, status: pick(own, ['halted', 'cancelOnly'] as const) }, tellsAfterMs)
          const from = clock.now() + tellsAfterMs + 100
          const to = clock.now() + 20_000 + own.integer(60_000)
          halts.push({ symbol: instrument.symbol, from, to })
          // The end of a halt is heard of as late as its beginning.
          outages.push({ from: clock.now(), to: to + 500 })
          clock.schedule(to, () => venue.rule(instrument, own.integer(500)))
        })
      },
      check({ venue, life }) {
        // One order may be on its way when a halt begins.
        expect(venue.refused.length).toBeLessThanOrEqual(halts.length)
        for (const { order, takenAt } of venue.truth.orders.values()) {
          const halt = halts.find((it) => it.symbol === order.symbol && it.from <= takenAt && takenAt < it.to)
          if (halt !== undefined) expect(order.purpose).not.toBe('entry')
        }
        const halted = new Set(halts.map((it) => it.symbol))
        for (const { symbol, revision } of life().desk.provider.instruments) {
          expect(revision > 1).toBe(halted.has(symbol))
        }
      },
    })
  })

  test('F30 tick and step get coarser and finer', async () => {
    let changes = 0
    await survives('F30 tick and step', {
      strike: ({ venue, random, clock }) => {
        const own = random.fork('strike')
        changes = 0
        clock.every(45_000, () => {
          changes += 1
          const instrument = pick(own, faultInstruments)
          const isCash = instrument.kind === 'spot'
          const coarse = {
            tickSize: '0.1',
            stepSize: isCash ? '0.0001' : '0.01',
            minQuantity: isCash ? '0.0001' : '0.01',
          }
          const rules = own.next() < 0.6 ? { ...instrument, ...coarse } : instrument
          venue.rule(rules, own.integer(500))
        })
      },
      // One order may be on its way, or made by the old grid, at each change.
      check: ({ venue }) => expect(venue.refused.length).toBeLessThanOrEqual(changes),
    })
  })
})

describe('market data that cannot be', () => {
  test('F28 zero, negative, not a number, 1e308, unknown symbol, missing member: refused at the edge and counted', async () => {
    let absurd: readonly string[] = []
    await survives('F28', {
      strike: (world) => {
        const own = world.random.fork('strike')
        absurd = watchBus(world)
        world.clock.every(1_700, () => sendNonsense(world, own))
      },
      check(world) {
        expect(absurd).toEqual([])
        const refused = world.life().desk.provider.refusals()
        expect(refused['market.quote.bad-number']).toBeGreaterThan(0)
        expect(refused['market.event.unknown-symbol']).toBeGreaterThan(0)
        expect(refused['market.book.bad-number']).toBeGreaterThan(0)
      },
    })
  })

  test('F29 the price is ten times, or a tenth, for one tick', async () => {
    let absurd: readonly string[] = []
    await survives('F29', {
      strike: (world) => {
        const own = world.random.fork('strike')
        const { venue, market } = world
        absurd = watchBus(world)
        world.clock.every(9_970, () => {
          const { symbol } = pick(own, faultInstruments)
          const price = market.price(symbol) * pick(own, [10, 0.1])
          const occurredAt = venue.now()
          venue.disturb((sink) => sink.quote(aQuote({ symbol, bid: price, ask: price * 1.0001, occurredAt })))
        })
      },
      check({ venue, life }) {
        for (const { order, marketPrice } of venue.truth.orders.values()) {
          for (const price of [order.limitPrice, order.triggerPrice]) {
            if (price === null) continue
            const off = Math.abs(Number(price) / marketPrice - 1)
            expect(off, `${order.purpose} at ${price}, market ${marketPrice}`).toBeLessThan(0.02)
          }
        }
        expect(absurd).toEqual([])
        expect(life().desk.provider.refusals()['market.quote.outlier']).toBeGreaterThan(0)
      },
    })
  })
})
