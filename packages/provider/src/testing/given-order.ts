import type { Instrument, Order } from '@barfinex/core'

/** An instrument for tests: BTC/USDT on the spot market with a cent as tick, unless said otherwise. */
export function givenInstrument(rules: Partial<Instrument> = {}): Instrument {
  return {
    symbol: 'BTC/USDT',
    exchange: 'test',
    kind: 'spot',
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    tickSize: '0.01',
    stepSize: '0.001',
    minQuantity: '0.001',
    maxQuantity: null,
    minNotional: '1',
    maxNotional: null,
    makerFeeBps: '10',
    takerFeeBps: '10',
    status: 'trading',
    revision: 1,
    ...rules,
  }
}

/** An order for tests: buy 1 at market, unless said otherwise. Give each its own `clientOrderId`. */
export function givenOrder(fields: Partial<Order> = {}): Order {
  return {
    clientOrderId: 'order',
    symbol: 'BTC/USDT',
    side: 'buy',
    type: 'market',
    quantity: '1',
    limitPrice: null,
    triggerPrice: null,
    trailingBps: null,
    timeInForce: 'gtc',
    reduceOnly: false,
    postOnly: false,
    ocoGroup: null,
    purpose: 'entry',
    intentId: 'test',
    attempt: 0,
    ...fields,
  }
}
