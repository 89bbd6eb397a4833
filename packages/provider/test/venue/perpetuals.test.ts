import { pro } from 'ccxt'
import { afterEach, expect, it } from 'vitest'
import { openBench, type Row } from './raw-client.js'
import { arrival, rehearse } from './rehearsal.js'

const { venue } = rehearse()
const open: InstanceType<typeof pro.binanceusdm>[] = []
afterEach(() => {
  // What ccxt waits for while it closes may never come (C9): the venue ends its sockets anyway.
  for (const exchange of open.splice(0)) void exchange.close().catch(() => {})
})

const symbol = 'BTC/USDT:USDT'

async function client(): Promise<InstanceType<typeof pro.binanceusdm>> {
  const { apiKey, secret } = venue().keys
  const { url, wsUrl } = venue()
  const rest = Object.fromEntries(
    ['', 'V2', 'V3'].flatMap((version) => [
      [`fapiPublic${version}`, `${url}/fapi/${version === '' ? 'v1' : version.toLowerCase()}`],
      [`fapiPrivate${version}`, `${url}/fapi/${version === '' ? 'v1' : version.toLowerCase()}`],
    ]),
  )
  const exchange = new pro.binanceusdm({
    apiKey,
    secret,
    options: {
      fetchMarkets: { types: ['linear'] },
      fetchMargins: false,
      fetchCurrencies: false,
      broker: { future: '' },
    },
    urls: { api: { ...rest, ws: { future: `${wsUrl}/fstream/ws` } } },
  })
  await exchange.loadHttpProxyAgent()
  open.push(exchange)
  return exchange
}

it('opens a position, hears of it, and may only reduce it', async () => {
  const exchange = await client()
  await exchange.loadMarkets()
  expect(exchange.market(symbol)).toMatchObject({ id: 'BTCUSDT', swap: true, linear: true })
  expect((await exchange.fetchFundingRate(symbol)).markPrice).toBeGreaterThan(0)
  await exchange.setLeverage(5, symbol)
  const seen: string[] = []
  const watch = async (): Promise<void> => {
    for (;;) for (const it of await exchange.watchOrders()) seen.push(`${it.clientOrderId} ${it.status}`)
  }
  void watch().catch(() => {})
  await arrival(() => (venue().control.sockets.count('market') > 0 ? true : undefined), 'the socket')
  const bought = await exchange.createOrder(symbol, 'market', 'buy', 0.01, undefined, { clientOrderId: 'swap-1' })
  expect((await exchange.fetchOrder(String(bought.id), symbol)).status).toBe('closed')
  await arrival(() => seen.find((it) => it === 'swap-1 closed'), 'the fill')
  expect((await exchange.fetchPositions([symbol]))[0]).toMatchObject({ contracts: 0.01, side: 'long' })
  const reduceOnly = { reduceOnly: true }
  await exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, reduceOnly)
  await expect(exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, reduceOnly)).rejects.toThrow('-2022')
})

it('streams mark prices, and chains the book by the event before', async () => {
  const bench = await openBench({ perpetuals: ['BTC/USDT:USDT'], market: 'generated' })
  const line = await bench.dial('/fstream/stream?streams=btcusdt@markPrice/btcusdt@markPrice@1s/btcusdt@depth@100ms')
  await bench.clock.advanceBy(30_000)
  const rows = () => line.frames.map((it) => Object((it as Row)['data']) as Row)
  const marks = (stream: string) => line.frames.filter((it) => (it as Row)['stream'] === stream).length
  await arrival(() => (marks('btcusdt@markPrice@1s') === 30 ? true : undefined), 'a mark price a second')
  expect(marks('btcusdt@markPrice')).toBe(10)
  const changes = rows().filter((it) => it['e'] === 'depthUpdate')
  expect(changes.length).toBeGreaterThan(3)
  for (const [at, change] of changes.entries()) if (at > 0) expect(change['pu']).toBe(changes[at - 1]?.['u'])
  await bench.close()
})

it('tells an account by its listen key until it is taken back', async () => {
  const bench = await openBench({ perpetuals: ['BTC/USDT:USDT'] })
  const key = String(Object((await bench.call('POST', '/fapi/v1/listenKey')).body)['listenKey'])
  const line = await bench.dial(`/fstream/ws/${key}`)
  const filled = () => line.frames.filter((it) => Object((it as Row)['o'])['X'] === 'FILLED').length
  const order = async () => {
    await bench.signed('POST', '/fapi/v1/order', { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01' })
    await bench.clock.advanceBy(10)
  }
  await order()
  await arrival(() => (filled() === 1 ? true : undefined), 'the fill')
  await bench.call('DELETE', '/fapi/v1/listenKey')
  await order()
  line.socket.ping()
  await new Promise<void>((resolve) => line.socket.once('pong', () => resolve()))
  expect(filled()).toBe(1)
  await bench.close()
})
