/** A refusal as the venue words it: `code` and `msg` of the wire, and the HTTP status that carries them. */
export class VenueError extends Error {
  constructor(
    readonly code: number,
    readonly msg: string,
    readonly httpStatus: number = 400,
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
  readonly type: 'executionReport' | 'outboundAccountPosition' | 'balanceUpdate' | 'listStatus'
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

/** What a rule does to the calls, frames or events that it matches. */
export type VenueFault =
  | { readonly do: 'hang' | 'reset' | 'dropReply' | 'freeze' | 'drop' | 'duplicate' | 'reorder' | 'malformed' }
  | { readonly do: 'delay' | 'indexingLag' | 'skew'; readonly ms: number }
  | { readonly do: 'error'; readonly code: number; readonly msg: string; readonly httpStatus: number }
  | { readonly do: 'ban'; readonly retryAfterSeconds: number }
  | { readonly do: 'halt'; readonly symbol: string }

/** One injected fault. `at` is `POST /api/v3/order`, a stream name, `user` or a method of the WebSocket API; `*` ends a prefix. */
export interface VenueFaultRule {
  readonly id: string
  readonly at: string
  readonly fault: VenueFault
  /** How many matches it lasts; without it, until cleared. */
  readonly times?: number
  /** Share of matches it strikes, 0 to 1, drawn from the venue's seed. Default 1. */
  readonly share?: number
}

/** The one registry that REST and streams both ask. */
export interface VenueFaults {
  inject(rule: VenueFaultRule): void
  /** Removes one rule, or all. */
  clear(id?: string): void
  /** The faults that strike this one call or frame, in the order injected; counts them as used. */
  strike(at: string): readonly VenueFault[]
}

/** The venue behind its sockets: matching, accounts, ids, records and a clock of its own. */
export interface VenueWorld {
  readonly faults: VenueFaults
  readonly symbols: readonly string[]
  /** The venue's clock in milliseconds, skew included. */
  now(): number
  /** Runs `task` after `ms` of the venue's clock; the returned function cancels it. */
  after(ms: number, task: () => void): () => void
  accountOf(apiKey: string): VenueAccount | undefined
  /** The whole book as a snapshot. */
  book(market: VenueMarket, symbol: string): VenueBook
  onMarket(listener: (event: VenueMarketEvent) => void): () => void
  onUser(accountId: string, listener: (event: VenueUserEvent) => void): () => void
  /** Each act throws {@link VenueError} when the venue refuses. */
  place(accountId: string, params: VenueParams): VenueReply
  cancel(accountId: string, params: VenueParams): VenueReply
  cancelAll(accountId: string, params: VenueParams): readonly VenueReply[]
  placeOco(accountId: string, params: VenueParams): VenueReply
  placeOtoco(accountId: string, params: VenueParams): VenueReply
  cancelList(accountId: string, params: VenueParams): VenueReply
  order(accountId: string, params: VenueParams): VenueReply
  openOrders(accountId: string, params: VenueParams): readonly VenueReply[]
  account(accountId: string): VenueReply
  myTrades(accountId: string, params: VenueParams): readonly VenueReply[]
}

/** A snapshot of the book, best level first. */
export interface VenueBook {
  readonly lastUpdateId: number
  readonly bids: readonly VenueLevel[]
  readonly asks: readonly VenueLevel[]
}
