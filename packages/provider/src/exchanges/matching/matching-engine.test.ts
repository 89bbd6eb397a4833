import type { Instrument, Order } from '@barfinex/core'
import { anInstrument, anOrder } from '@barfinex/core/testing'
import { describe, expect, test } from 'vitest'
import { createMatchingEngine, type MatchingEngineOptions } from './matching-engine.js'
import type { MatchingEvent } from './matching-event.js'

const symbol = 'BTC/USDT'

const givenInstrument = (rules: Partial<Instrument> = {}) =>
  anInstrument({ stepSize: '0.001', minQuantity: '0.001', minNotional: '1', ...rules })

/** Buys 1 at market, unless said otherwise. */
const givenOrder = (fields: Partial<Order> = {}) => anOrder({ clientOrderId: 'order', quantity: '1', ...fields })

function given(rules: Partial<Instrument> = {}, options: Partial<MatchingEngineOptions> = {}) {
  const engine = createMatchingEngine({ instruments: [givenInstrument(rules)], ...options })
  for (const account of ['ann', 'bob']) {
    engine.deposit(account, 'USDT', '10000')
    engine.deposit(account, 'BTC', '10')
  }
  return engine
}

const swap = { kind: 'swap', symbol: 'BTC/USDT' } as const

/** Events in short: `accepted`, `fill 1 @ 100 taker 0.1 USDT`, `expired exchange.order.no-liquidity`. */
function brief(events: readonly MatchingEvent[]): readonly string[] {
  return events.map((event) => {
    const id = `${event.account} ${event.clientOrderId} ${event.type}`
    if (event.type === 'fill') {
      return `${id} ${event.quantity} @ ${event.price} ${event.liquidity} ${event.fee} ${event.feeAsset}`
    }
    return event.reason === null ? id : `${id} ${event.reason.code}`
  })
}

const free = (engine: ReturnType<typeof given>, account: string, asset: string) =>
  engine.snapshot(account, 0).balances.find((balance) => balance.asset === asset)?.free

