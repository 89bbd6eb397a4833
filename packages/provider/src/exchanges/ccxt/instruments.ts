import { Decimal, decimal, type Instrument, type OrderType } from '@barfinex/core'
import type { SymbolReply } from './reply-schemas.js'

/** What the account pays, as shares of the notional. */
export interface FeeRates {
  readonly maker: string
  readonly taker: string
}

/** A market of the exchange, under both of its names. */
export interface Listing {
  /** The exchange's name of it: `BTCUSDT`. */
  readonly marketId: string
  readonly symbol: string
  readonly instrument: Instrument
  readonly orderTypes: readonly string[]
}

/** Order types by their names on the wire. */
export const wireTypes = {
  market: 'MARKET',
  limit: 'LIMIT',
  stopMarket: 'STOP_LOSS',
  stopLimit: 'STOP_LOSS_LIMIT',
  takeProfitMarket: 'TAKE_PROFIT',
  takeProfitLimit: 'TAKE_PROFIT_LIMIT',
} as const satisfies Partial<Record<OrderType, string>>

const tenThousand = decimal('10000')

/**
 * Reads a market and its filters. `null` for one that cannot be traded by exact rules: no step, no tick, or not spot.
 * `before` is what was read earlier: the revision counts up when a rule has changed since.
 */
export function listingOf(
  exchange: string,
  reply: SymbolReply,
  fees: FeeRates,
  before: Instrument | null,
): Listing | null {
  const { baseAsset, quoteAsset, filters } = reply
  const filter = (type: string) => filters.find((it) => it.filterType === type)
  const price = filter('PRICE_FILTER')
  const lot = filter('LOT_SIZE')
  const marketLot = filter('MARKET_LOT_SIZE')
  const notional = filter('NOTIONAL') ?? filter('MIN_NOTIONAL')
  const tickSize = positive(price?.['tickSize'])
  const stepSize = positive(lot?.['stepSize'])
  if (!reply.isSpotTradingAllowed || tickSize === null || stepSize === null) return null
  const maxStopOrders = count(filter('MAX_NUM_ALGO_ORDERS')?.['maxNumAlgoOrders'])
  const symbol = `${baseAsset}/${quoteAsset}`
  const instrument: Instrument = {
    symbol,
    exchange,
    kind: 'spot',
    base: baseAsset,
    quote: quoteAsset,
    settle: quoteAsset,
    tickSize,
    stepSize,
    minQuantity: positive(lot?.['minQty']) ?? stepSize,
    // One most for every type: where market orders may be smaller than limits, that is it.
    maxQuantity: least(positive(lot?.['maxQty']), positive(marketLot?.['maxQty'])),
    minNotional: positive(notional?.['minNotional']) ?? '0',
    maxNotional: positive(notional?.['maxNotional']),
    ...(maxStopOrders === null ? {} : { maxStopOrders }),
    makerFeeBps: decimal(fees.maker).times(tenThousand).toString(),
    takerFeeBps: decimal(fees.taker).times(tenThousand).toString(),
    status: statusOf(reply.status),
    revision: 1,
  }
  return {
    marketId: reply.symbol,
    symbol,
    orderTypes: reply.orderTypes,
    instrument: { ...instrument, revision: revisionOf(instrument, before) },
  }
}

/** Whatever is neither trading nor taking cancels is treated as halted: a status unknown today opens nothing. */
function statusOf(status: string): Instrument['status'] {
  if (status === 'TRADING') return 'trading'
  return status === 'CANCEL_ONLY' ? 'cancelOnly' : 'halted'
}

function revisionOf(now: Instrument, before: Instrument | null): number {
  if (before === null) return 1
  const isSame = (Object.keys({ ...before, ...now }) as (keyof Instrument)[]).every(
    (it) => it === 'revision' || now[it] === before[it],
  )
  return isSame ? before.revision : before.revision + 1
}

/** A filter value above zero in canonical form; zero is the exchange's way to switch a rule off. */
function positive(value: unknown): string | null {
  if (typeof value !== 'string' || !/^\d{1,24}(\.\d{1,18})?$/.test(value)) return null
  const number = Decimal.from(value)
  return number.isPositive ? number.toString() : null
}

/** A count above zero. */
function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null
}

function least(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return decimal(a).min(decimal(b)).toString()
}
