import type { VenueFaults } from './venue-faults.js'

/** A refusal as the venue words it: `code` and `msg` of the wire, and the HTTP status that carries them. */
export class VenueError extends Error {
  constructor(
    readonly code: number,
    readonly msg: string,
    readonly httpStatus: number = 400,
    /** What else the body carries, such as both halves of a failed cancel-replace. */
    readonly data?: unknown,
  ) {
    super(`${code} ${msg}`)
    this.name = 'VenueError'
  }
}

/** One market of the venue: spot, or USD-M perpetuals. */
export type VenueMarket = 'spot' | 'usdm'

/** A market event. All money is decimal text; every time is the venue's clock in milliseconds. */
export type VenueMarketEvent = { readonly market: VenueMarket; readonly symbol: string; readonly time: number } & (
  | {
      readonly type: 'trade'
      readonly tradeId: number
      readonly price: string
      readonly quantity: string
      readonly buyerIsMaker: boolean
    }
  | {
      readonly type: 'aggTrade'
      readonly aggTradeId: number
      readonly firstTradeId: number
      readonly lastTradeId: number
      readonly price: string
      readonly quantity: string
      readonly buyerIsMaker: boolean
    }
  | {
      readonly type: 'depth'
      /** `U`: one more than the previous event's `lastUpdateId`. */
      readonly firstUpdateId: number
      /** `u`. */
      readonly lastUpdateId: number
      /** `pu` of the perpetuals: the previous event's `lastUpdateId`. */
      readonly previousUpdateId: number
      readonly bids: readonly VenueLevel[]
      readonly asks: readonly VenueLevel[]
    }
  | { readonly type: 'bookTicker'; readonly updateId: number; readonly bid: VenueLevel; readonly ask: VenueLevel }
  | { readonly type: 'kline'; readonly interval: string; readonly kline: VenueKline }
  | { readonly type: 'ticker'; readonly fields: Readonly<Record<string, string | number>> }
)

/** Price, then quantity; a quantity of zero removes the level. */
export type VenueLevel = readonly [price: string, quantity: string]

/** One candle; `closed` is true once, on its last event. */
export interface VenueKline {
  readonly openTime: number
  readonly closeTime: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly quoteVolume: string
  readonly trades: number
  readonly takerBase: string
  readonly takerQuote: string
  readonly firstTradeId: number
  readonly lastTradeId: number
  readonly closed: boolean
}

/** A user event, its `fields` already under the names of the wire (`e`, `E`, `s`, `c` …). */
export interface VenueUserEvent {
  readonly type:
    | 'executionReport'
    | 'outboundAccountPosition'
    | 'balanceUpdate'
    | 'listStatus'
    | 'ORDER_TRADE_UPDATE'
    | 'ACCOUNT_UPDATE'
    | 'ACCOUNT_CONFIG_UPDATE'
  readonly market: VenueMarket
  readonly time: number
  readonly fields: Readonly<Record<string, unknown>>
}

/** Parameters of an act as the wire names them, all as text. */
export type VenueParams = Readonly<Record<string, string>>

/** A reply under the names of the wire. */
export type VenueReply = Readonly<Record<string, unknown>>

/** An account and the key that opens it. `secret` signs with HMAC-SHA256; `publicKey` (PEM) verifies Ed25519. */
export interface VenueAccount {
  readonly id: string
  readonly apiKey: string
  readonly secret: string
  readonly publicKey?: string
}

/** Whether a symbol trades. `CANCEL_ONLY` is new on spot; perpetuals know `TRADING` and `BREAK` here, too. */
export type VenueSymbolStatus = 'TRADING' | 'HALT' | 'BREAK' | 'CANCEL_ONLY'

/**
 * The venue behind its sockets: matching, accounts, ids, records and a clock of its own. Parameters come checked for their names and
 * otherwise as the client sent them. Whatever the venue refuses is a thrown {@link VenueError}.
 */
export interface VenueWorld {
  readonly faults: VenueFaults
  /** Ids of the wire, `BTCUSDT`, of spot and of perpetuals. */
  readonly symbols: Readonly<Record<VenueMarket, readonly string[]>>
  readonly accounts: readonly VenueAccount[]
  readonly spot: VenueSpot
  readonly usdm: VenueUsdm
  /** The venue's clock in milliseconds, skew included. */
  now(): number
  /** Runs `task` after `ms` of the venue's clock; the returned function cancels it. */
  after(ms: number, task: () => void): () => void
  accountOf(apiKey: string): VenueAccount | undefined
  /** The whole book as a snapshot. */
  book(market: VenueMarket, symbol: string): VenueBook
  onMarket(listener: (event: VenueMarketEvent) => void): () => void
  onUser(accountId: string, listener: (event: VenueUserEvent) => void): () => void

