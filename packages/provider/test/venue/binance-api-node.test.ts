import BinanceApi, { type BinanceRest, OrderSide, OrderType, TimeInForce } from 'binance-api-node'
import { expect, it } from 'vitest'
import { arrival, rehearse, restingPrice } from './rehearsal.js'

type Row = Readonly<Record<string, unknown>>

const { venue } = rehearse()

function client(): BinanceRest {
  // The types say a function; a program that loads it as CommonJS gets it under `default`.
  const make = (Object(BinanceApi)['default'] ?? BinanceApi) as typeof BinanceApi
  const { apiKey, secret: apiSecret } = venue().keys
  const { url, wsUrl } = venue()
  return make({ apiKey, apiSecret, httpBase: url, wsBase: `${wsUrl}/ws`, wsApi: `${wsUrl}/ws-api/v3` })
}

it('reads markets, candles, the book and trades', async () => {
  const api = client()
  const info = await api.exchangeInfo()
  expect(info.symbols.map((it: { readonly symbol: string }) => it.symbol)).toContain('BTCUSDT')
  expect(await api.candles({ symbol: 'BTCUSDT', interval: '1m', limit: 5 })).toHaveLength(5)
  const book = (await api.book({ symbol: 'BTCUSDT' })) as unknown as { readonly bids: readonly { price: string }[] }
  expect(Number(book.bids[0]?.price)).toBeGreaterThan(0)
  expect((await api.trades({ symbol: 'BTCUSDT' })).length).toBeGreaterThan(0)
})

it('streams trades, candles and the book', async () => {
  const api = client()
  const heard: string[] = []
  const take = (event: { readonly eventType: string }) => void heard.push(event.eventType)
  const stops = [api.ws.trades('BTCUSDT', take), api.ws.candles('BTCUSDT', '1m', take), api.ws.depth('BTCUSDT', take)]
  for (const kind of ['trade', 'kline', 'depthUpdate']) {
    await arrival(() => heard.includes(kind) || undefined, `a ${kind}`)
  }
  for (const stop of stops) stop({ keepClosed: true })
})

it('places, hears of it, and cancels', async () => {
  const api = client()
  const heard: Row[] = []
  const stop = await api.ws.user((event: Row) => void heard.push(event))
  const { bids } = (await api.book({ symbol: 'BTCUSDT' })) as unknown as { readonly bids: readonly { price: string }[] }
  const placed = await api.order({
    symbol: 'BTCUSDT',
    side: OrderSide.BUY,
    type: OrderType.LIMIT,
    timeInForce: TimeInForce.GTC,
    quantity: '0.001',
    price: restingPrice(bids[0]?.price ?? ''),
    newClientOrderId: 'api-node-1',
  })
  expect(placed).toMatchObject({ clientOrderId: 'api-node-1', status: 'NEW' })
  const report = (status: string) =>
    arrival(
      () => heard.find((it) => it['eventType'] === 'executionReport' && it['orderStatus'] === status),
      `the report of ${status}`,
    )
  expect(await report('NEW')).toMatchObject({ newClientOrderId: 'api-node-1' })
  const canceled = await api.cancelOrder({ symbol: 'BTCUSDT', orderId: placed.orderId })
  expect(canceled).toMatchObject({ origClientOrderId: 'api-node-1', status: 'CANCELED' })
  expect(await report('CANCELED')).toMatchObject({ originalClientOrderId: 'api-node-1' })
  stop({ keepClosed: true })
})
