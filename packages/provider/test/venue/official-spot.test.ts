import { Spot, SpotRestAPI, SpotWebsocketAPI } from '@binance/spot'
import { expect, it } from 'vitest'
import { arrival, rehearse, restingPrice } from './rehearsal.js'

type Row = Readonly<Record<string, unknown>>

const { venue } = rehearse()

function client(): Spot {
  const { apiKey, secret: apiSecret } = venue().keys
  return new Spot({
    configurationRestAPI: { apiKey, apiSecret, basePath: venue().url, retries: 0 },
    configurationWebsocketAPI: { apiKey, apiSecret, wsURL: `${venue().wsUrl}/ws-api/v3` },
    configurationWebsocketStreams: { wsURL: venue().wsUrl },
  })
}

it('reads markets, candles, the book and trades', async () => {
  const { restAPI } = client()
  const info = await (await restAPI.exchangeInfo({ symbol: 'BTCUSDT' })).data()
  expect(info.symbols?.[0]).toMatchObject({ symbol: 'BTCUSDT' })
  const interval = SpotRestAPI.KlinesIntervalEnum.INTERVAL_1m
  expect(await (await restAPI.klines({ symbol: 'BTCUSDT', interval, limit: 5 })).data()).toHaveLength(5)
  const book = await (await restAPI.depth({ symbol: 'BTCUSDT', limit: 10 })).data()
  expect(Number(book.bids?.[0]?.[0])).toBeLessThan(Number(book.asks?.[0]?.[0]))
  expect((await (await restAPI.getTrades({ symbol: 'BTCUSDT' })).data()).length).toBeGreaterThan(0)
})

it('places and cancels by REST', async () => {
  const { restAPI } = client()
  const book = await (await restAPI.depth({ symbol: 'BTCUSDT', limit: 10 })).data()
  const placed = await restAPI.newOrder({
    symbol: 'BTCUSDT',
    side: SpotRestAPI.NewOrderSideEnum.BUY,
    type: SpotRestAPI.NewOrderTypeEnum.LIMIT,
    timeInForce: SpotRestAPI.NewOrderTimeInForceEnum.GTC,
    quantity: 0.001,
    price: Number(restingPrice(book.bids?.[0]?.[0] ?? '')),
    newClientOrderId: 'official-1',
  })
  expect(await placed.data()).toMatchObject({ clientOrderId: 'official-1', status: 'NEW' })
  const canceled = await restAPI.deleteOrder({ symbol: 'BTCUSDT', origClientOrderId: 'official-1' })
  expect(await canceled.data()).toMatchObject({ status: 'CANCELED' })
})

it('streams trades, candles and the book', async () => {
  const streams = await client().websocketStreams.connect()
  const heard: Row[] = []
  const take = (data: object) => void heard.push(data as Row)
  streams.trade({ symbol: 'btcusdt' }).on('message', take)
  streams.kline({ symbol: 'btcusdt', interval: '1m' as never }).on('message', take)
  streams.diffBookDepth({ symbol: 'btcusdt', updateSpeed: '100ms' as never }).on('message', take)
  for (const kind of ['trade', 'kline', 'depthUpdate']) {
    await arrival(() => heard.find((it) => it['e'] === kind), `a ${kind}`)
  }
  await streams.disconnect()
})

it('orders over the WebSocket API and hears of it', async () => {
  const api = await client().websocketAPI.connect()
  const heard: Row[] = []
  const { stream } = await api.userDataStreamSubscribeSignature()
  stream.on('message', (data) => void heard.push(data as unknown as Row))
  const placed = await api.orderPlace({
    symbol: 'BTCUSDT',
    side: SpotWebsocketAPI.OrderPlaceSideEnum.BUY,
    type: SpotWebsocketAPI.OrderPlaceTypeEnum.MARKET,
    quantity: 0.001,
    newClientOrderId: 'official-2',
  })
  expect(placed.data).toMatchObject({ clientOrderId: 'official-2', status: 'FILLED' })
  const eventOf = (row: Row) => Object(row['event'] ?? row) as Row
  const filled = await arrival(
    () => heard.map(eventOf).find((it) => it['e'] === 'executionReport' && it['X'] === 'FILLED'),
    'the fill',
  )
  expect(filled).toMatchObject({ c: 'official-2' })
  await api.disconnect()
})
