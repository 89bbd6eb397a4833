import { Decimal, decimal, type Instrument, type Order } from '@barfinex/core'
import { anInstrument, anOrder, testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMatchingEngine, type MatchingEngine } from './matching-engine.js'
import type { MatchingEvent, SelfTradePrevention } from './matching-event.js'

const spot = anInstrument({
  symbol: 'AAA/USD',
  base: 'AAA',
  quote: 'USD',
  settle: 'USD',
  tickSize: '0.1',
  stepSize: '0.1',
  minQuantity: '0.1',
  minNotional: '0.5',
})
const swap = anInstrument({
  symbol: 'BBB/USD:USD',
  kind: 'swap',
  base: 'BBB',
  quote: 'USD',
  settle: 'USD',
  tickSize: '0.5',
  stepSize: '0.01',
  minQuantity: '0.01',
  minNotional: '0.4',
  makerFeeBps: '2.5',
  takerFeeBps: '7',
})
const accounts = ['ann', 'bob', 'cyd'] as const

type Fill = Extract<MatchingEvent, { type: 'fill' }>

const price = fc.integer({ min: 90, max: 110 })
const steps = fc.integer({ min: 1, max: 40 })
const side = fc.constantFrom('buy' as const, 'sell' as const)

const submission = fc.record({
  kind: fc.constant('submit' as const),
  account: fc.constantFrom(...accounts),
  side,
  type: fc.constantFrom<Order['type'][]>(
    'market',
    'limit',
    'limit',
    'limit',
    'stopMarket',
    'stopLimit',
    'takeProfitMarket',
    'takeProfitLimit',
    'trailingStopMarket',
  ),
  limit: price,
  trigger: price,
  trailingBps: fc.integer({ min: 10, max: 900 }),
  steps,
  timeInForce: fc.constantFrom<Order['timeInForce'][]>('gtc', 'gtc', 'ioc', 'fok'),
  reduceOnly: fc.constantFrom(true, false, false, false),
  postOnly: fc.constantFrom(true, false, false, false, false),
  group: fc.option(
    fc.integer({ min: 1, max: 8 }).map((id) => `g${id}`),
    { freq: 2 },
  ),
})
const step = fc.oneof(
  { weight: 6, arbitrary: submission },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('quote' as const),
      bid: price,
      gap: fc.integer({ min: 1, max: 4 }),
      bidSteps: steps,
      askSteps: steps,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('print' as const), price, steps, side }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('bar' as const), prices: fc.tuple(price, price, price, price), steps }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('session' as const), isOpen: fc.boolean() }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** Plays a flow of orders and market moves, and hands every call's events to a watcher. */
function play(
  instrument: Instrument,
  flow: readonly Step[],
  options: { readonly feeAsset: 'quote' | 'received'; readonly stp: SelfTradePrevention },
  watch: (engine: MatchingEngine, events: readonly MatchingEvent[], orders: ReadonlyMap<string, Order>) => void,
): { readonly engine: MatchingEngine; readonly orders: ReadonlyMap<string, Order> } {
  const engine = createMatchingEngine({
    instruments: [instrument],
    leverage: 3,
    feeAsset: options.feeAsset,
    selfTradePrevention: options.stp,
  })
  for (const account of accounts) {
    engine.deposit(account, instrument.quote, '70.000001')
    engine.deposit(account, instrument.base, '5')
  }
  const tick = Number(instrument.tickSize)
  const size = Number(instrument.stepSize)
  const orders = new Map<string, Order>()
  const owners = new Map<string, string>()
  const { symbol } = instrument
  let now = 0
  for (const move of flow) {
    now += 1
    if (move.kind === 'submit') {
      const isLimit = move.type === 'limit' || move.type === 'stopLimit' || move.type === 'takeProfitLimit'
      const isTrigger = move.type !== 'market' && move.type !== 'limit' && move.type !== 'trailingStopMarket'
      const order = anOrder({
        clientOrderId: `o${orders.size}`,
        symbol,
        side: move.side,
        type: move.type,
        quantity: Decimal.from(String(move.steps)).times(decimal(instrument.stepSize)).toString(),
        limitPrice: isLimit ? Decimal.from(String(move.limit)).times(decimal(instrument.tickSize)).toString() : null,
        triggerPrice: isTrigger
          ? Decimal.from(String(move.trigger)).times(decimal(instrument.tickSize)).toString()
          : null,
        trailingBps: move.type === 'trailingStopMarket' ? String(move.trailingBps) : null,
        timeInForce: move.timeInForce,
        reduceOnly: move.reduceOnly,
        postOnly: move.postOnly && isLimit && move.timeInForce === 'gtc',
        ocoGroup: move.group,
      })
      orders.set(order.clientOrderId, order)
      owners.set(order.clientOrderId, move.account)
      watch(engine, engine.submit(move.account, order, now), orders)
    } else if (move.kind === 'cancel') {
      const id = `o${move.pick % Math.max(1, orders.size)}`
      watch(engine, engine.cancel(owners.get(id) ?? 'ann', id, symbol, now), orders)
    } else if (move.kind === 'quote') {
      const { bid, gap, bidSteps, askSteps } = move
      watch(engine, engine.quote(symbol, bid * tick, (bid + gap) * tick, bidSteps * size, askSteps * size, now), orders)
    } else if (move.kind === 'session') {
      watch(engine, engine.session(symbol, move.isOpen, now), orders)
    } else if (move.kind === 'print') {
      watch(engine, engine.print(symbol, move.price * tick, move.steps * size, move.side, now), orders)
    } else {
      const [open, close, a, b] = move.prices
      const low = Math.min(open, close, a, b) * tick
      const high = Math.max(open, close, a, b) * tick
      const events = engine.bar(
        symbol,
        {
          open: open * tick,
          close: close * tick,
          bidLow: low,
          askLow: low,
          bidHigh: high,
          askHigh: high,
          halfSpread: tick,
          liquidity: move.steps * size,
        },
        now,
      )
      for (const event of events) {
        // Participants may trade with each other anywhere; what comes from outside is bound to the bar.
        if (
          event.type !== 'fill' ||
          events.filter((it) => it.type === 'fill' && it.tradeId === event.tradeId).length > 1
        ) {
          continue
        }
        expect(Number(event.price)).toBeGreaterThanOrEqual(low - 1e-9)
        expect(Number(event.price)).toBeLessThanOrEqual(high + 1e-9)
      }
      watch(engine, events, orders)
    }
  }
  return { engine, orders }
}

