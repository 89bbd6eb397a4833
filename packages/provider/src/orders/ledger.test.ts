import { createMemoryBus, createVirtualClock, decimal, type Instrument, type Order, silentLog } from '@barfinex/core'
import { anInstrument, anOrder, testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ExchangeReport } from '../exchanges/exchange.js'
import { createMatchingEngine } from '../exchanges/matching/matching-engine.js'
import { Marks } from '../market/marks.js'
import { Ledger } from './ledger.js'

const spot = anInstrument()
const swap = anInstrument({
  symbol: 'BTC/USDT:USDT',
  kind: 'swap',
  stepSize: '0.003',
  tickSize: '0.07',
  minNotional: '0',
})

function aLedger(instruments: readonly Instrument[]) {
  const clock = createVirtualClock()
  const ledger = new Ledger({
    bus: createMemoryBus(),
    clock,
    log: silentLog,
    epoch: 1,
    account: 'me',
    quoteAsset: 'USDT',
    instruments,
    marks: new Marks(),
  })
  return { clock, ledger }
}

const deposits: Readonly<Record<string, string>> = { USDT: '1000000', BTC: '10' }

const step = fc.record({
  isBuy: fc.boolean(),
  symbol: fc.constantFrom(spot.symbol, swap.symbol),
  size: fc.integer({ min: 1, max: 50 }),
  /** A limit this far from the middle, in ticks; 0 is a market order. */
  distance: fc.integer({ min: 0, max: 3 }),
  move: fc.integer({ min: -40, max: 40 }),
  cancelsEarlier: fc.boolean(),
})

/** Orders and a moving market; every report the exchange makes, in its order. */
function play(
  steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[],
  feeAsset: 'quote' | 'received',
) {
  const engine = createMatchingEngine({ instruments: [spot, swap], feeAsset })
  for (const [asset, amount] of Object.entries(deposits)) engine.deposit('me', asset, amount)
  const orders: Order[] = []
  const reports: ExchangeReport[] = []
  let middle = 1_000
  let now = 0
  for (const [index, it] of steps.entries()) {
    now += 1
    middle = Math.max(100, middle + it.move)
    const rules = it.symbol === spot.symbol ? { tick: 0.01, step: 0.00001 } : { tick: 0.07, step: 0.003 }
    const price = (ticks: number) => Number((ticks * rules.tick).toFixed(2))
    reports.push(...engine.quote(it.symbol, price(middle - 1), price(middle + 1), it.size, it.size, now))
    const earlier = orders[index - 1]
    if (it.cancelsEarlier && earlier !== undefined) {
      reports.push(...engine.cancel('me', earlier.clientOrderId, earlier.symbol, now))
    }
    const order = anOrder({
      clientOrderId: `o${index}`,
      intentId: `i${index}`,
      symbol: it.symbol,
      side: it.isBuy ? 'buy' : 'sell',
      type: it.distance === 0 ? 'market' : 'limit',
      quantity: (it.size * (it.symbol === spot.symbol ? 0.001 : 0.003)).toFixed(3).replace(/\.?0+$/, ''),
      limitPrice: it.distance === 0 ? null : String(price(middle + (it.isBuy ? 1 : -1) * (it.distance - 2))),
    })
    orders.push(order)
    reports.push(...engine.submit('me', order, now))
  }
  return { orders, reports, snapshot: engine.snapshot('me', now) }
}

/** What it came to, without the counters that depend on how often something was said. */
function outcome(ledger: Ledger, orders: readonly Order[]) {
  const { balances, positions } = ledger.state()
  return {
    balances,
    positions,
    orders: orders.map(({ clientOrderId }) => {
      const order = ledger.find(clientOrderId)
      return [clientOrderId, order?.state, order?.filled.toString(), order?.cost.toString(), order?.exchangeOrderId]
    }),
  }
}

function fold(orders: readonly Order[], reports: readonly ExchangeReport[]) {
  const { ledger } = aLedger([spot, swap])
  ledger.money.adoptTotals(new Map())
  for (const order of orders) ledger.submit(order, null)
  for (const report of reports) ledger.report(report)
  return { ledger, ...outcome(ledger, orders) }
}

