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

const limit = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '40000', quantity: '0.1' } as const

it('S1: a client id is unique among open orders, and free again after', () => {
  const { world, place } = givenWorld()
  place({ ...limit, newClientOrderId: 'x' })
  expect(() => place({ ...limit, newClientOrderId: 'x' })).toThrow('-2010 Duplicate order sent.')
  world.spot.cancel('bot', { symbol: 'BTCUSDT', origClientOrderId: 'x' })
  expect(place({ ...limit, newClientOrderId: 'x' })).toMatchObject({ orderId: 2 })
  expect(world.spot.order('bot', { symbol: 'BTCUSDT', origClientOrderId: 'x' })).toMatchObject({ orderId: 2 })
  expect(world.spot.order('bot', { symbol: 'BTCUSDT', orderId: '1' })).toMatchObject({ status: 'CANCELED' })
})

it('S2: refuses what the free balance does not cover, and leaves no trace of it', () => {
  const { world, place, told } = givenWorld()
  expect(() => place({ ...limit, quantity: '10' })).toThrow(
    '-2010 Account has insufficient balance for requested action.',
  )
  expect(world.truth().accounts[0]?.orders).toEqual([])
  expect(told).toEqual([])
  expect(world.spot.allOrders('bot', { symbol: 'BTCUSDT' })).toEqual([])
})

const stop = { side: 'SELL', type: 'STOP_LOSS', quantity: '0.1', stopPrice: '40000', newClientOrderId: 's' } as const

it('S3: a stop sleeps with w false, is refused when the price is through, and wakes on a trade', () => {
  const { world, place, told, story } = givenWorld()
  expect(() => place({ ...stop, stopPrice: '41000' })).toThrow('-2010 Stop price would trigger immediately.')
  place(stop)
  expect(told[0]?.fields).toMatchObject({ x: 'NEW', X: 'NEW', w: false, P: '40000.00000000' })
  expect(world.spot.openOrders('bot', {})).toMatchObject([{ isWorking: false, stopPrice: '40000.00000000' }])
  world.movePrice('spot', 'BTCUSDT', '40000.01')
  expect(story()).toEqual(['NEW NEW', 'outboundAccountPosition'])
  world.movePrice('spot', 'BTCUSDT', '39999')
  expect(story().slice(2)).toEqual(['NEW NEW', 'TRADE FILLED', 'outboundAccountPosition'])
  expect(told[2]?.fields).toMatchObject({ w: true })
  const [trade] = world.spot.myTrades('bot', { symbol: 'BTCUSDT' })
  expect(Number(trade?.['price'])).toBeGreaterThan(39_980)
  expect(Number(trade?.['price'])).toBeLessThan(39_999)
})

it('follows the market with a trailing stop', () => {
  const { world, place } = givenWorld()
  place({ side: 'SELL', type: 'STOP_LOSS', quantity: '0.1', trailingDelta: '100' })
  world.movePrice('spot', 'BTCUSDT', '44000')
  world.movePrice('spot', 'BTCUSDT', '43570')
  expect(world.spot.openOrders('bot', {})).toHaveLength(1)
  world.movePrice('spot', 'BTCUSDT', '43560')
  expect(world.spot.openOrders('bot', {})).toHaveLength(0)
  expect(() => place({ side: 'SELL', type: 'STOP_LOSS', quantity: '0.1', trailingDelta: '5' })).toThrow(
    'TRAILING_DELTA',
  )
})

it('S6: takes fees in what is received, or in BNB for a quarter less', () => {
  const plain = givenWorld()
  plain.place({ side: 'BUY', type: 'MARKET', quantity: '0.1' })
  plain.place({ side: 'SELL', type: 'MARKET', quantity: '0.05' })
  expect(plain.world.spot.myTrades('bot', { symbol: 'BTCUSDT' })).toMatchObject([
    { commission: '0.00010000', commissionAsset: 'BTC' },
    { commission: '2.04386600', commissionAsset: 'USDT' },
  ])
  const accounts = [
    { id: 'bot', apiKey: 'k', secret: 's', balances: { USDT: '100000', BNB: '0.015' }, paysFeesInBnb: true },
  ]
  const coin = givenWorld({ accounts })
  const bnb = Number(coin.world.spot.avgPrice({ symbol: 'BNBUSDT' })['price'])
  coin.place({ side: 'BUY', type: 'MARKET', quantity: '0.1' })
  coin.place({ side: 'BUY', type: 'MARKET', quantity: '0.1' })
  const [first, second] = coin.world.spot.myTrades('bot', { symbol: 'BTCUSDT' })
  expect(first).toMatchObject({ commissionAsset: 'BNB' })
  expect(Number(first?.['commission'])).toBeCloseTo((4088.142 * 0.001 * 0.75) / bnb, 6)
  // The BNB is used up: the next fee comes out of what is bought.
  expect(second).toMatchObject({ commission: '0.00010000', commissionAsset: 'BTC' })
})