  /** Steps the venue's clock against its own time: clients find out by `GET time`. */
  setSkew(ms: number): void
  setStatus(market: VenueMarket, symbol: string, status: VenueSymbolStatus): void
  /**
   * Changes filters of a symbol from now on; what rests stays. Tick and step must be multiples of those that the symbol began with:
   * what others trade stays on these. Throws {@link VenueError}.
   */
  setFilters(market: VenueMarket, symbol: string, filters: VenueFilters): void
  /** Ends an open order as its owner's other hand, or the venue itself, would. -2011 for an order that is not open. */
  endOrder(
    accountId: string,
    market: VenueMarket,
    symbol: string,
    clientOrderId: string,
    as: 'CANCELED' | 'EXPIRED',
  ): void
  /** Moves the market to a price (decimal text) and prints a trade there; what comes later goes on from it. */
  movePrice(market: VenueMarket, symbol: string, price: string): void
  /** Somebody outside trades `quantity` at `price`: resting orders at or better than it are served first. */
  printTrade(market: VenueMarket, symbol: string, price: string, quantity: string, takerSide: 'BUY' | 'SELL'): void
  /** Adds to an account, or takes from what is free with a negative amount; tells it by `balanceUpdate`. */
  deposit(accountId: string, market: VenueMarket, asset: string, amount: string): void
  /** How long the records behind the reads lag the engine, drawn per change from this range. */
  setIndexingLag(range: VenueRangeMs): void
  /** Everything that ever happened: the oracle of a run. */
  truth(): VenueTruth
  /** Stops the market and forgets what is scheduled. */
  close(): void
}

/** Filters of one symbol that may change; what is absent stays. */
export interface VenueFilters {
  readonly tickSize?: string
  readonly stepSize?: string
  readonly minQuantity?: string
  readonly maxQuantity?: string
  readonly minNotional?: string
  readonly maxNumOrders?: number
  readonly maxNumAlgoOrders?: number
}

/** A span from which the seed draws whole milliseconds, both ends included. */
export interface VenueRangeMs {
  readonly from: number
  readonly to: number
}

/** How a read is to see the records. */
export interface VenueReadOptions {
  /** Lag on top of the records' own: what a rule `indexingLag` asks for. */
  readonly extraLagMs?: number
}

/** Binance spot, `/api/v3`: what an act or a read replies, under the names of the wire. */
export interface VenueSpot {
  exchangeInfo(params: VenueParams): VenueReply
  depth(params: VenueParams): VenueReply
  klines(params: VenueParams): readonly (readonly (string | number)[])[]
  trades(params: VenueParams): readonly VenueReply[]
  /** Also `historicalTrades`, with `fromId`. */
  historicalTrades(params: VenueParams): readonly VenueReply[]
  aggTrades(params: VenueParams): readonly VenueReply[]
  avgPrice(params: VenueParams): VenueReply
  ticker24hr(params: VenueParams): VenueReply | readonly VenueReply[]
  tickerPrice(params: VenueParams): VenueReply | readonly VenueReply[]
  bookTicker(params: VenueParams): VenueReply | readonly VenueReply[]

  place(accountId: string, params: VenueParams): VenueReply
  /** Checks as {@link place} does, and changes nothing. */
  test(accountId: string, params: VenueParams): VenueReply
  cancel(accountId: string, params: VenueParams): VenueReply
  /** Cancels all of a symbol; a list among them replies as a list. */
  cancelAll(accountId: string, params: VenueParams): readonly VenueReply[]
  /** -2021 and -2022 carry `data` in {@link VenueError.data}. */
  cancelReplace(accountId: string, params: VenueParams): VenueReply
  placeOco(accountId: string, params: VenueParams): VenueReply
  placeOto(accountId: string, params: VenueParams): VenueReply
  placeOtoco(accountId: string, params: VenueParams): VenueReply
  cancelList(accountId: string, params: VenueParams): VenueReply

  order(accountId: string, params: VenueParams, options?: VenueReadOptions): VenueReply
  openOrders(accountId: string, params: VenueParams, options?: VenueReadOptions): readonly VenueReply[]
  allOrders(accountId: string, params: VenueParams, options?: VenueReadOptions): readonly VenueReply[]
  orderList(accountId: string, params: VenueParams, options?: VenueReadOptions): VenueReply
  openOrderLists(accountId: string, params: VenueParams, options?: VenueReadOptions): readonly VenueReply[]
  allOrderLists(accountId: string, params: VenueParams, options?: VenueReadOptions): readonly VenueReply[]
  account(accountId: string, params: VenueParams, options?: VenueReadOptions): VenueReply
  myTrades(accountId: string, params: VenueParams, options?: VenueReadOptions): readonly VenueReply[]
  /** `GET rateLimit/order`, and the counts behind `X-MBX-ORDER-COUNT-10S` and `-1D`. */
  orderRateLimit(accountId: string): readonly VenueOrderCount[]
  myFilters(accountId: string, params: VenueParams): VenueReply
  commission(accountId: string, params: VenueParams): VenueReply
}

