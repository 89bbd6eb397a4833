import { VenueError, type VenueParams } from '../venue-world.js'
import type { Operation } from './operation.js'

/** Binance's weights of a snapshot of the book, by its depth. */
function depthWeight(values: VenueParams): number {
  const limit = Number(values['limit'] ?? 100)
  if (limit <= 100) return 5
  if (limit <= 500) return 25
  return limit <= 1_000 ? 50 : 250
}

/** A ticker of one symbol is cheap, of all dear. */
function tickerWeight(one: number, all: number): (values: VenueParams) => number {
  return (values) => {
    if (values['symbol'] !== undefined) return one
    return values['symbols'] === undefined ? all : Math.min(all, one * values['symbols'].split(',').length)
  }
}

const page = ['fromId', 'limit']
const span = ['startTime', 'endTime', 'limit']

/** Spot: what anybody may ask. */
export const spotMarketOperations: readonly Operation[] = [
  { rest: 'GET /api/v3/ping', method: 'ping', security: 'none', weight: 1, run: () => ({}) },
  {
    rest: 'GET /api/v3/time',
    method: 'time',
    security: 'none',
    weight: 1,
    run: ({ world }) => ({ serverTime: world.now() }),
  },
  {
    rest: 'GET /api/v3/exchangeInfo',
    method: 'exchangeInfo',
    security: 'none',
    weight: 20,
    takes: ['symbol', 'symbols', 'permissions', 'showPermissionSets', 'symbolStatus'],
    run: ({ world, values }) => world.spot.exchangeInfo(values),
  },
  {
    rest: 'GET /api/v3/depth',
    method: 'depth',
    security: 'none',
    weight: depthWeight,
    needs: ['symbol'],
    takes: ['limit', 'symbolStatus'],
    run: ({ world, values }) => world.spot.depth(values),
  },
  {
    rest: 'GET /api/v3/trades',
    method: 'trades.recent',
    security: 'none',
    weight: 25,
    needs: ['symbol'],
    takes: ['limit'],
    run: ({ world, values }) => world.spot.trades(values),
  },
  {
    rest: 'GET /api/v3/historicalTrades',
    method: 'trades.historical',
    security: 'none',
    weight: 25,
    needs: ['symbol'],
    takes: page,
    run: ({ world, values }) => world.spot.historicalTrades(values),
  },
  {
    rest: 'GET /api/v3/aggTrades',
    method: 'trades.aggregate',
    security: 'none',
    weight: 4,
    needs: ['symbol'],
    takes: ['fromId', ...span],
    run: ({ world, values }) => world.spot.aggTrades(values),
  },
  {
    rest: 'GET /api/v3/klines',
    method: 'klines',
    security: 'none',
    weight: 2,
    needs: ['symbol', 'interval'],
    takes: [...span, 'timeZone'],
    run: ({ world, values }) => world.spot.klines(inUtc(values)),
  },
  {
    rest: 'GET /api/v3/uiKlines',
    method: 'uiKlines',
    security: 'none',
    weight: 2,
    needs: ['symbol', 'interval'],
    takes: [...span, 'timeZone'],
    run: ({ world, values }) => world.spot.klines(inUtc(values)),
  },
  {
    rest: 'GET /api/v3/avgPrice',
    method: 'avgPrice',
    security: 'none',
    weight: 2,
    needs: ['symbol'],
    run: ({ world, values }) => world.spot.avgPrice(values),
  },
  {
    rest: 'GET /api/v3/ticker/24hr',
    method: 'ticker.24hr',
    security: 'none',
    weight: tickerWeight(2, 80),
    takes: ['symbol', 'symbols', 'type', 'symbolStatus'],
    run: ({ world, values }) => world.spot.ticker24hr(values),
  },
  {
    rest: 'GET /api/v3/ticker/price',
    method: 'ticker.price',
    security: 'none',
    weight: tickerWeight(2, 4),
    takes: ['symbol', 'symbols', 'symbolStatus'],
    run: ({ world, values }) => world.spot.tickerPrice(values),
  },
  {
    rest: 'GET /api/v3/ticker/bookTicker',
    method: 'ticker.book',
    security: 'none',
    weight: tickerWeight(2, 4),
    takes: ['symbol', 'symbols', 'symbolStatus'],
    run: ({ world, values }) => world.spot.bookTicker(values),
  },
]

/** The venue keeps candles in UTC only. */
function inUtc({ timeZone, ...values }: VenueParams): VenueParams {
  if (timeZone === undefined || /^[+-]?0{1,2}(:00)?$/.test(timeZone)) return values
  throw new VenueError(-1130, "Data sent for parameter 'timeZone' is not valid.")
}