it('S10: counts unfilled orders, forgets those that fill, and refuses one too many', () => {
  const { world, place, clock } = givenWorld({ orderLimits: { per10Seconds: 3, perDay: 100 } })
  place({ side: 'BUY', type: 'MARKET', quantity: '0.001' })
  expect(world.spot.orderRateLimit('bot').map((it) => it.count)).toEqual([0, 0])
  expect(() => place({ ...limit, quantity: '10' })).toThrow('-2010')
  expect(world.spot.orderRateLimit('bot').map((it) => it.count)).toEqual([0, 0])
  for (let index = 0; index < 3; index += 1) place(limit)
  expect(world.spot.orderRateLimit('bot')).toMatchObject([
    { interval: 'SECOND', intervalNum: 10, limit: 3, count: 3 },
    { count: 3 },
  ])
  expect(() => place(limit)).toThrow('-1015 Too many new orders; current limit is 3 orders per 10 SECOND.')
  return clock.advanceBy(10_000).then(() => expect(place(limit)).toMatchObject({ status: 'NEW' }))
})

it('S11: reads lag the engine, and never go back', async () => {
  const { world, place, clock } = givenWorld({ indexingLagMs: { from: 50, to: 50 } })
  place({ ...limit, newClientOrderId: 'x' })
  const order = () => world.spot.order('bot', { symbol: 'BTCUSDT', origClientOrderId: 'x' })
  expect(order).toThrow('-2013 Order does not exist.')
  expect(world.spot.openOrders('bot', {})).toEqual([])
  await clock.advanceBy(50)
  expect(order()).toMatchObject({ status: 'NEW' })
  expect(() => world.spot.order('bot', { symbol: 'BTCUSDT', origClientOrderId: 'x' }, { extraLagMs: 10 })).toThrow(
    '-2013',
  )
  world.spot.cancel('bot', { symbol: 'BTCUSDT', origClientOrderId: 'x' })
  expect(order()).toMatchObject({ status: 'NEW' })
  expect(world.spot.openOrders('bot', {})).toHaveLength(1)
  place({ ...limit, newClientOrderId: 'x' })
  // The id is taken anew, but the records still know the first one.
  expect(order()).toMatchObject({ orderId: 1 })
  await clock.advanceBy(50)
  expect(order()).toMatchObject({ orderId: 2, status: 'NEW' })
  expect(world.spot.order('bot', { symbol: 'BTCUSDT', orderId: '1' })).toMatchObject({ status: 'CANCELED' })
})

it('S12: market and user data have delays of their own', async () => {
  const { world, place, told, clock } = givenWorld({
    marketDelayMs: { from: 20, to: 20 },
    userDelayMs: { from: 70, to: 70 },
  })
  const seen: string[] = []
  world.onMarket((event) => seen.push(event.type))
  place({ side: 'BUY', type: 'MARKET', quantity: '0.1' })
  expect([seen, told]).toEqual([[], []])
  await clock.advanceBy(20)
  expect(seen).toEqual(['trade', 'aggTrade', 'bookTicker'])
  expect(told).toEqual([])
  await clock.advanceBy(50)
  expect(told).toHaveLength(3)
})