describe('taking and resting', () => {
  test('a market order walks the book and pays the taker fee', () => {
    const engine = given()
    engine.book(
      symbol,
      { prices: [99], quantities: [1], count: 1 },
      { prices: [100, 101], quantities: [0.4, 5], count: 2 },
      1,
    )
    expect(brief(engine.submit('ann', givenOrder({ quantity: '1' }), 2))).toEqual([
      'ann order accepted',
      'ann order fill 0.4 @ 100 taker 0.04 USDT',
      'ann order fill 0.6 @ 101 taker 0.0606 USDT',
    ])
    expect(free(engine, 'ann', 'USDT')).toBe('9899.2994')
    expect(engine.record('ann', 'order')).toMatchObject({ state: 'filled', averagePrice: '100.6' })
  })

  test('what nobody offers expires, and taken quantity does not come back before the market shows it again', () => {
    const engine = given()
    engine.quote(symbol, 99, 100, 1, 1, 1)
    expect(brief(engine.submit('ann', givenOrder({ quantity: '1.5' }), 2))).toEqual([
      'ann order accepted',
      'ann order fill 1 @ 100 taker 0.1 USDT',
      'ann order expired exchange.order.no-liquidity',
    ])
    expect(brief(engine.submit('bob', givenOrder({ quantity: '0.5' }), 3))).toEqual([
      'bob order accepted',
      'bob order expired exchange.order.no-liquidity',
    ])
    engine.quote(symbol, 99, 100, 1, 1, 4)
    expect(brief(engine.submit('bob', givenOrder({ quantity: '0.5' }), 5))).toHaveLength(2)
  })

  test('a resting limit waits for the quantity displayed before it', () => {
    const engine = given()
    engine.quote(symbol, 99, 100, 2, 2, 1)
    engine.submit('ann', givenOrder({ type: 'limit', limitPrice: '99' }), 2)
    expect(engine.print(symbol, 99, 1.5, 'sell', 3)).toEqual([])
    expect(brief(engine.print(symbol, 99, 1, 'sell', 4))).toEqual(['ann order fill 0.5 @ 99 maker 0.0495 USDT'])
    // A print below our price would have met us first.
    expect(brief(engine.print(symbol, 98, 9, 'sell', 5))).toEqual(['ann order fill 0.5 @ 99 maker 0.0495 USDT'])
  })

  test('a shrinking display moves a resting order forward', () => {
    const engine = given()
    engine.quote(symbol, 99, 100, 5, 5, 1)
    engine.submit('ann', givenOrder({ type: 'limit', limitPrice: '99' }), 2)
    engine.quote(symbol, 99, 100, 0.25, 5, 3)
    expect(brief(engine.print(symbol, 99, 1, 'sell', 4))).toEqual(['ann order fill 0.75 @ 99 maker 0.07425 USDT'])
  })

  test('at one price, outsiders displayed before a maker are served before it', () => {
    const engine = given()
    engine.quote(symbol, 99, 100, 1, 0.3, 1)
    engine.submit('bob', givenOrder({ side: 'sell', type: 'limit', limitPrice: '100' }), 2)
    engine.quote(symbol, 99, 100, 1, 2, 3)
    const events = engine.submit('ann', givenOrder({ quantity: '2' }), 4)
    expect(brief(events)).toEqual([
      'ann order accepted',
      'ann order fill 0.3 @ 100 taker 0.03 USDT',
      'ann order fill 1 @ 100 taker 0.1 USDT',
      'bob order fill 1 @ 100 maker 0.1 USDT',
      'ann order fill 0.7 @ 100 taker 0.07 USDT',
    ])
  })

  test('an order the market moves through fills at its own price', () => {
    const engine = given()
    engine.quote(symbol, 99, 100, 1, 1, 1)
    engine.submit('ann', givenOrder({ type: 'limit', limitPrice: '98' }), 2)
    expect(brief(engine.quote(symbol, 96, 97, 1, 0.4, 3))).toEqual(['ann order fill 0.4 @ 98 maker 0.0392 USDT'])
    expect(free(engine, 'ann', 'USDT')).toBe('9901.902')
  })

  test('post-only never takes, fill-or-kill fills whole or not at all, immediate-or-cancel leaves nothing', () => {
    const engine = given()
    engine.quote(symbol, 99, 100, 1, 1, 1)
    const limit = { type: 'limit', limitPrice: '100', quantity: '3' } as const
    expect(brief(engine.submit('ann', givenOrder({ ...limit, postOnly: true }), 2))).toEqual([
      'ann order rejected exchange.order.would-take',
    ])
    expect(brief(engine.submit('ann', givenOrder({ ...limit, timeInForce: 'fok' }), 3))).toEqual([
      'ann order accepted',
      'ann order expired exchange.order.fok-unfillable',
    ])
    expect(brief(engine.submit('ann', givenOrder({ ...limit, timeInForce: 'ioc' }), 4))).toEqual([
      'ann order accepted',
      'ann order fill 1 @ 100 taker 0.1 USDT',
      'ann order expired exchange.order.ioc-remainder',
    ])
    expect(engine.isWorking(symbol)).toBe(false)
  })
})

