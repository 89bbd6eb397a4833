import { schemas } from '@barfinex/core'
import { expect, test } from 'vitest'
import { listingOf } from './instruments.js'
import { symbolReply } from './reply-schemas.js'

const fees = { maker: '0.00080000', taker: '0.00100000' }

const reply = (over: Readonly<Record<string, unknown>> = {}, filters: Readonly<Record<string, unknown>>[] = []) =>
  symbolReply.parse({
    symbol: 'BTCUSDT',
    status: 'TRADING',
    baseAsset: 'BTC',
    quoteAsset: 'USDT',
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT'],
    isSpotTradingAllowed: true,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
      { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
      { filterType: 'MARKET_LOT_SIZE', minQty: '0.00000000', maxQty: '71.13430758', stepSize: '0.00000000' },
      { filterType: 'NOTIONAL', minNotional: '5.00000000', maxNotional: '9000000.00000000' },
      { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: 5 },
      ...filters,
    ],
    ...over,
  })

test('the rules are the filters, exactly', () => {
  const listing = listingOf('binance', reply(), fees, null)
  expect(listing).toMatchObject({ marketId: 'BTCUSDT', symbol: 'BTC/USDT' })
  expect(listing?.instrument).toEqual(schemas.instrument.parse(listing?.instrument))
  expect(listing?.instrument).toEqual({
    symbol: 'BTC/USDT',
    exchange: 'binance',
    kind: 'spot',
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    tickSize: '0.01',
    stepSize: '0.00001',
    minQuantity: '0.00001',
    maxQuantity: '71.13430758',
    minNotional: '5',
    maxNotional: '9000000',
    maxStopOrders: 5,
    makerFeeBps: '8',
    takerFeeBps: '10',
    status: 'trading',
    revision: 1,
  })
})

test.each([
  ['TRADING', 'trading'],
  ['CANCEL_ONLY', 'cancelOnly'],
  ['HALT', 'halted'],
  ['BREAK', 'halted'],
  ['A_STATUS_OF_TOMORROW', 'halted'],
])('status %s means %s', (status, means) => {
  expect(listingOf('binance', reply({ status }), fees, null)?.instrument.status).toBe(means)
})

test('a rule that changes counts the revision up, and only then', () => {
  const before = listingOf('binance', reply(), fees, null)?.instrument ?? null
  expect(listingOf('binance', reply(), fees, before)?.instrument.revision).toBe(1)
  expect(listingOf('binance', reply({ status: 'HALT' }), fees, before)?.instrument.revision).toBe(2)
})

test('a market without a tick or a step is not served', () => {
  const lot = { filterType: 'LOT_SIZE', minQty: '0', maxQty: '1', stepSize: '0.00000000' }
  expect(listingOf('binance', reply({ filters: [lot] }), fees, null)).toBeNull()
  expect(listingOf('binance', reply({ isSpotTradingAllowed: false }), fees, null)).toBeNull()
})