describe('the ledger', () => {
  test('agrees with the exchange to the last digit, and however reports arrive the end is the same', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.constantFrom('quote' as const, 'received' as const),
        fc.infiniteStream(fc.nat()),
        (steps, feeAsset, chance) => {
          const { orders, reports, snapshot } = play(steps, feeAsset)
          const clean = fold(orders, reports)
          for (const { asset, total } of snapshot.balances) {
            const ours = clean.ledger.money.total(asset).plus(decimal(deposits[asset] ?? '0'))
            expect(`${asset} ${ours}`).toBe(`${asset} ${total}`)
          }
          for (const { symbol, side, quantity, averagePrice } of snapshot.positions) {
            expect(clean.positions.find((it) => it.symbol === symbol)).toMatchObject({ side, quantity, averagePrice })
          }
          const order = () => chance.next().value as number
          const disordered = [...reports, ...reports.filter(() => order() % 3 === 0)]
            .map((report) => ({ report, at: order() }))
            .sort((a, b) => a.at - b.at)
            .map(({ report }) => report)
          const shuffled = fold(orders, disordered)
          expect({ ...shuffled, ledger: null }).toEqual({ ...clean, ledger: null })
        },
      ),
      { numRuns: testRuns(60) },
    )
  })

  test('pays fees where they fall: quote, base, a third asset', () => {
    const { ledger } = aLedger([spot])
    ledger.submit(anOrder({ quantity: '2' }), null)
    const fill = (tradeId: string, fee: string, feeAsset: string): ExchangeReport => ({
      type: 'fill',
      clientOrderId: 'order-1',
      exchangeOrderId: 'x1',
      symbol: spot.symbol,
      tradeId,
      price: '100.1',
      quantity: '0.5',
      fee,
      feeAsset,
      liquidity: 'taker',
      occurredAt: 1,
    })
    for (const it of [fill('1', '0.1', 'USDT'), fill('2', '0.0005', 'BTC'), fill('3', '0.07', 'BNB')]) ledger.report(it)
    ledger.report(fill('2', '0.0005', 'BTC'))
    expect(ledger.state()).toMatchObject({
      balances: [
        { asset: 'BNB', total: '-0.07' },
        { asset: 'BTC', total: '1.4995' },
        { asset: 'USDT', total: '-150.25' },
      ],
      // What was received is held: the fee in base is not there any more.
      positions: [{ quantity: '1.4995', averagePrice: '100.1', feesPaid: '0.15005' }],
      openOrders: [{ state: 'partiallyFilled', filledQuantity: '1.5' }],
    })
  })

  test('a fill before the acknowledgement, and one after the cancel, are counted; the state never goes back', () => {
    const { ledger } = aLedger([spot])
    const base = { clientOrderId: 'order-1', exchangeOrderId: 'x1', symbol: spot.symbol, occurredAt: 5 } as const
    const fill = (tradeId: string): ExchangeReport => ({
      ...base,
      type: 'fill',
      tradeId,
      price: '100',
      quantity: '0.1',
      fee: '0',
      feeAsset: 'USDT',
      liquidity: 'maker',
    })
    ledger.submit(anOrder(), null)
    const states: unknown[] = []
    const see = () => {
      const order = ledger.find('order-1')
      states.push([order?.state, order?.filled.toString(), order?.eventCount])
    }
    see()
    for (const report of [
      fill('1'),
      { ...base, type: 'accepted', reason: null } as const,
      { ...base, type: 'canceled', reason: null } as const,
      fill('2'),
      { ...base, type: 'canceled', reason: null } as const,
    ]) {
      ledger.report(report)
      see()
    }
    expect(states).toEqual([
      ['submitted', '0', 1],
      ['partiallyFilled', '0.1', 2],
      ['partiallyFilled', '0.1', 2],
      ['canceled', '0.1', 3],
      ['canceled', '0.2', 4],
      ['canceled', '0.2', 4],
    ])
  })

  test('working orders set funds aside, a group only once; contracts set none aside here', () => {
    const { ledger } = aLedger([spot, swap])
    const limit = (clientOrderId: string, fields: Partial<Order>) =>
      ledger.submit(
        anOrder({ clientOrderId, intentId: clientOrderId, type: 'limit', limitPrice: '100', ...fields }),
        null,
      )
    limit('buy', { quantity: '1' })
    limit('sell', { side: 'sell', quantity: '2', ocoGroup: 'g' })
    limit('stop', {
      side: 'sell',
      type: 'stopMarket',
      limitPrice: null,
      triggerPrice: '90',
      quantity: '3',
      ocoGroup: 'g',
    })
    limit('swap', { symbol: swap.symbol, quantity: '3' })
    ledger.money.adoptTotals(new Map())
    const locked = ledger.state().balances.map(({ asset, locked }) => [asset, locked])
    expect(locked).toEqual([])
    ledger.report({
      type: 'fill',
      clientOrderId: 'buy',
      exchangeOrderId: 'x',
      symbol: spot.symbol,
      tradeId: '1',
      price: '100',
      quantity: '0.5',
      fee: '0.05',
      feeAsset: 'USDT',
      liquidity: 'maker',
      occurredAt: 1,
    })
    expect(ledger.state().balances).toEqual([
      { asset: 'BTC', free: '-2.5', locked: '3', total: '0.5' },
      { asset: 'USDT', free: '-100.1', locked: '50.05', total: '-50.05' },
    ])
  })
})
