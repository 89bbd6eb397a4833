import { expect, it } from 'vitest'
import { givenWorld } from './given-world.js'

const hour = 3_600_000

function given() {
  const it = givenWorld({ symbols: ['BTC/USDT'], perpetuals: ['BTC/USDT:USDT'] })
  const { usdm } = it.world
  const price = Number((usdm.tickerPrice({ symbol: 'BTCUSDT' }) as Record<string, unknown>)['price'])
  const place = (params: Record<string, string>) => usdm.place('bot', { symbol: 'BTCUSDT', ...params })
  const position = () => usdm.positionRisk('bot', { symbol: 'BTCUSDT' })[0] as Record<string, string>
  return { ...it, usdm, price, place, position }
}

const tick = (price: number) => price.toFixed(2)

it('opens, levers, closes and books the result of a position', () => {
  const { usdm, place, position, told, world } = given()
  expect(usdm.leverage('bot', { symbol: 'BTCUSDT', leverage: '10' })).toMatchObject({ leverage: 10 })
  place({ side: 'BUY', type: 'MARKET', quantity: '0.5' })
  expect(position()).toMatchObject({ positionAmt: '0.5', leverage: '10', marginType: 'cross' })
  expect(told.map((it) => it.type)).toEqual([
    'ACCOUNT_CONFIG_UPDATE',
    'ORDER_TRADE_UPDATE',
    'ACCOUNT_UPDATE',
    'ORDER_TRADE_UPDATE',
  ])
  const entry = Number(position()['entryPrice'])
  world.movePrice('usdm', 'BTCUSDT', tick(entry * 1.01))
  expect(Number(position()['unRealizedProfit'])).toBeCloseTo(entry * 0.01 * 0.5, -1)
  place({ side: 'SELL', type: 'MARKET', quantity: '0.5', reduceOnly: 'true' })
  expect(position()['positionAmt']).toBe('0')
  const [, sell] = usdm.userTrades('bot', { symbol: 'BTCUSDT' })
  const paid = usdm.userTrades('bot', { symbol: 'BTCUSDT' }).reduce((sum, it) => sum + Number(it['commission']), 0)
  expect(Number(usdm.balance('bot')[0]?.['balance'])).toBeCloseTo(10_000 + Number(sell?.['realizedPnl']) - paid, 6)
  expect(told.at(-1)?.fields['o']).toMatchObject({ x: 'TRADE', X: 'FILLED', rp: sell?.['realizedPnl'], R: true })
})

it('keeps reduce-only orders from ever turning a position', () => {
  const { place, position, usdm, world } = given()
  expect(() => place({ side: 'SELL', type: 'MARKET', quantity: '0.1', reduceOnly: 'true' })).toThrow(
    '-2022 ReduceOnly Order is rejected.',
  )
  place({ side: 'BUY', type: 'MARKET', quantity: '0.1' })
  const entry = Number(position()['entryPrice'])
  const stop = { side: 'SELL', type: 'STOP_MARKET', quantity: '0.1', reduceOnly: 'true' }
  place({ ...stop, stopPrice: tick(entry * 0.99) })
  place({ ...stop, stopPrice: tick(entry * 0.98) })
  world.movePrice('usdm', 'BTCUSDT', tick(entry * 0.97))
  expect(position()['positionAmt']).toBe('0')
  expect(usdm.openOrders('bot', {})).toEqual([])
  expect(usdm.allOrders('bot', { symbol: 'BTCUSDT' }).map((it) => it['status'])).toEqual([
    'FILLED',
    'FILLED',
    'EXPIRED',
  ])
})

it('refuses in the words of the perpetuals', () => {
  const { usdm, place, price } = given()
  const limit = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.1', price: tick(price * 0.9) }
  expect(() => place({ ...limit, quantity: '90' })).toThrow('-2019 Margin is insufficient.')
  expect(() => place({ ...limit, price: '40000.001' })).toThrow('-4014')
  expect(() => place({ ...limit, quantity: '0.00001' })).toThrow('-4164')
  expect(() => place({ ...limit, timeInForce: 'GTX', price: tick(price * 1.01) })).toThrow('-5022')
  expect(() => place({ side: 'SELL', type: 'STOP_MARKET', quantity: '0.1', stopPrice: tick(price * 1.1) })).toThrow(
    '-2021',
  )
  expect(() => place({ ...limit, positionSide: 'LONG' })).toThrow('-4061')
  expect(() => usdm.leverage('bot', { symbol: 'BTCUSDT', leverage: '500' })).toThrow('-4028')
  expect(() => usdm.order('bot', { symbol: 'BTCUSDT', origClientOrderId: 'none' })).toThrow('-2013')
  expect(usdm.openOrders('bot', {})).toEqual([])
})

it('cancels one order, and all', () => {
  const { usdm, place, price } = given()
  const limit = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.1', price: tick(price * 0.9) }
  place({ ...limit, newClientOrderId: 'a' })
  place({ ...limit, newClientOrderId: 'b' })
  expect(() => place({ ...limit, newClientOrderId: 'b' })).toThrow('-4116')
  expect(usdm.cancel('bot', { symbol: 'BTCUSDT', origClientOrderId: 'a' })).toMatchObject({ status: 'CANCELED' })
  expect(usdm.cancelAll('bot', { symbol: 'BTCUSDT' })).toMatchObject({ code: 200 })
  expect(usdm.openOrders('bot', {})).toEqual([])
  expect(() => usdm.cancel('bot', { symbol: 'BTCUSDT', origClientOrderId: 'b' })).toThrow('-2011')
})

it('pays funding on what is held, at the full eight hours', async () => {
  const { usdm, place, clock, told, world } = given()
  place({ side: 'SELL', type: 'MARKET', quantity: '0.5' })
  const before = Number(usdm.balance('bot')[0]?.['balance'])
  const premium = usdm.premiumIndex({ symbol: 'BTCUSDT' }) as Record<string, string>
  expect(Number(premium['nextFundingTime'])).toBe(Date.UTC(2026, 0, 5, 16))
  await clock.advanceBy(6 * hour)
  const [payment] = usdm.income('bot', { incomeType: 'FUNDING_FEE' })
  const expected = 0.5 * Number(premium['markPrice']) * Number(premium['lastFundingRate'])
  expect(Number(payment?.['income'])).toBeCloseTo(expected, 6)
  expect(Number(usdm.balance('bot')[0]?.['balance'])).toBeCloseTo(before + expected, 6)
  expect(told.at(-1)?.fields['a']).toMatchObject({ m: 'FUNDING_FEE' })
  expect(usdm.fundingRate({ symbol: 'BTCUSDT' })).toMatchObject([{ fundingRate: premium['lastFundingRate'] }])
  expect(world.truth().audit.every((it) => it.difference === '0')).toBe(true)
})

it('tells the same filters as it checks by', () => {
  const [symbol] = given().usdm.exchangeInfo({})['symbols'] as { filters: object[]; contractType: string }[]
  expect(symbol).toMatchObject({
    contractType: 'PERPETUAL',
    marginAsset: 'USDT',
    pricePrecision: 2,
    quantityPrecision: 5,
  })
  expect(symbol?.filters).toContainEqual({ filterType: 'MIN_NOTIONAL', notional: '5' })
})