describe('rules', () => {
  const refusals: readonly [string, Partial<Order>, string][] = [
    ['an unknown symbol', { symbol: 'ETH/USDT' }, 'exchange.order.unknown-symbol'],
    ['a quantity off the step grid', { quantity: '0.0005' }, 'exchange.order.off-step'],
    ['a zero quantity', { quantity: '0' }, 'exchange.order.off-step'],
    ['a price off the tick grid', { type: 'limit', limitPrice: '99.999' }, 'exchange.order.off-tick'],
    ['too small a quantity', { quantity: '0.01' }, 'exchange.order.below-min-quantity'],
    ['too large a quantity', { quantity: '51' }, 'exchange.order.above-max-quantity'],
    ['too small a notional', { quantity: '0.1', type: 'limit', limitPrice: '40' }, 'exchange.order.below-min-notional'],
    ['too large a notional', { quantity: '50' }, 'exchange.order.above-max-notional'],
    ['a limit without a price', { type: 'limit' }, 'exchange.order.invalid'],
    ['a market order with a price', { limitPrice: '99' }, 'exchange.order.invalid'],
    ['a stop without a trigger', { type: 'stopMarket' }, 'exchange.order.invalid'],
    ['a buy stop below the last price', { type: 'stopMarket', triggerPrice: '98' }, 'exchange.order.would-trigger'],
    ['a post-only market order', { postOnly: true }, 'exchange.order.invalid'],
    [
      'more than can be paid',
      { quantity: '40', type: 'limit', limitPrice: '99.5' },
      'exchange.order.insufficient-funds',
    ],
    [
      'more than is held',
      { side: 'sell', quantity: '11', type: 'limit', limitPrice: '110' },
      'exchange.order.insufficient-funds',
    ],
    ['reducing what is not held', { reduceOnly: true }, 'exchange.order.nothing-to-reduce'],
  ]
  test.each(refusals)('%s is refused', (_, fields, code) => {
    const engine = createMatchingEngine({
      instruments: [givenInstrument({ minQuantity: '0.02', maxQuantity: '50', minNotional: '5', maxNotional: '4990' })],
    })
    engine.deposit('ann', 'USDT', '2000')
    engine.deposit('ann', 'BTC', '10')
    engine.quote(symbol, 99, 100, 100, 100, 1)
    engine.print(symbol, 99, 1, 'sell', 1)
    const [event] = engine.submit('ann', givenOrder(fields), 2)
    expect(event).toMatchObject({ type: 'rejected', exchangeOrderId: null, reason: { code } })
    expect(engine.snapshot('ann', 3).openOrders).toEqual([])
    expect(engine.record('ann', 'order')).toBeNull()
  })

  test('a halted instrument takes nothing, a cancel-only one only cancels', () => {
    const halted = given({ status: 'halted' })
    expect(brief(halted.submit('ann', givenOrder(), 1))).toEqual([
      'ann order rejected exchange.order.instrument-halted',
    ])
    expect(brief(halted.cancel('ann', 'order', symbol, 1))).toEqual([
      'ann order cancelRejected exchange.order.instrument-halted',
    ])
    const cancelOnly = given({ status: 'cancelOnly' })
    expect(brief(cancelOnly.submit('ann', givenOrder(), 1))).toHaveLength(1)
    expect(brief(cancelOnly.cancel('ann', 'order', symbol, 1))).toEqual([
      'ann order cancelRejected exchange.order.unknown-order',
    ])
  })

  test('a client order id is unique among open orders, and free again afterwards', () => {
    const engine = given()
    engine.quote(symbol, 99, 100, 1, 1, 1)
    const order = givenOrder({ type: 'limit', limitPrice: '90' })
    engine.submit('ann', order, 2)
    expect(brief(engine.submit('ann', order, 3))).toEqual(['ann order rejected exchange.order.duplicate-id'])
    expect(brief(engine.submit('bob', order, 4))).toEqual(['bob order accepted'])
    engine.cancel('ann', 'order', symbol, 5)
    expect(brief(engine.submit('ann', order, 6))).toEqual(['ann order accepted'])
  })

  test('a cancel that comes after the fill is refused, and says so', () => {
    const engine = given()
    engine.quote(symbol, 99, 100, 5, 5, 1)
    engine.submit('ann', givenOrder(), 2)
    expect(brief(engine.cancel('ann', 'order', symbol, 2))).toEqual([
      'ann order cancelRejected exchange.order.already-final',
    ])
  })

  test('an account does not trade with itself', () => {
    const rest = givenOrder({ clientOrderId: 'rest', side: 'sell', type: 'limit', limitPrice: '100' })
    const taker = givenOrder({ clientOrderId: 'take' })
    const run = (stp: 'expireTaker' | 'expireMaker' | 'expireBoth') => {
      const engine = given({}, { selfTradePrevention: stp })
      engine.quote(symbol, 99, 101, 5, 5, 1)
      engine.submit('ann', rest, 2)
      return brief(engine.submit('ann', taker, 3))
    }
    expect(run('expireTaker')).toEqual(['ann take accepted', 'ann take expired exchange.order.self-trade'])
    expect(run('expireMaker')).toEqual([
      'ann take accepted',
      'ann rest expired exchange.order.self-trade',
      'ann take fill 1 @ 101 taker 0.101 USDT',
    ])
    expect(run('expireBoth')).toEqual([
      'ann take accepted',
      'ann rest expired exchange.order.self-trade',
      'ann take expired exchange.order.self-trade',
    ])
  })

  test('a spot buy can pay its fee in what it receives', () => {
    const engine = given({}, { feeAsset: 'received' })
    engine.quote(symbol, 99, 100, 5, 5, 1)
    expect(brief(engine.submit('ann', givenOrder(), 2))[1]).toBe('ann order fill 1 @ 100 taker 0.001 BTC')
    expect(brief(engine.submit('ann', givenOrder({ side: 'sell' }), 3))[1]).toBe(
      'ann order fill 1 @ 99 taker 0.099 USDT',
    )
    expect(free(engine, 'ann', 'BTC')).toBe('9.999')
  })
})

