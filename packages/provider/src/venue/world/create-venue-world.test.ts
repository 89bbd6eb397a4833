import { expect, it } from 'vitest'
import { givenWorld } from './given-world.js'

it('places, fills, tells and lists a market order', () => {
  const { world, place, story, told } = givenWorld()
  const reply = place({ side: 'BUY', type: 'MARKET', quantity: '0.5', newClientOrderId: 'a' })
  expect(reply).toMatchObject({
    orderId: 1,
    clientOrderId: 'a',
    status: 'FILLED',
    executedQty: '0.50000000',
    cummulativeQuoteQty: '20440.71000000',
    fills: [
      { price: '40881.42000000', qty: '0.50000000', commission: '0.00050000', commissionAsset: 'BTC', tradeId: 2 },
    ],
  })
  expect(story()).toEqual(['NEW NEW', 'TRADE FILLED', 'outboundAccountPosition'])
  expect(told.at(-1)?.fields['B']).toEqual([
    { a: 'USDT', f: '79559.29000000', l: '0.00000000' },
    { a: 'BTC', f: '2.49950000', l: '0.00000000' },
  ])
  expect(world.spot.openOrders('bot', {})).toEqual([])
  expect(world.spot.order('bot', { symbol: 'BTCUSDT', origClientOrderId: 'a' })).toMatchObject({ status: 'FILLED' })
  expect(world.spot.myTrades('bot', { symbol: 'BTCUSDT' })).toMatchObject([
    { id: 2, qty: '0.50000000', isMaker: false },
  ])
  expect(world.spot.trades({ symbol: 'BTCUSDT', limit: '1' })).toMatchObject([{ id: 2, isBuyerMaker: false }])
  expect(world.spot.bookTicker({ symbol: 'BTCUSDT' })).toMatchObject({ askQty: '0.72311000', bidQty: '1.22311000' })
})

it('rests a limit, locks what it needs, and gives it back when it is canceled', () => {
  const { world, place, story, told } = givenWorld()
  place({ side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '40000', quantity: '0.1', newClientOrderId: 'b' })
  const locked = () => (world.spot.account('bot', {})['balances'] as { asset: string; locked: string }[])[0]?.locked
  expect(locked()).toBe('4000.00000000')
  expect(world.book('spot', 'BTCUSDT').bids.at(-1)).toEqual(['40000.00000000', '0.10000000'])
  expect(world.spot.openOrders('bot', { symbol: 'BTCUSDT' })).toMatchObject([{ status: 'NEW', isWorking: true }])
  const canceled = world.spot.cancel('bot', { symbol: 'BTCUSDT', origClientOrderId: 'b', newClientOrderId: 'c' })
  expect(canceled).toMatchObject({ origClientOrderId: 'b', clientOrderId: 'c', status: 'CANCELED' })
  expect(told.find((it) => it.fields['x'] === 'CANCELED')?.fields).toMatchObject({ c: 'c', C: 'b' })
  expect(locked()).toBe('0.00000000')
  expect(story()).toEqual(['NEW NEW', 'outboundAccountPosition', 'CANCELED CANCELED', 'outboundAccountPosition'])
  expect(() => world.spot.cancel('bot', { symbol: 'BTCUSDT', origClientOrderId: 'b' })).toThrow(
    '-2011 Unknown order sent.',
  )
})
