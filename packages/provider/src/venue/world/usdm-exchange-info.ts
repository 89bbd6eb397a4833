import { digitsOf } from '../../exchanges/matching/scaled-integer.js'
import type { VenueReply } from '../venue-world.js'
import { plainText } from './amount.js'
import type { ListedSymbol } from './listed-symbol.js'
import type { MarketHall } from './market-hall.js'
import { usdmOrderTypes } from './read-usdm-order.js'

/** `GET exchangeInfo` of the perpetuals. */
export function usdmExchangeInfo(hall: MarketHall, now: number): VenueReply {
  return {
    timezone: 'UTC',
    serverTime: now,
    futuresType: 'U_MARGINED',
    rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2_400 }],
    exchangeFilters: [],
    assets: [{ asset: 'USDT', marginAvailable: true, autoAssetExchange: null }],
    symbols: [...hall.symbols.values()].map(symbolRow),
  }
}

function symbolRow({ rules, status }: ListedSymbol): VenueReply {
  const { instrument } = rules
  return {
    symbol: rules.id,
    pair: rules.id,
    contractType: 'PERPETUAL',
    deliveryDate: 4_133_404_800_000,
    onboardDate: 1_569_398_400_000,
    status: status === 'TRADING' ? 'TRADING' : 'BREAK',
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: rules.base,
    quoteAsset: rules.quote,
    marginAsset: instrument.settle,
    pricePrecision: digitsOf(instrument.tickSize),
    quantityPrecision: digitsOf(instrument.stepSize),
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: [],
    triggerProtect: '0.0500',
    liquidationFee: '0.0125',
    marketTakeBound: '0.05',
    maxMoveOrderLimit: 10_000,
    orderTypes: usdmOrderTypes,
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
    filters: [
      {
        filterType: 'PRICE_FILTER',
        minPrice: plainText(rules.tick),
        maxPrice: '9000000',
        tickSize: plainText(rules.tick),
      },
      lotFilter('LOT_SIZE', rules.minQuantity, rules.maxQuantity, rules.step),
      lotFilter('MARKET_LOT_SIZE', rules.minQuantity, rules.maxMarketQuantity, rules.step),
      { filterType: 'MAX_NUM_ORDERS', limit: rules.maxNumOrders },
      { filterType: 'MAX_NUM_ALGO_ORDERS', limit: rules.maxNumAlgoOrders },
      { filterType: 'MIN_NOTIONAL', notional: plainText(rules.minNotional) },
    ],
  }
}

function lotFilter(filterType: string, least: bigint, most: bigint, step: bigint): VenueReply {
  return { filterType, minQty: plainText(least), maxQty: plainText(most), stepSize: plainText(step) }
}
