import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { arrival, rehearse, restingPrice } from './rehearsal.js'

type Row = Readonly<Record<string, unknown>>

/** The parts of `@binance/connector` that are called here; it brings no types. */
interface SpotClient {
  exchangeInfo(options: object): Promise<{ data: { symbols: readonly Row[] } }>
  klines(symbol: string, interval: string, options: object): Promise<{ data: readonly (readonly unknown[])[] }>
  depth(symbol: string, options: object): Promise<{ data: { bids: readonly (readonly [string, string])[] } }>
  trades(symbol: string): Promise<{ data: readonly Row[] }>
  newOrder(symbol: string, side: string, type: string, options: object): Promise<{ data: Row }>
  cancelOrder(symbol: string, options: object): Promise<{ data: Row }>
  account(): Promise<{ data: { balances: readonly Row[] } }>
}
interface StreamClient {
  trade(symbol: string): void
  kline(symbol: string, interval: string): void
  diffBookDepth(symbol: string, speed: string): void
  disconnect(): void
}
interface ApiClient {
  newOrder(symbol: string, side: string, type: string, options: object): void
  sendSignatureMessage(method: string): void
  disconnect(): void
}
interface StreamOptions {
  readonly wsURL: string
  readonly combinedStreams?: boolean
  readonly callbacks: { readonly open?: () => void; readonly message: (text: string) => void }
  readonly logger: object
}
interface Connector {
  readonly Spot: new (key: string, secret: string, options: { baseURL: string }) => SpotClient
  readonly WebsocketStream: new (options: StreamOptions) => StreamClient
  readonly WebsocketAPI: new (key: string, secret: string, options: StreamOptions) => ApiClient
}

const require = createRequire(import.meta.url)
const { Spot, WebsocketAPI, WebsocketStream } = require('@binance/connector') as Connector
const { venue } = rehearse()
const logger = { info() {}, warn() {}, error() {}, debug() {}, log() {} }

function client(): SpotClient {
  const { apiKey, secret } = venue().keys
  return new Spot(apiKey, secret, { baseURL: venue().url })
}

it('reads markets, candles, the book and trades', async () => {
  const spot = client()
  const info = await spot.exchangeInfo({ symbols: ['BTCUSDT', 'ETHUSDT'] })
  expect(info.data.symbols.map((it) => it['symbol'])).toEqual(['BTCUSDT', 'ETHUSDT'])
  const candles = await spot.klines('BTCUSDT', '1m', { limit: 10 })
  expect(candles.data).toHaveLength(10)
  expect(candles.data[0]).toHaveLength(12)
  expect((await spot.depth('BTCUSDT', { limit: 5 })).data.bids.length).toBeGreaterThan(0)
  expect((await spot.trades('BTCUSDT')).data[0]).toHaveProperty('isBuyerMaker')
})

it('places and cancels by REST', async () => {
  const spot = client()
  const price = restingPrice((await spot.depth('BTCUSDT', { limit: 5 })).data.bids[0]?.[0] ?? '')
  const terms = { price, quantity: 0.001, timeInForce: 'GTC', newClientOrderId: 'connector-1' }
  const placed = await spot.newOrder('BTCUSDT', 'BUY', 'LIMIT', terms)
  expect(placed.data).toMatchObject({ clientOrderId: 'connector-1', status: 'NEW', origQty: '0.00100000' })
  const canceled = await spot.cancelOrder('BTCUSDT', { origClientOrderId: 'connector-1' })
  expect(canceled.data).toMatchObject({ origClientOrderId: 'connector-1', status: 'CANCELED' })
  expect((await spot.account()).data.balances.some((it) => it['asset'] === 'USDT')).toBe(true)
})

it('streams trades, candles and the book, raw and combined', async () => {
  const raw: Row[] = []
  const combined: Row[] = []
  const take = (into: Row[]) => (text: string) => void into.push(JSON.parse(text) as Row)
  const one = new WebsocketStream({ wsURL: venue().wsUrl, callbacks: { message: take(raw) }, logger })
  one.trade('btcusdt')
  const two = new WebsocketStream({
    wsURL: venue().wsUrl,
    combinedStreams: true,
    callbacks: { message: take(combined) },
    logger,
  })
  two.kline('btcusdt', '1m')
  const three = new WebsocketStream({ wsURL: venue().wsUrl, callbacks: { message: take(raw) }, logger })
  three.diffBookDepth('btcusdt', '100ms')
  await arrival(() => raw.find((it) => it['e'] === 'trade'), 'a trade')
  await arrival(() => raw.find((it) => it['e'] === 'depthUpdate'), 'a change of the book')
  expect(await arrival(() => combined[0], 'a candle')).toMatchObject({
    stream: 'btcusdt@kline_1m',
    data: { e: 'kline' },
  })
  for (const stream of [one, two, three]) stream.disconnect()
})

it('orders over the WebSocket API and hears of it', async () => {
  const { apiKey, secret } = venue().keys
  const heard: Row[] = []
  let isOpen = false
  const api = new WebsocketAPI(apiKey, secret, {
    wsURL: `${venue().wsUrl}/ws-api/v3`,
    callbacks: {
      open: () => {
        isOpen = true
      },
      message: (text) => void heard.push(JSON.parse(text) as Row),
    },
    logger,
  })
  await arrival(() => isOpen || undefined, 'the connection')
  api.sendSignatureMessage('userDataStream.subscribe.signature')
  expect(await arrival(() => heard[0], 'the subscription')).toMatchObject({
    status: 200,
    result: { subscriptionId: 0 },
  })
  api.newOrder('BTCUSDT', 'BUY', 'MARKET', { quantity: 0.001, newClientOrderId: 'connector-2' })
  const filled = await arrival(
    () =>
      heard.map((it) => Object(it['event']) as Row).find((it) => it['e'] === 'executionReport' && it['X'] === 'FILLED'),
    'the fill',
  )
  expect(filled).toMatchObject({ c: 'connector-2', x: 'TRADE', s: 'BTCUSDT' })
  api.disconnect()
})