test('orders that come while trading rests wait for the open, and can be taken back', () => {
  const engine = given()
  engine.quote(symbol, 99, 100, 5, 5, 1)
  engine.session(symbol, false, 2)
  expect(brief(engine.submit('ann', givenOrder(), 3))).toEqual(['ann order accepted'])
  expect(brief(engine.submit('bob', givenOrder(), 3))).toEqual(['bob order accepted'])
  expect(brief(engine.submit('bob', givenOrder(), 3))).toEqual(['bob order rejected exchange.order.duplicate-id'])
  expect(brief(engine.cancel('bob', 'order', symbol, 4))).toEqual(['bob order canceled'])
  engine.quote(symbol, 104, 105, 5, 5, 5)
  expect(brief(engine.session(symbol, true, 5))).toEqual(['ann order fill 1 @ 105 taker 0.105 USDT'])
  expect(engine.isWorking(symbol)).toBe(false)
})

describe('triggers and groups', () => {
  test('a stop sleeps until the last price reaches it, then takes what there is', () => {
    const engine = given()
    engine.quote(symbol, 99, 100, 5, 5, 1)
    engine.print(symbol, 100, 1, 'buy', 1)
    engine.submit('ann', givenOrder({ side: 'sell', type: 'stopMarket', triggerPrice: '95' }), 2)
    expect(engine.quote(symbol, 94, 95, 5, 5, 3)).toEqual([])
    expect(brief(engine.print(symbol, 95, 1, 'sell', 4))).toEqual([
      'ann order triggered',
      'ann order fill 1 @ 94 taker 0.094 USDT',
    ])
  })

  test('one order of a group cancels the other before it trades, and nothing joins a spent group', () => {
    const engine = given(swap)
    engine.quote(symbol, 99, 100, 5, 5, 1)
    engine.print(symbol, 100, 1, 'buy', 1)
    engine.submit('ann', givenOrder({ clientOrderId: 'entry' }), 1)
    const leg = { side: 'sell', reduceOnly: true, ocoGroup: 'pair' } as const
    const stop = givenOrder({ ...leg, clientOrderId: 'stop', type: 'stopMarket', triggerPrice: '95' })
    const target = givenOrder({ ...leg, clientOrderId: 'target', type: 'limit', limitPrice: '105' })
    engine.submit('ann', stop, 2)
    engine.submit('ann', target, 3)
    expect(brief(engine.print(symbol, 106, 0.4, 'buy', 4))).toEqual([
      'ann stop canceled exchange.order.oco-canceled',
      'ann target fill 0.4 @ 105 maker 0.042 USDT',
    ])
    expect(brief(engine.submit('ann', { ...stop, clientOrderId: 'late' }, 5))).toEqual([
      'ann late rejected exchange.order.oco-canceled',
    ])
  })

  test('the legs of a spot pair lock the base once', () => {
    const engine = given()
    engine.quote(symbol, 99, 100, 5, 5, 1)
    const leg = { side: 'sell', quantity: '8', ocoGroup: 'pair' } as const
    engine.submit('ann', givenOrder({ ...leg, clientOrderId: 'stop', type: 'stopMarket', triggerPrice: '95' }), 2)
    engine.submit('ann', givenOrder({ ...leg, clientOrderId: 'target', type: 'limit', limitPrice: '105' }), 3)
    expect(free(engine, 'ann', 'BTC')).toBe('2')
    engine.cancel('ann', 'stop', symbol, 4)
    expect(free(engine, 'ann', 'BTC')).toBe('2')
    engine.cancel('ann', 'target', symbol, 5)
    expect(free(engine, 'ann', 'BTC')).toBe('10')
  })

  test('a reduce-only order is cut to the position and ends with it', () => {
    const engine = given(swap)
    engine.quote(symbol, 99, 100, 5, 5, 1)
    engine.submit('ann', givenOrder({ clientOrderId: 'entry', quantity: '2' }), 2)
    const reduce = { side: 'sell', reduceOnly: true } as const
    engine.submit('ann', givenOrder({ ...reduce, clientOrderId: 'rest', type: 'limit', limitPrice: '120' }), 3)
    expect(brief(engine.submit('ann', givenOrder({ ...reduce, clientOrderId: 'exit', quantity: '5' }), 4))).toEqual([
      'ann exit accepted',
      'ann exit fill 2 @ 99 taker 0.198 USDT',
      'ann rest canceled exchange.order.nothing-to-reduce',
      'ann exit canceled exchange.order.nothing-to-reduce',
    ])
    expect(engine.snapshot('ann', 5).positions).toEqual([])
    expect(engine.realizedPnl('ann', symbol)).toBe('-2')
  })

  test('a trailing stop follows the best price and never goes back', () => {
    const engine = given()
    engine.quote(symbol, 99, 100, 5, 5, 1)
    engine.print(symbol, 100, 1, 'buy', 1)
    engine.submit('ann', givenOrder({ side: 'sell', type: 'trailingStopMarket', trailingBps: '100' }), 2)
    for (const last of [110, 109.5, 108.91]) expect(engine.print(symbol, last, 0, 'buy', 3)).toEqual([])
    engine.quote(symbol, 108.8, 108.9, 5, 5, 4)
    expect(brief(engine.print(symbol, 108.9, 0, 'sell', 5))).toEqual([
      'ann order triggered',
      'ann order fill 1 @ 108.8 taker 0.1088 USDT',
    ])
  })
})