const flows = fc.record({
  flow: fc.array(step, { minLength: 1, maxLength: 120, size: 'max' }),
  feeAsset: fc.constantFrom('quote' as const, 'received' as const),
  stp: fc.constantFrom<SelfTradePrevention[]>('expireTaker', 'expireMaker', 'expireBoth'),
})

const fillsOf = (events: readonly MatchingEvent[]) => events.filter((event): event is Fill => event.type === 'fill')

describe.each([
  ['spot', spot],
  ['swap', swap],
] as const)('any flow of orders on %s', (_, instrument) => {
  test('keeps every asset constant and no free spot balance below zero', () => {
    fc.assert(
      fc.property(flows, ({ flow, feeAsset, stp }) => {
        play(instrument, flow, { feeAsset, stp }, (engine) => {
          expect(engine.audit(instrument.quote).difference).toBe('0')
          expect(engine.audit(instrument.base).difference).toBe('0')
          for (const account of accounts) {
            for (const { asset, free, locked, total } of engine.snapshot(account, 0).balances) {
              expect(decimal(free).plus(decimal(locked)).toString()).toBe(total)
              if (instrument.kind === 'spot') expect([asset, decimal(free).isNegative]).toEqual([asset, false])
              if (instrument.kind === 'spot') expect(decimal(locked).isNegative).toBe(false)
            }
          }
        })
      }),
      { numRuns: testRuns(150) },
    )
  })

  test('keeps the promises of every order', () => {
    let fillCount = 0
    fc.assert(
      fc.property(flows, ({ flow, feeAsset, stp }) => {
        const filled = new Map<string, Decimal>()
        const groups = new Map<string, Set<string>>()
        const held = new Map<string, Decimal>()
        const seen = new Set<string>()
        const { engine, orders } = play(instrument, flow, { feeAsset, stp }, (_engine, events, sent) => {
          for (const event of events) seen.add(`${event.clientOrderId} ${event.type}`)
          const sides = new Map<string, string>()
          for (const fill of fillsOf(events)) {
            fillCount += 1
            const order = sent.get(fill.clientOrderId) as Order
            const quantity = decimal(fill.quantity)
            expect(quantity.isPositive).toBe(true)
            filled.set(order.clientOrderId, (filled.get(order.clientOrderId) ?? Decimal.zero).plus(quantity))
            if (order.limitPrice !== null) {
              const worse =
                order.side === 'buy'
                  ? decimal(fill.price).greaterThan(decimal(order.limitPrice))
                  : decimal(fill.price).lessThan(decimal(order.limitPrice))
              expect(worse, `${order.clientOrderId} traded worse than its limit`).toBe(false)
            }
            if (order.postOnly) expect(fill.liquidity).toBe('maker')
            if (order.ocoGroup !== null) {
              const key = `${fill.account}/${order.ocoGroup}`
              groups.set(key, (groups.get(key) ?? new Set()).add(order.clientOrderId))
            }
            const before = held.get(fill.account) ?? Decimal.zero
            const after = order.side === 'buy' ? before.plus(quantity) : before.minus(quantity)
            held.set(fill.account, after)
            if (order.reduceOnly && instrument.kind === 'swap') {
              expect(after.abs().lessThan(before.abs()), 'a reduce-only order must shrink the position').toBe(true)
              expect(after.isNegative && before.isPositive).toBe(false)
              expect(after.isPositive && before.isNegative).toBe(false)
            }
            if (order.reduceOnly && instrument.kind === 'spot') expect(order.side).toBe('sell')
            expect(sides.get(fill.tradeId), 'an account must not trade with itself').not.toBe(fill.account)
            sides.set(fill.tradeId, fill.account)
          }
        })
        for (const [id, order] of orders) {
          const quantity = filled.get(id) ?? Decimal.zero
          expect(quantity.greaterThan(decimal(order.quantity)), `${id} filled more than ordered`).toBe(false)
          const whole = quantity.isZero || quantity.equals(decimal(order.quantity))
          if (order.timeInForce === 'fok') expect(whole, `${id} is fill-or-kill`).toBe(true)
          for (const account of accounts) {
            const record = engine.record(account, id)
            if (record !== null) expect(record.filledQuantity).toBe(quantity.toString())
          }
          // Nobody is left without an answer.
          expect(seen.has(`${id} accepted`) || seen.has(`${id} rejected`)).toBe(true)
        }
        for (const members of groups.values()) expect(members.size).toBe(1)
      }),
      { numRuns: testRuns(250) },
    )
    expect(fillCount).toBeGreaterThan(500)
  })

  test('releases every lock once nothing is open', () => {
    fc.assert(
      fc.property(flows, ({ flow, feeAsset, stp }) => {
        const { engine } = play(instrument, flow, { feeAsset, stp }, () => {})
        for (const account of accounts) {
          for (const { clientOrderId, symbol } of engine.snapshot(account, 0).openOrders) {
            engine.cancel(account, clientOrderId, symbol, 1_000)
          }
          const { balances, openOrders, positions } = engine.snapshot(account, 0)
          expect(openOrders).toEqual([])
          if (positions.length > 0) continue
          for (const { locked } of balances) expect(locked).toBe('0')
        }
        expect(engine.isWorking(instrument.symbol)).toBe(false)
      }),
      { numRuns: testRuns(120) },
    )
  })

  test('gives the same events for the same calls', () => {
    fc.assert(
      fc.property(flows, ({ flow, feeAsset, stp }) => {
        const once: MatchingEvent[] = []
        const again: MatchingEvent[] = []
        play(instrument, flow, { feeAsset, stp }, (_, events) => once.push(...events))
        play(instrument, flow, { feeAsset, stp }, (_, events) => again.push(...events))
        expect(again).toEqual(once)
      }),
      { numRuns: testRuns(30) },
    )
  })
})

