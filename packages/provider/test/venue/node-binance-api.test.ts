import Binance from 'node-binance-api'
import { expect, it } from 'vitest'
import { arrival, rehearse, restingPrice } from './rehearsal.js'

type Row = Readonly<Record<string, unknown>>

const { venue } = rehearse()

function client(): Binance {
  const { apiKey, secret } = venue().keys
  const { url, wsUrl } = venue()
  const api = new Binance({
    APIKEY: apiKey,
    APISECRET: secret,
    reconnect: false,
    log: () => {},
    urls: {
      base: `${url}/api/`,
      sapi: `${url}/sapi/`,
      stream: `${wsUrl}/ws/`,
      combineStream: `${wsUrl}/stream?streams=`,
    },
  })
  api.wsApi = `${wsUrl}/ws-api/v3`
  return api
}

it('reads markets, candles, the book and trades', async () => {
  const api = client()
  const info = (await api.exchangeInfo()) as unknown as { readonly symbols: readonly Row[] }
  expect(info.symbols.map((it) => it['symbol'])).toContain('BTCUSDT')
  expect(await api.candlesticks('BTCUSDT', '1m', { limit: 5 })).toHaveLength(5)
  const book = (await api.depth('BTCUSDT', 10)) as unknown as { readonly bids: readonly Row[] }
  expect(book.bids).toHaveLength(10)
  expect((await api.recentTrades('BTCUSDT', 10)).length).toBeGreaterThan(0)
})

it('streams trades, candles and the book', async () => {
  const api = client()
  const heard: Row[] = []
  const take = (event: Row) => void heard.push(event)
  const endpoints = [
    api.websockets.trades(['BTCUSDT'], take),
    api.websockets.candlesticks(['BTCUSDT'], '1m', take),
    api.websockets.depth(['BTCUSDT'], take),
  ]
  for (const kind of ['trade', 'kline', 'depthUpdate']) {
    await arrival(() => heard.find((it) => it['e'] === kind), `a ${kind}`)
  }
  for (const endpoint of endpoints) api.websockets.terminate(String(endpoint))
})

it('places, hears of it, and cancels', async () => {
  const api = client()
  const heard: Row[] = []
  let isSubscribed = false
  api.websockets.userData(
    (event: Row) => void heard.push(event),
    undefined,
    undefined,
    () => {
      isSubscribed = true
    },
  )
  await arrival(() => isSubscribed || undefined, 'the subscription')
  const price = Number(restingPrice(await bestBidOf(api)))
  const placed = await api.buy('BTCUSDT', 0.001, price, { newClientOrderId: 'node-api-1' })
  expect(placed).toMatchObject({ clientOrderId: 'node-api-1', status: 'NEW' })
  await arrival(() => heard.find((it) => it['e'] === 'executionReport' && it['X'] === 'NEW'), 'the report of NEW')
  const canceled = await api.cancel('BTCUSDT', placed.orderId)
  expect(canceled).toMatchObject({ origClientOrderId: 'node-api-1', status: 'CANCELED' })
  const gone = await arrival(() => heard.find((it) => it['X'] === 'CANCELED'), 'the report of CANCELED')
  expect(gone).toMatchObject({ C: 'node-api-1' })
  api.terminateWsApi('userData')
})

async function bestBidOf(api: Binance): Promise<string> {
  const ticker = (await api.bookTickers('BTCUSDT')) as unknown as Readonly<Record<string, Row>>
  return String(Object(ticker['BTCUSDT'] ?? ticker)['bidPrice'])
}