describe('contracts', () => {
  test('an order needs margin for the exposure it adds, at the leverage given', () => {
    const engine = createMatchingEngine({ instruments: [givenInstrument(swap)], leverage: 2 })
    engine.deposit('ann', 'USDT', '100')
    engine.quote(symbol, 99, 100, 50, 50, 1)
    expect(brief(engine.submit('ann', givenOrder({ quantity: '2' }), 2))).toEqual([
      'ann order rejected exchange.order.insufficient-margin',
    ])
    engine.submit('ann', givenOrder({ quantity: '1.9' }), 3)
    expect(engine.snapshot('ann', 4)).toMatchObject({
      balances: [{ asset: 'USDT', free: '4.81', locked: '95', total: '99.81' }],
      positions: [{ side: 'long', quantity: '1.9', averagePrice: '100' }],
    })
    // Turning the position over needs nothing until the exposure grows.
    const [accepted] = engine.submit('ann', givenOrder({ clientOrderId: 'turn', side: 'sell', quantity: '3.7' }), 5)
    expect(accepted).toMatchObject({ type: 'accepted' })
    expect(engine.snapshot('ann', 6).positions).toMatchObject([{ side: 'short', quantity: '1.8', averagePrice: '99' }])
  })
})

describe('bars', () => {
  const bar = {
    open: 100,
    close: 100,
    bidLow: 95,
    askLow: 95,
    bidHigh: 105,
    askHigh: 105,
    halfSpread: 0.5,
    liquidity: 10,
  }
  const long = () => {
    const engine = given(swap)
    engine.quote(symbol, 100, 100, 10, 10, 1)
    engine.submit('ann', givenOrder({ clientOrderId: 'entry' }), 1)
    return engine
  }
  const leg = { side: 'sell', reduceOnly: true, ocoGroup: 'pair' } as const

  test('a stop comes before a target of the same bar, at its trigger less half the spread, and the bar is counted', () => {
    const engine = long()
    engine.submit('ann', givenOrder({ ...leg, clientOrderId: 'target', type: 'limit', limitPrice: '104' }), 2)
    engine.submit('ann', givenOrder({ ...leg, clientOrderId: 'stop', type: 'stopMarket', triggerPrice: '96' }), 3)
    expect(brief(engine.bar(symbol, bar, 4))).toEqual([
      'ann stop triggered',
      'ann target canceled exchange.order.oco-canceled',
      'ann stop fill 1 @ 95.5 taker 0.0955 USDT',
    ])
    expect(engine.ambiguousBarCount).toBe(1)
  })

  test('a limit that is only touched does not fill, one that is passed does', () => {
    const engine = given(swap)
    engine.quote(symbol, 100, 101, 10, 10, 1)
    engine.submit('ann', givenOrder({ clientOrderId: 'touched', type: 'limit', limitPrice: '95' }), 2)
    engine.submit('ann', givenOrder({ clientOrderId: 'passed', type: 'limit', limitPrice: '95.01' }), 2)
    expect(brief(engine.bar(symbol, bar, 3))).toEqual(['ann passed fill 1 @ 95.01 maker 0.09501 USDT'])
    expect(engine.ambiguousBarCount).toBe(0)
  })

  test('a gap through a stop trades at the open, not at the trigger', () => {
    const engine = long()
    engine.submit('ann', givenOrder({ ...leg, clientOrderId: 'stop', type: 'stopMarket', triggerPrice: '96' }), 2)
    engine.quote(symbol, 90, 90, 10, 10, 3)
    expect(brief(engine.print(symbol, 90, 0, 'sell', 3))).toEqual([
      'ann stop triggered',
      'ann stop fill 1 @ 90 taker 0.09 USDT',
    ])
  })

  test('a gap through a resting limit can fill it at the price of the market', () => {
    const engine = given(swap)
    engine.quote(symbol, 100, 101, 10, 10, 1)
    engine.submit('ann', givenOrder({ type: 'limit', limitPrice: '98' }), 2)
    const levels = (price: number) => ({ prices: [price], quantities: [10], count: 1 })
    expect(brief(engine.book(symbol, levels(94), levels(95), 3, 'market'))).toEqual([
      'ann order fill 1 @ 95 maker 0.095 USDT',
    ])
  })

  test('a bar fills no more than its liquidity', () => {
    const engine = long()
    engine.submit('ann', givenOrder({ ...leg, clientOrderId: 'stop', type: 'stopMarket', triggerPrice: '96' }), 2)
    expect(brief(engine.bar(symbol, { ...bar, liquidity: 0.25 }, 3))).toEqual([
      'ann stop triggered',
      'ann stop fill 0.25 @ 95.5 taker 0.023875 USDT',
      'ann stop expired exchange.order.no-liquidity',
    ])
  })
})
