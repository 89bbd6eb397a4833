import { DefaultLogger, MainClient, WebsocketAPIClient, WebsocketClient, WS_KEY_MAP } from 'binance'
import { expect, it } from 'vitest'
import { arrival, rehearse, restingPrice } from './rehearsal.js'

type Row = Readonly<Record<string, unknown>>

const { venue } = rehearse()
const logger = { ...DefaultLogger, trace() {}, info() {}, error() {} }

function client(): MainClient {
  const { apiKey, secret } = venue().keys
  return new MainClient({ api_key: apiKey, api_secret: secret, baseUrl: venue().url, beautifyResponses: false })
}

it('reads markets, candles, the book and trades', async () => {
  const main = client()
  const info = await main.getExchangeInfo({ symbol: 'BTCUSDT' })
  expect(info.symbols[0]).toMatchObject({ symbol: 'BTCUSDT', status: 'TRADING' })
  const candles = await main.getKlines({ symbol: 'BTCUSDT', interval: '1m', limit: 5 })
  expect(candles).toHaveLength(5)
  const book = await main.getOrderBook({ symbol: 'BTCUSDT', limit: 10 })
  expect(Number(book.bids[0]?.[0])).toBeLessThan(Number(book.asks[0]?.[0]))
  expect((await main.getRecentTrades({ symbol: 'BTCUSDT' })).length).toBeGreaterThan(0)
})

it('places and cancels by REST', async () => {
  const main = client()
  const book = await main.getOrderBook({ symbol: 'BTCUSDT', limit: 5 })
  const placed = await main.submitNewOrder({
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: 0.001,
    price: Number(restingPrice(String(book.bids[0]?.[0]))),
    newClientOrderId: 'x-U5D79M5Bvenue1',
    newOrderRespType: 'FULL',
  })
  expect(placed).toMatchObject({ clientOrderId: 'x-U5D79M5Bvenue1', status: 'NEW', fills: [] })
  const canceled = await main.cancelOrder({ symbol: 'BTCUSDT', origClientOrderId: 'x-U5D79M5Bvenue1' })
  expect(canceled).toMatchObject({ origClientOrderId: 'x-U5D79M5Bvenue1', status: 'CANCELED' })
})

it('streams trades, candles, aggregated trades and the book', async () => {
  const heard: Row[] = []
  const streams = new WebsocketClient({ wsUrl: venue().wsUrl, beautify: false }, logger)
  streams.on('message', (data) => heard.push(data as unknown as Row))
  const topics = ['btcusdt@trade', 'btcusdt@kline_1m', 'btcusdt@depth@100ms', 'btcusdt@aggTrade']
  await streams.subscribe(topics, WS_KEY_MAP.main)
  const eventOf = (row: Row) => (Object(row['data'] ?? row) as Row)['e']
  for (const kind of ['trade', 'kline', 'depthUpdate', 'aggTrade']) {
    await arrival(() => heard.find((it) => eventOf(it) === kind), `a ${kind}`)
  }
  streams.closeAll(true)
})

it('orders over the WebSocket API and hears of it', async () => {
  const { apiKey, secret } = venue().keys
  const heard: Row[] = []
  const api = new WebsocketAPIClient(
    { api_key: apiKey, api_secret: secret, wsUrl: venue().wsUrl, beautify: false, attachEventListeners: false },
    logger,
  )
  api.getWSClient().on('message', (data) => heard.push(data as unknown as Row))
  await api.subscribeUserDataStream(WS_KEY_MAP.mainWSAPI)
  // Its types do not know the timestamp that it wants to be given.
  const order = {
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'MARKET',
    quantity: 0.001,
    newClientOrderId: 'x-QJ6WSMZXvenue2',
    timestamp: Date.now(),
  } as const
  const reply = await api.submitNewSpotOrder(order)
  expect(reply).toMatchObject({ status: 200, result: { status: 'FILLED' } })
  const eventOf = (row: Row) => Object(row['event'] ?? row) as Row
  const filled = await arrival(
    () => heard.map(eventOf).find((it) => it['e'] === 'executionReport' && it['X'] === 'FILLED'),
    'the fill',
  )
  expect(filled).toMatchObject({ c: 'x-QJ6WSMZXvenue2', s: 'BTCUSDT' })
  await arrival(() => heard.map(eventOf).find((it) => it['e'] === 'outboundAccountPosition'), 'the balances')
  api.getWSClient().closeAll(true)
})
