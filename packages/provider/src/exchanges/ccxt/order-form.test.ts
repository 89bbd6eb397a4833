import { instrumentRules, type Order } from '@barfinex/core'
import { describe, expect, test } from 'vitest'
import { givenInstrument, givenOrder } from '../../testing/given-order.js'
import { orderParams, refuseForm } from './order-form.js'

const rules = instrumentRules(givenInstrument({ tickSize: '0.01', stepSize: '0.001', minQuantity: '0.001' }))
const codeOf = (fields: Partial<Order>): string | null => refuseForm(givenOrder(fields), rules)?.code ?? null

describe('what leaves has been checked with exact decimals', () => {
  test.each<[Partial<Order>, string | null]>([
    [{ quantity: '1.5' }, null],
    [{ quantity: '0.0015' }, 'exchange.order.off-step'],
    [{ quantity: '0' }, 'exchange.order.below-min-quantity'],
    [{ type: 'limit', limitPrice: '100.01' }, null],
    [{ type: 'limit', limitPrice: '100.015' }, 'exchange.order.off-tick'],
    [{ type: 'limit', limitPrice: '0' }, 'exchange.order.off-tick'],
    [{ type: 'limit' }, 'exchange.order.invalid'],
    [{ type: 'limit', limitPrice: '0.01', quantity: '0.001' }, 'exchange.order.below-min-notional'],
    [{ type: 'stopMarket', side: 'sell', triggerPrice: '90' }, null],
    [{ type: 'stopMarket', side: 'sell' }, 'exchange.order.invalid'],
    [{ type: 'stopMarket', side: 'sell', triggerPrice: '90.001' }, 'exchange.order.off-tick'],
    [{ type: 'trailingStopMarket', trailingBps: '10' }, 'exchange.order.invalid'],
    [{ postOnly: true }, 'exchange.order.invalid'],
    [{ type: 'limit', limitPrice: '100', postOnly: true, timeInForce: 'ioc' }, 'exchange.order.invalid'],
    [{ side: 'buy', reduceOnly: true }, 'exchange.order.nothing-to-reduce'],
    [{ side: 'sell', reduceOnly: true }, null],
  ])('%j: %s', (fields, code) => {
    expect(codeOf(fields)).toBe(code)
  })

  test('C5: a price on a market order is refused, it would become an amount of quote', () => {
    expect(codeOf({ type: 'market', limitPrice: '100' })).toBe('exchange.order.invalid')
  })

  test.each(['NaN', '-1', '1e-3', ' 1', ''])('C6: a quantity of "%s" is no number here', (quantity) => {
    expect(() => refuseForm(givenOrder({ quantity }), rules)?.code ?? 'sent').not.toThrow()
    expect(codeOf({ quantity })).not.toBeNull()
  })

  test('a halted market takes nothing', () => {
    const halted = instrumentRules(givenInstrument({ status: 'halted' }))
    expect(refuseForm(givenOrder(), halted)?.code).toBe('exchange.order.instrument-halted')
  })
})

describe('C19: numbers leave as the texts they came as', () => {
  test('a market order', () => {
    expect(orderParams(givenOrder({ quantity: '0.00000001' }), 'BTCUSDT', '0.00000001')).toEqual({
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.00000001',
      newClientOrderId: 'order',
      newOrderRespType: 'FULL',
    })
  })

  test('a stop with a limit, and a post-only limit', () => {
    const stop = givenOrder({ type: 'stopLimit', side: 'sell', triggerPrice: '90', limitPrice: '89.5' })
    expect(orderParams(stop, 'BTCUSDT', '12345678.9')).toMatchObject({
      type: 'STOP_LOSS_LIMIT',
      side: 'SELL',
      quantity: '12345678.9',
      price: '89.5',
      stopPrice: '90',
      timeInForce: 'GTC',
    })
    const maker = orderParams(givenOrder({ type: 'limit', limitPrice: '90', postOnly: true }), 'BTCUSDT', '1')
    expect(maker).toMatchObject({ type: 'LIMIT_MAKER', price: '90' })
    expect(maker).not.toHaveProperty('timeInForce')
  })
})
