import { anInstrument, anOrder } from '@barfinex/core/testing'
import { expect, it } from 'vitest'
import { createMatchingEngine } from './matching-engine.js'

const btc = anInstrument({
  stepSize: '0.001',
  minQuantity: '0.001',
  minNotional: '0',
  makerFeeBps: '10',
  takerFeeBps: '10',
})
const coin = { ...btc, symbol: 'BNB/USDT', base: 'BNB' }
const swap = { ...btc, symbol: 'BTC/USDT:USDT', kind: 'swap' } as const

function given(bnb = '1') {
  const engine = createMatchingEngine({
    instruments: [btc, coin, swap],
    feeAsset: 'received',
    feeCoin: { asset: 'BNB', discountBps: 2_500 },
    leverage: 5,
  })
  engine.deposit('ann', 'USDT', '1000')
  engine.deposit('ann', 'BNB', bnb)
  for (const { symbol } of [btc, swap]) engine.quote(symbol, 99, 100, 5, 5, 1)
  engine.print('BNB/USDT', 50, 0, 'buy', 1)
  return engine
}

const buy = (clientOrderId: string, symbol = btc.symbol) => anOrder({ clientOrderId, symbol, quantity: '1' })
const free = (engine: ReturnType<typeof given>, asset: string) =>
  engine.snapshot('ann', 0).balances.find((it) => it.asset === asset)?.free

it('takes fees in the coin an account has chosen, for less, and falls back when there is too little of it', () => {
  const engine = given('0.002')
  engine.payFeeCoin('ann', true)
  // A tenth of a percent of 100 is 0.1; a quarter less at 50 a coin is 0.0015.
  expect(engine.submit('ann', buy('first'), 2)).toContainEqual(
    expect.objectContaining({ fee: '0.0015', feeAsset: 'BNB' }),
  )
  expect(free(engine, 'BNB')).toBe('0.0005')
  expect(engine.submit('ann', buy('second'), 3)).toContainEqual(
    expect.objectContaining({ fee: '0.001', feeAsset: 'BTC' }),
  )
  engine.payFeeCoin('ann', false)
  for (const asset of ['USDT', 'BTC', 'BNB']) expect(engine.audit(asset).difference).toBe('0')
})

it('shows the book with our participants in it, best first', () => {
  const engine = given()
  const limit = { type: 'limit', limitPrice: '99', quantity: '2' } as const
  engine.submit('ann', anOrder({ clientOrderId: 'a', symbol: btc.symbol, ...limit }), 2)
  engine.submit(
    'ann',
    anOrder({ clientOrderId: 'b', symbol: btc.symbol, ...limit, limitPrice: '98', quantity: '1' }),
    2,
  )
  expect(engine.levels(btc.symbol, 'buy', 9)).toEqual([
    { price: '99', quantity: '7' },
    { price: '98', quantity: '1' },
  ])
  expect(engine.levels(btc.symbol, 'sell', 9)).toEqual([{ price: '100', quantity: '5' }])
  expect(engine.levels(btc.symbol, 'buy', 1)).toHaveLength(1)
})

it('gives back what is free, and no more', () => {
  const engine = given()
  engine.submit(
    'ann',
    anOrder({ clientOrderId: 'a', symbol: btc.symbol, type: 'limit', limitPrice: '90', quantity: '10' }),
    2,
  )
  expect(engine.withdraw('ann', 'USDT', '100.01')).toBe(false)
  expect(engine.withdraw('ann', 'USDT', '100')).toBe(true)
  expect(free(engine, 'USDT')).toBe('0')
  expect(engine.withdraw('nobody', 'USDT', '1')).toBe(false)
  expect(engine.audit('USDT')).toEqual({ deposited: '900', fees: '0', difference: '0' })
})

it('changes the leverage of a contract where the margin suffices', () => {
  const engine = given()
  engine.submit('ann', anOrder({ clientOrderId: 'a', symbol: swap.symbol, quantity: '4' }), 2)
  expect(free(engine, 'USDT')).toBe('919.6')
  expect(engine.lever('ann', swap.symbol, 1)).toBe(true)
  expect(free(engine, 'USDT')).toBe('599.6')
  expect(engine.lever('ann', swap.symbol, 10)).toBe(true)
  expect(engine.withdraw('ann', 'USDT', '900')).toBe(true)
  expect(engine.lever('ann', swap.symbol, 1)).toBe(false)
  expect(free(engine, 'USDT')).toBe('59.6')
  expect(() => engine.lever('ann', swap.symbol, 0)).toThrow('leverage is a whole number')
})

it('pays funding both ways and still adds up', () => {
  const engine = given()
  engine.fund('ann', swap.symbol, '-1.25')
  expect(free(engine, 'USDT')).toBe('998.75')
  engine.fund('ann', swap.symbol, '2.5')
  expect(free(engine, 'USDT')).toBe('1001.25')
  expect(engine.audit('USDT').difference).toBe('0')
})