test('serves the better price first, and at one price whoever came first', () => {
  const resting = fc.array(fc.record({ ticks: price, steps, account: fc.constantFrom('ann', 'bob') }), {
    minLength: 1,
    maxLength: 30,
  })
  fc.assert(
    fc.property(resting, side, (makers, takerSide) => {
      const engine = createMatchingEngine({ instruments: [spot] })
      for (const account of accounts) {
        engine.deposit(account, 'USD', '1000000')
        engine.deposit(account, 'AAA', '1000000')
      }
      const makerSide = takerSide === 'buy' ? 'sell' : 'buy'
      const wanted = makers
        .map((maker, index) => ({ ...maker, id: `m${index}`, index }))
        .sort((a, b) => (takerSide === 'buy' ? a.ticks - b.ticks : b.ticks - a.ticks) || a.index - b.index)
      makers.forEach((maker, index) => {
        const order = anOrder({
          clientOrderId: `m${index}`,
          symbol: spot.symbol,
          side: makerSide,
          type: 'limit',
          quantity: decimal('0.1')
            .times(decimal(String(maker.steps)))
            .toString(),
          limitPrice: decimal('0.1')
            .times(decimal(String(maker.ticks)))
            .toString(),
        })
        expect(engine.submit(maker.account, order, index)).toMatchObject([{ type: 'accepted' }])
      })
      const taker = anOrder({ clientOrderId: 'taker', symbol: spot.symbol, side: takerSide, quantity: '10000' })
      const events = engine.submit('cyd', taker, 1_000)
      const served = fillsOf(events).filter((fill) => fill.account !== 'cyd')
      expect(served.map((fill) => fill.clientOrderId)).toEqual(wanted.map((maker) => maker.id))
      expect(served.map((fill) => Number(fill.price))).toEqual(wanted.map((maker) => maker.ticks / 10))
    }),
    { numRuns: testRuns(100) },
  )
})
