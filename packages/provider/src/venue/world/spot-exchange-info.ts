import type { VenueParams, VenueReply } from '../venue-world.js'
import { amountText } from './amount.js'
import type { ListedSymbol } from './listed-symbol.js'
import type { MarketHall } from './market-hall.js'
import { symbolsIn } from './market-reads.js'
import type { OrderLimits } from './order-counts.js'
import { spotOrderTypes } from './read-spot-order.js'
import { percentPrice, type SymbolRules, trailingDelta } from './symbol-rules.js'

/** `GET exchangeInfo` of spot: its filters are those the orders are held against. */
export function spotExchangeInfo(hall: MarketHall, limits: OrderLimits, now: number, params: VenueParams): VenueReply {
  return {
    timezone: 'UTC',
    serverTime: now,
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: limits.per10Seconds },
      { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: limits.perDay },
      { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 61_000 },
    ],
    exchangeFilters: [],
    symbols: symbolsIn(hall, params).map(symbolRow),
  }
}

function symbolRow(listed: ListedSymbol): VenueReply {
  const { rules, status } = listed
  return {
    symbol: rules.id,
    status,
    baseAsset: rules.base,
    baseAssetPrecision: 8,
    quoteAsset: rules.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: spotOrderTypes,
    icebergAllowed: false,
    ocoAllowed: true,
    otoAllowed: true,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
    cancelReplaceAllowed: true,
    amendAllowed: false,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filtersOf(rules),
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'EXPIRE_TAKER',
    allowedSelfTradePreventionModes: ['EXPIRE_TAKER'],
  }
}

/** The filters of a symbol, as the wire lists them. */
export function filtersOf(rules: SymbolRules): readonly VenueReply[] {
  const { up, down, avgPriceMins } = percentPrice
  const { least, most } = trailingDelta
  return [
    {
      filterType: 'PRICE_FILTER',
      minPrice: amountText(rules.tick),
      maxPrice: '9000000.00000000',
      tickSize: amountText(rules.tick),
    },
    {
      filterType: 'LOT_SIZE',
      minQty: amountText(rules.minQuantity),
      maxQty: amountText(rules.maxQuantity),
      stepSize: amountText(rules.step),
    },
    {
      filterType: 'MARKET_LOT_SIZE',
      minQty: '0.00000000',
      maxQty: amountText(rules.maxMarketQuantity),
      stepSize: '0.00000000',
    },
    {
      filterType: 'NOTIONAL',
      minNotional: amountText(rules.minNotional),
      applyMinToMarket: true,
      maxNotional: amountText(rules.maxNotional),
      applyMaxToMarket: false,
      avgPriceMins,
    },
    {
      filterType: 'PERCENT_PRICE_BY_SIDE',
      bidMultiplierUp: up,
      bidMultiplierDown: down,
      askMultiplierUp: up,
      askMultiplierDown: down,
      avgPriceMins,
    },
    {
      filterType: 'TRAILING_DELTA',
      minTrailingAboveDelta: least,
      maxTrailingAboveDelta: most,
      minTrailingBelowDelta: least,
      maxTrailingBelowDelta: most,
    },
    { filterType: 'MAX_NUM_ORDERS', maxNumOrders: rules.maxNumOrders },
    { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: rules.maxNumAlgoOrders },
    ...(rules.maxPosition === null ? [] : [{ filterType: 'MAX_POSITION', maxPosition: amountText(rules.maxPosition) }]),
  ]
}