it('S13: a halted symbol takes no orders and does not move; its orders can be canceled', () => {
  const { world, place } = givenWorld()
  place({ ...stop, newClientOrderId: 's' })
  world.setStatus('spot', 'BTCUSDT', 'HALT')
  expect(world.spot.exchangeInfo({ symbol: 'BTCUSDT' })['symbols']).toMatchObject([{ status: 'HALT' }])
  expect(() => place(limit)).toThrow('-1013 Market is closed.')
  world.movePrice('spot', 'BTCUSDT', '39000')
  expect(world.spot.openOrders('bot', {})).toHaveLength(1)
  world.setStatus('spot', 'BTCUSDT', 'BREAK')
  expect(() => world.spot.cancel('bot', { symbol: 'BTCUSDT', origClientOrderId: 's' })).toThrow(
    '-1013 Market is closed.',
  )
  world.setStatus('spot', 'BTCUSDT', 'CANCEL_ONLY')
  world.spot.cancel('bot', { symbol: 'BTCUSDT', origClientOrderId: 's' })
  world.setStatus('spot', 'BTCUSDT', 'TRADING')
  expect(place(limit)).toMatchObject({ symbol: 'BTCUSDT' })
})

it('ends what would trade with itself, as EXPIRED_IN_MATCH', () => {
  const { place, told } = givenWorld()
  place({ ...limit, price: '40880', newClientOrderId: 'maker' })
  const reply = place({ ...limit, side: 'SELL', price: '40880', newClientOrderId: 'taker' })
  expect(reply).toMatchObject({ status: 'EXPIRED_IN_MATCH', executedQty: '0.00000000' })
  expect(told.some((it) => it.fields['x'] === 'TRADE_PREVENTION' && it.fields['c'] === 'taker')).toBe(true)
})

it('lets two accounts trade, and shows one public trade', () => {
  const { world, place, told } = givenWorld()
  place({ ...limit, side: 'SELL', price: '40880', newClientOrderId: 'maker' })
  const before = Number(world.spot.trades({ symbol: 'BTCUSDT', limit: '1' })[0]?.['id'])
  const taken = world.spot.place('other', { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.04' })
  expect(taken).toMatchObject({ fills: [{ price: '40880.00000000', tradeId: before + 1 }] })
  expect(told.find((it) => it.fields['x'] === 'TRADE')?.fields).toMatchObject({
    X: 'PARTIALLY_FILLED',
    m: true,
    t: before + 1,
    z: '0.04000000',
  })
  expect(world.spot.trades({ symbol: 'BTCUSDT', limit: '5' }).at(-1)).toMatchObject({
    id: before + 1,
    isBuyerMaker: false,
  })
})

it('spends an amount of quote, and no more', () => {
  const { place } = givenWorld()
  const reply = place({ side: 'BUY', type: 'MARKET', quoteOrderQty: '1000' })
  expect(reply).toMatchObject({ status: 'FILLED', origQuoteOrderQty: '1000.00000000' })
  expect(Number(reply['cummulativeQuoteQty'])).toBeLessThanOrEqual(1_000)
  expect(Number(reply['cummulativeQuoteQty'])).toBeGreaterThan(999)
  expect(() => place({ side: 'BUY', type: 'MARKET', quoteOrderQty: '1' })).toThrow('-1013 Filter failure: NOTIONAL')
})

it('cancels and replaces, and says which half failed', () => {
  const { world, place } = givenWorld()
  place({ ...limit, newClientOrderId: 'x' })
  const replace = (params: Record<string, string>) =>
    world.spot.cancelReplace('bot', { symbol: 'BTCUSDT', cancelReplaceMode: 'STOP_ON_FAILURE', ...limit, ...params })
  expect(replace({ cancelOrigClientOrderId: 'x', newClientOrderId: 'y' })).toMatchObject({
    cancelResult: 'SUCCESS',
    newOrderResult: 'SUCCESS',
    cancelResponse: { origClientOrderId: 'x' },
    newOrderResponse: { clientOrderId: 'y' },
  })
  expect(() => replace({ cancelOrigClientOrderId: 'x' })).toThrow('-2022 Order cancel-replace failed.')
  const allowed = { cancelReplaceMode: 'ALLOW_FAILURE', cancelOrigClientOrderId: 'x', newClientOrderId: 'z' }
  expect(() => replace(allowed)).toThrow('-2021 Order cancel-replace partially failed.')
  expect(world.spot.openOrders('bot', {}).map((it) => it['clientOrderId'])).toEqual(['y', 'z'])
})
