import { testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { VenueError } from '../../src/venue/venue-world.js'
import { givenWorld } from './given-world.js'

type Filter = Readonly<Record<string, string | number>>

const draft = fc.record({
  /** In ticks, around and far beyond the market of 40,879.37. */
  price: fc.oneof(fc.integer({ min: 4_000_000, max: 4_200_000 }), fc.integer({ min: 1, max: 60_000_000 })),
  isOffTick: fc.boolean(),
  /** In steps. */
  quantity: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 30_000_000 })),
  isOffStep: fc.boolean(),
})

/** One of each kind, whatever chance draws. */
const examples: [{ price: number; isOffTick: boolean; quantity: number; isOffStep: boolean }][] = [
  [{ price: 4_000_000, isOffTick: false, quantity: 1_000, isOffStep: false }],
  [{ price: 4_000_000, isOffTick: false, quantity: 1, isOffStep: false }],
  [{ price: 4_000_000, isOffTick: false, quantity: 1_000, isOffStep: true }],
  [{ price: 4_000_000, isOffTick: true, quantity: 1_000, isOffStep: false }],
  [{ price: 100_000, isOffTick: false, quantity: 1_000, isOffStep: false }],
]

it('refuses what a filter of exchangeInfo does not let pass, by that filter, and takes the rest', () => {
  const { world } = givenWorld({
    symbols: ['BTC/USDT'],
    perpetuals: [],
    orderLimits: { per10Seconds: 1_000_000, perDay: 1_000_000 },
    limits: { 'BTC/USDT': { maxQuantity: '50', maxNotional: '1000000' } },
    accounts: [{ id: 'bot', apiKey: 'k', secret: 's', balances: { USDT: '90000000000', BTC: '1' } }],
  })
  const info = world.spot.exchangeInfo({ symbol: 'BTCUSDT' })['symbols'] as { filters: Filter[] }[]
  const filters = new Map(info[0]?.filters.map((it) => [it['filterType'], it]))
  const field = (filter: string, name: string) => Number(filters.get(filter)?.[name])
  const average = Number(world.spot.avgPrice({ symbol: 'BTCUSDT' })['price'])
  const seen = new Set<string>()

  fc.assert(
    fc.property(draft, (it) => {
      const price = it.price / 100 + (it.isOffTick ? 0.005 : 0)
      const quantity = it.quantity / 100_000 + (it.isOffStep ? 0.000_005 : 0)
      const params = { side: 'BUY', type: 'LIMIT_MAKER', price: price.toFixed(3), quantity: quantity.toFixed(6) }
      // Below the market, so that nothing trades and no other rule speaks.
      if (price >= average - 5) return
      const isWithinPercent = price >= average * field('PERCENT_PRICE_BY_SIDE', 'bidMultiplierDown')
      const isWithinLot = quantity >= field('LOT_SIZE', 'minQty') && quantity <= field('LOT_SIZE', 'maxQty')
      const worth = price * quantity
      const isWithinNotional = worth >= field('NOTIONAL', 'minNotional') && worth <= field('NOTIONAL', 'maxNotional')
      const wanted = it.isOffTick
        ? 'PRICE_FILTER'
        : !isWithinPercent
          ? 'PERCENT_PRICE_BY_SIDE'
          : it.isOffStep || !isWithinLot
            ? 'LOT_SIZE'
            : isWithinNotional
              ? 'taken'
              : 'NOTIONAL'
      const got = outcome(() => world.spot.place('bot', { symbol: 'BTCUSDT', ...params }))
      if (got === 'taken') world.spot.cancelAll('bot', { symbol: 'BTCUSDT' })
      seen.add(got)
      expect([params, got]).toEqual([params, wanted])
    }),
    { numRuns: testRuns(300), examples },
  )
  expect([...seen].sort()).toEqual(['LOT_SIZE', 'NOTIONAL', 'PERCENT_PRICE_BY_SIDE', 'PRICE_FILTER', 'taken'])
})

/** `taken`, or the filter that spoke; anything else is thrown on. */
function outcome(run: () => unknown): string {
  try {
    run()
    return 'taken'
  } catch (error) {
    const filter = error instanceof VenueError ? /^Filter failure: (\w+)$/.exec(error.msg)?.[1] : undefined
    if (filter === undefined) throw error
    return filter
  }
}

it('counts orders, sleeping orders and the position', () => {
  const { place, world } = givenWorld({
    limits: { 'BTC/USDT': { maxNumOrders: 3, maxNumAlgoOrders: 1, maxPosition: '2.2' } },
  })
  const limit = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '40000', quantity: '0.1' }
  const stop = { side: 'SELL', type: 'STOP_LOSS', quantity: '0.1', stopPrice: '40000' }
  place(stop)
  expect(() => place(stop)).toThrow('-1013 Filter failure: MAX_NUM_ALGO_ORDERS')
  place(limit)
  expect(() => place({ ...limit, quantity: '0.11' })).toThrow('-2010 Filter failure: MAX_POSITION')
  place(limit)
  expect(() => place({ ...limit, side: 'SELL', price: '50000' })).toThrow('-1013 Filter failure: MAX_NUM_ORDERS')
  expect(() => place({ side: 'BUY', type: 'MARKET', quantity: '10001' })).toThrow(
    '-1013 Filter failure: MARKET_LOT_SIZE',
  )
  expect(world.spot.myFilters('bot', { symbol: 'BTCUSDT' })['symbolFilters']).toContainEqual({
    filterType: 'MAX_POSITION',
    maxPosition: '2.20000000',
  })
})

it('reads parameters as strictly as the wire', () => {
  const { place, world } = givenWorld()
  const limit = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '40000', quantity: '0.1' }
  const refused = (params: Record<string, string>) => () => place({ ...limit, ...params })
  expect(refused({ symbol: 'NONE' })).toThrow('-1121 Invalid symbol.')
  expect(refused({ side: 'HOLD' })).toThrow('-1117 Invalid side.')
  expect(refused({ type: 'WISH' })).toThrow('-1116 Invalid orderType.')
  expect(refused({ timeInForce: 'DAY' })).toThrow('-1115 Invalid timeInForce.')
  expect(refused({ price: '-1' })).toThrow("-1100 Illegal characters found in parameter 'price'")
  expect(refused({ quantity: 'NaN' })).toThrow("-1100 Illegal characters found in parameter 'quantity'")
  expect(refused({ quantity: '0.123456789' })).toThrow("-1111 Parameter 'quantity' has too much precision.")
  expect(refused({ quantity: '0' })).toThrow('-1013 Invalid quantity.')
  expect(refused({ stopPrice: '1' })).toThrow("-1106 Parameter 'stopPrice' sent when not required.")
  expect(refused({ icebergQty: '0.01' })).toThrow('-2010 Iceberg orders are not supported for this symbol.')
  expect(refused({ newClientOrderId: 'no spaces' })).toThrow('-1100')
  expect(refused({ type: 'MARKET' })).toThrow("-1106 Parameter 'timeInForce' sent when not required.")
  expect(() => place({ side: 'BUY', type: 'LIMIT', quantity: '0.1', price: '40000' })).toThrow('-1102')
  expect(() => world.spot.order('bot', { symbol: 'BTCUSDT' })).toThrow('-1102')
  expect(world.spot.test('bot', { symbol: 'BTCUSDT', ...limit })).toEqual({})
  expect(world.spot.openOrders('bot', {})).toEqual([])
  expect(place({ ...limit, quantity: '1e-3', newOrderRespType: 'ACK' })).not.toHaveProperty('status')
})
