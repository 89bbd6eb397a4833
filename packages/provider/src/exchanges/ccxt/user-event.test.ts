import { expect, test } from 'vitest'
import { readUserEvent } from './user-event.js'

const symbolOf = (marketId: string) => (marketId === 'BTCUSDT' ? 'BTC/USDT' : undefined)

const event = (over: Readonly<Record<string, unknown>>) => ({
  e: 'executionReport',
  E: 1_000,
  s: 'BTCUSDT',
  c: 'ours',
  S: 'BUY',
  o: 'MARKET',
  f: 'GTC',
  q: '0.00200000',
  p: '0.00000000',
  P: '0.00000000',
  C: '',
  x: 'NEW',
  X: 'NEW',
  r: 'NONE',
  i: 42,
  l: '0.00000000',
  z: '0.00000000',
  L: '0.00000000',
  n: '0',
  N: null,
  T: 999,
  t: -1,
  w: true,
  m: false,
  ...over,
})

const reportsOf = (over: Readonly<Record<string, unknown>>) => {
  const read = readUserEvent(event(over), symbolOf)
  return read.type === 'order' ? read.reports : read.type
}

test('C7: every state of an order has a report of its own, with the exact numbers of its fill', () => {
  expect(reportsOf({})).toMatchObject([{ type: 'accepted', clientOrderId: 'ours', exchangeOrderId: '42' }])
  const trade = { x: 'TRADE', X: 'PARTIALLY_FILLED', l: '0.00100000', L: '60000.10000000', n: '0.00000100', N: 'BTC' }
  expect(reportsOf({ ...trade, t: '9007199254740993', m: true })).toEqual([
    {
      type: 'fill',
      clientOrderId: 'ours',
      exchangeOrderId: '42',
      symbol: 'BTC/USDT',
      occurredAt: 999,
      tradeId: '9007199254740993',
      price: '60000.1',
      quantity: '0.001',
      fee: '0.000001',
      feeAsset: 'BTC',
      liquidity: 'maker',
    },
  ])
  expect(reportsOf({ ...trade, n: '0.0001', N: 'BNB' })).toMatchObject([{ fee: '0.0001', feeAsset: 'BNB' }])
  expect(reportsOf({ ...trade, n: '0', N: null })).toMatchObject([{ fee: '0', feeAsset: 'USDT' }])
})

test('C4: a cancel is told under the id of the order, not of the cancel', () => {
  expect(reportsOf({ x: 'CANCELED', X: 'CANCELED', c: 'the-cancel', C: 'ours' })).toMatchObject([
    { type: 'canceled', clientOrderId: 'ours', reason: null },
  ])
})

test.each([
  [{ o: 'LIMIT', f: 'IOC', x: 'EXPIRED', X: 'EXPIRED' }, 'expired', 'exchange.order.ioc-remainder'],
  [{ o: 'LIMIT', f: 'FOK', x: 'EXPIRED', X: 'EXPIRED' }, 'expired', 'exchange.order.fok-unfillable'],
  [{ x: 'EXPIRED', X: 'EXPIRED' }, 'expired', 'exchange.order.no-liquidity'],
  [{ o: 'LIMIT', x: 'EXPIRED', X: 'EXPIRED' }, 'expired', 'exchange.order.expired'],
  [{ o: 'LIMIT', x: 'TRADE_PREVENTION', X: 'EXPIRED_IN_MATCH' }, 'expired', 'exchange.order.self-trade'],
  [{ o: 'STOP_LOSS', x: 'CANCELED', X: 'CANCELED', eR: 'OCO_TRIGGER' }, 'canceled', 'exchange.order.oco-canceled'],
  [{ x: 'REJECTED', X: 'REJECTED', r: 'INSUFFICIENT_BALANCES' }, 'rejected', 'exchange.order.refused'],
])('%j ends the order as %s', (over, type, code) => {
  expect(reportsOf(over)).toMatchObject([{ type, reason: { code } }])
})

test('a stop that sleeps is accepted, one that wakes is triggered', () => {
  expect(reportsOf({ o: 'STOP_LOSS', w: false })).toMatchObject([{ type: 'accepted' }])
  expect(reportsOf({ o: 'STOP_LOSS_LIMIT', w: true })).toMatchObject([{ type: 'triggered' }])
  expect(reportsOf({ o: 'LIMIT', x: 'TRADE_PREVENTION', X: 'PARTIALLY_FILLED' })).toEqual([])
})

test('C20: what cannot be read about an order is said to be so, never guessed', () => {
  for (const over of [
    { i: undefined },
    { x: 'SOMETHING_NEW' },
    { X: 'SOMETHING_NEW' },
    { x: 'TRADE', l: 'NaN' },
    { x: 'TRADE', L: 60000.1 },
    { s: 'ETHUSDT' },
    { x: 'REPLACED' },
  ]) {
    expect(reportsOf(over), JSON.stringify(over)).toBe('unreadable')
  }
  for (const other of [null, [], 7, 'x', {}, { e: 'outboundAccountPosition' }, { e: '__proto__' }]) {
    expect(readUserEvent(other, symbolOf)).toEqual({ type: 'other' })
  }
})
