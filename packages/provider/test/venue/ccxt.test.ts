import { pro } from 'ccxt'
import { afterEach, expect, it } from 'vitest'
import { arrival, rehearse, restingPrice } from './rehearsal.js'

const { venue } = rehearse()
const open: InstanceType<typeof pro.binance>[] = []
afterEach(() => {
  // What ccxt waits for while it closes may never come (C9): the venue ends its sockets anyway.
  for (const exchange of open.splice(0)) void exchange.close().catch(() => {})
})

async function client(): Promise<InstanceType<typeof pro.binance>> {
  const { apiKey, secret } = venue().keys
  const { url, wsUrl } = venue()
  const api = { public: `${url}/api/v3`, private: `${url}/api/v3`, sapi: `${url}/sapi/v1` }
  const exchange = new pro.binance({
    apiKey,
    secret,
    options: {
      fetchMarkets: { types: ['spot'] },
      fetchMargins: false,
      fetchCurrencies: false,
      ws: { cost: 0.1 },
      broker: { spot: '' },
    },
    urls: { api: { ...api, ws: { spot: `${wsUrl}/stream/ws`, 'ws-api': { spot: `${wsUrl}/ws-api/v3` } } } },
  })
  await exchange.loadHttpProxyAgent()
  open.push(exchange)
  return exchange
}

it('reads markets, candles, the book, trades, tickers and the key', async () => {
  const exchange = await client()
  const markets = await exchange.loadMarkets()
  expect(markets['BTC/USDT']).toMatchObject({ id: 'BTCUSDT', spot: true, active: true })
  expect(await exchange.fetchOHLCV('BTC/USDT', '1m', undefined, 5)).toHaveLength(5)
  const book = await exchange.fetchOrderBook('BTC/USDT', 10)
  expect(Number(book.bids[0]?.[0])).toBeLessThan(Number(book.asks[0]?.[0]))
  expect((await exchange.fetchTrades('BTC/USDT')).length).toBeGreaterThan(0)
  expect((await exchange.fetchTicker('BTC/USDT')).last).toBeGreaterThan(0)
  const key: unknown = await Object(exchange).sapiGetAccountApiRestrictions()
  expect(key).toMatchObject({ enableWithdrawals: false, enableSpotAndMarginTrading: true })
})

it('watches trades, the book, candles and tickers', async () => {
  const exchange = await client()
  const [trades, book, candles, ticker] = await Promise.all([
    exchange.watchTrades('BTC/USDT'),
    exchange.watchOrderBook('BTC/USDT'),
    exchange.watchOHLCV('BTC/USDT', '1m'),
    exchange.watchTicker('BTC/USDT'),
  ])
  expect(trades[0]?.symbol).toBe('BTC/USDT')
  expect(Number(book.bids[0]?.[0])).toBeLessThan(Number(book.asks[0]?.[0]))
  expect(candles[0]).toHaveLength(6)
  expect(ticker.symbol).toBe('BTC/USDT')
})

it('places, hears of it, and cancels', async () => {
  const exchange = await client()
  const { bids } = await exchange.fetchOrderBook('BTC/USDT', 5)
  const price = Number(restingPrice(String(bids[0]?.[0])))
  const seen: string[] = []
  const watch = async (): Promise<void> => {
    for (;;) for (const it of await exchange.watchOrders()) seen.push(`${it.clientOrderId} ${it.status}`)
  }
  // When it is closed ccxt may leave this waiting for ever (C9): nobody waits for it here.
  void watch().catch(() => {})
  await arrival(() => Object.keys(exchange.clients).length > 0 || undefined, 'the socket')
  await arrival(() => (venue().control.sockets.count('api') > 0 ? true : undefined), 'the subscription')
  const clientOrderId = 'ccxt-1'
  const placed = await exchange.createOrder('BTC/USDT', 'limit', 'buy', 0.001, price, { clientOrderId })
  expect(placed.clientOrderId).toBe(clientOrderId)
  await exchange.cancelOrder(String(placed.id), 'BTC/USDT')
  await arrival(() => seen.find((it) => it === 'ccxt-1 canceled'), 'the report of the cancel')
  const market = await exchange.createOrder('BTC/USDT', 'market', 'buy', 0.001, undefined, { clientOrderId: 'ccxt-2' })
  expect(market.status).toBe('closed')
  expect((await exchange.fetchMyTrades('BTC/USDT')).map((it) => it.order)).toContain(market.id)
})