/** Orders placed and not filled, by interval. */
export interface VenueOrderCount {
  readonly rateLimitType: 'ORDERS'
  readonly interval: 'SECOND' | 'DAY'
  readonly intervalNum: number
  readonly limit: number
  readonly count: number
}

/** USD-M perpetuals, `/fapi`, as far as mark price, funding, leverage and reduce-only need. */
export interface VenueUsdm {
  exchangeInfo(params: VenueParams): VenueReply
  depth(params: VenueParams): VenueReply
  klines(params: VenueParams): readonly (readonly (string | number)[])[]
  aggTrades(params: VenueParams): readonly VenueReply[]
  trades(params: VenueParams): readonly VenueReply[]
  ticker24hr(params: VenueParams): VenueReply | readonly VenueReply[]
  tickerPrice(params: VenueParams): VenueReply | readonly VenueReply[]
  bookTicker(params: VenueParams): VenueReply | readonly VenueReply[]
  premiumIndex(params: VenueParams): VenueReply | readonly VenueReply[]
  fundingRate(params: VenueParams): readonly VenueReply[]

  place(accountId: string, params: VenueParams): VenueReply
  cancel(accountId: string, params: VenueParams): VenueReply
  /** Replies `{ code: 200, msg }`. */
  cancelAll(accountId: string, params: VenueParams): VenueReply
  leverage(accountId: string, params: VenueParams): VenueReply
  order(accountId: string, params: VenueParams, options?: VenueReadOptions): VenueReply
  openOrders(accountId: string, params: VenueParams, options?: VenueReadOptions): readonly VenueReply[]
  allOrders(accountId: string, params: VenueParams, options?: VenueReadOptions): readonly VenueReply[]
  userTrades(accountId: string, params: VenueParams, options?: VenueReadOptions): readonly VenueReply[]
  positionRisk(accountId: string, params: VenueParams, options?: VenueReadOptions): readonly VenueReply[]
  balance(accountId: string, options?: VenueReadOptions): readonly VenueReply[]
  account(accountId: string, options?: VenueReadOptions): VenueReply
  /** Payments of funding. */
  income(accountId: string, params: VenueParams): readonly VenueReply[]
}

/** A snapshot of the book, best level first. */
export interface VenueBook {
  readonly lastUpdateId: number
  readonly bids: readonly VenueLevel[]
  readonly asks: readonly VenueLevel[]
}

/** What really happened at the venue, without any lag: what no order may be lost, doubled or left naked against. */
export interface VenueTruth {
  readonly time: number
  readonly accounts: readonly {
    readonly id: string
    readonly orders: readonly VenueTrueOrder[]
    readonly trades: readonly VenueTrueTrade[]
    readonly balances: readonly {
      readonly market: VenueMarket
      readonly asset: string
      readonly free: string
      readonly locked: string
      readonly total: string
    }[]
    readonly positions: readonly {
      readonly symbol: string
      /** Below zero for a short. */
      readonly quantity: string
      readonly averagePrice: string
    }[]
  }[]
  /** By market and asset: deposits less holdings at cost less fees less what went outside. `'0'` unless the venue lost money. */
  readonly audit: readonly { readonly market: VenueMarket; readonly asset: string; readonly difference: string }[]
}

/** One order ever taken, also when its reply was lost. */
export interface VenueTrueOrder {
  readonly market: VenueMarket
  readonly symbol: string
  readonly orderId: number
  readonly orderListId: number
  /** As the client named it. */
  readonly clientOrderId: string
  readonly side: string
  readonly type: string
  readonly status: string
  readonly price: string
  readonly stopPrice: string
  readonly quantity: string
  readonly executedQuantity: string
  readonly reduceOnly: boolean
  readonly placedAt: number
  readonly updatedAt: number
  /** True for a stop that has not woken and a limit that rests: what protects, or still may fill. */
  readonly isOpen: boolean
}

/** One fill. */
export interface VenueTrueTrade {
  readonly market: VenueMarket
  readonly symbol: string
  readonly tradeId: number
  readonly orderId: number
  readonly side: string
  readonly price: string
  readonly quantity: string
  readonly commission: string
  readonly commissionAsset: string
  readonly isMaker: boolean
  readonly time: number
}
