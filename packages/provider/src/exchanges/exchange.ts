import type {
  AccountState,
  BookChange,
  Candle,
  Clock,
  Feed,
  Fill,
  Instrument,
  Log,
  Order,
  OrderEvent,
  OrderType,
  Quote,
  Random,
  Reason,
  Timeframe,
  TimeInForce,
  Trade,
} from '@barfinex/core'

/** What an exchange can do. What it cannot, Provider builds, refuses or names as missing; nothing is silently skipped. */
export interface ExchangeCapabilities {
  readonly orderTypes: readonly OrderType[]
  readonly timesInForce: readonly TimeInForce[]
  readonly reduceOnly: boolean
  readonly postOnly: boolean
  /** True when orders of one group cancel each other at the exchange itself. */
  readonly oco: boolean
  /** Timeframes it gives as closed candles; the others are built from trades or from these. */
  readonly candleTimeframes: readonly Timeframe[]
  readonly trades: boolean
  readonly book: boolean
  /** True when only a virtual clock may drive it (recorded markets); false when only the machine's may (real exchanges); `null` for both. */
  readonly virtualClock: boolean | null
}

/** What comes out of the market side. Called in the order of exchange time; a bad event is refused at the edge and counted. */
export interface MarketSink {
  trade(trade: Trade): void
  quote(quote: Quote): void
  book(change: BookChange): void
  /** A candle that is closed. */
  candle(candle: Candle): void
  feed(state: Pick<Feed, 'symbol' | 'state' | 'code'>): void
  /** Rules or state of an instrument have changed since it was connected: a halt, another tick. Absent where nobody asks. */
  instrument?(instrument: Instrument): void
  /** A message of the market could not even be read: a number that is none, a field that is missing, a market nobody knows. */
  unreadable?(): void
}

/** What the exchange says about an order: its own words, before the ledger has folded them. */
export type ExchangeReport =
  | {
      readonly type: 'accepted' | 'triggered' | 'canceled' | 'expired' | 'rejected'
      readonly clientOrderId: string
      readonly exchangeOrderId: string | null
      readonly symbol: string
      /** Present when rejected, expired or canceled by the exchange itself. */
      readonly reason: Reason | null
      /** Of an end: executed in all, in base, where that is said with it. The end may overtake its fills. */
      readonly filledQuantity?: string | undefined
      readonly occurredAt: number
    }
  | {
      /** The fate of a submit or cancel is unknown: no reply came. Only the exchange's records resolve it. */
      readonly type: 'uncertain'
      readonly clientOrderId: string
      readonly symbol: string
      readonly action: 'submit' | 'cancel'
      readonly reason: Reason
      readonly occurredAt: number
    }
  | {
      /** A cancel was refused; the order lives on as it was, or is final already. */
      readonly type: 'cancelRejected'
      readonly clientOrderId: string
      readonly symbol: string
      readonly reason: Reason
      readonly occurredAt: number
    }
  | {
      readonly type: 'fill'
      readonly clientOrderId: string
      readonly exchangeOrderId: string
      readonly symbol: string
      /** The exchange's trade id: unique per symbol; the same id twice is the same fill. */
      readonly tradeId: string
      readonly price: string
      readonly quantity: string
      readonly fee: string
      readonly feeAsset: string
      readonly liquidity: Fill['liquidity']
      readonly occurredAt: number
    }

/** Called for everything that happens to our orders, as it arrives: duplicates and disorder are the ledger's to handle. */
export type ReportSink = (report: ExchangeReport) => void

/**
 * Called when reports may have been missed: the stream that brings them was cut, or is back after a cut. Provider then asks the
 * exchange's records.
 */
export type GapSink = (reason: Reason) => void

/** What the exchange's own records say of an order. */
export interface OrderRecord
  extends Pick<
    OrderEvent,
    | 'clientOrderId'
    | 'exchangeOrderId'
    | 'symbol'
    | 'side'
    | 'type'
    | 'state'
    | 'quantity'
    | 'filledQuantity'
    | 'averagePrice'
    | 'limitPrice'
    | 'triggerPrice'
    | 'reduceOnly'
  > {
  readonly updatedAt: number
}

/** Money that our own positions brought or cost beside fills: funding, interest, rebates. Deposits and withdrawals are none. */
export interface Payment {
  /** The exchange's id of it; the same id twice is the same payment. */
  readonly paymentId: string
  readonly asset: string
  /** What the balance changed by, below zero when it was paid; exact decimal text. */
  readonly amount: string
  readonly occurredAt: number
}

/** The exchange's own view of the account, for reconciliation. */
export interface AccountSnapshot {
  readonly balances: AccountState['balances']
  /** Contract positions; spot holdings are balances. */
  readonly positions: readonly {
    readonly symbol: string
    readonly side: 'long' | 'short'
    readonly quantity: string
    readonly averagePrice: string
  }[]
  readonly openOrders: readonly OrderRecord[]
  readonly asOf: number
}

export interface ConnectOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly symbols: readonly string[]
  readonly abortSignal?: AbortSignal
}

/**
 * A place where things are traded, as Provider sees it. Paper, tape and every real exchange implement it and pass the one
 * contract suite of `@barfinex/provider/testing`.
 *
 * Orders have no replies: `submit` and `cancel` return at once (or when the request has been handed over) and everything
 * that becomes of them arrives at the report sink. A promise that rejects is a defect of the implementation.
 */
export interface Exchange {
  readonly id: string
  readonly mode: 'paper' | 'live'
  readonly account: string
  /** Asset in which equity is counted. */
  readonly quoteAsset: string
  readonly capabilities: ExchangeCapabilities
  /** Connects and reads the instruments; may be called once. */
  connect(options: ConnectOptions): Promise<readonly Instrument[]>
  /** Begins the market side. Events follow on the clock. */
  follow(sink: MarketSink): void
  /** Stops the market side; orders and reports go on. */
  unfollow(): void
  /** Where reports go, and word of a break in them. Set before the first submit. */
  report(sink: ReportSink, onGap: GapSink): void
  /** Closed candles that closed at or before `until`, the newest `limit`, oldest first. */
  history(symbol: string, timeframe: Timeframe, until: number, limit: number): Promise<readonly Candle[]>
  /**
   * Longest after it was handed over that a request can still take effect, in milliseconds: validity, processing and clock error
   * together. Absent where it takes effect at once. Provider concludes no sooner that an order never arrived.
   */
  readonly latestArrivalMs?: number
  submit(order: Order): void | Promise<void>
  cancel(clientOrderId: string, symbol: string): void | Promise<void>
  /** The exchange's record of one order, `null` when it has none. */
  order(clientOrderId: string, symbol: string): Promise<OrderRecord | null>
  /** Fills since (and with) an instant, oldest first. */
  fills(symbol: string, since: number): Promise<readonly Extract<ExchangeReport, { type: 'fill' }>[]>
  /** Payments since (and with) an instant, oldest first. Absent where nothing but fills moves money. */
  payments?(since: number): Promise<readonly Payment[]>
  snapshot(): Promise<AccountSnapshot>
  /** First instant of a recorded or generated market, where its clock has to begin; `null` where the market is only ever now. */
  readonly startsAt: number | null
  /** Instant up to which a recorded market goes; `null` where it never ends. */
  readonly endsAt: number | null
  close(): Promise<void>
}

/** A description of an exchange: nothing is loaded or opened until Provider calls `create`. */
export interface ExchangeFactory {
  readonly id: string
  readonly mode: 'paper' | 'live'
  /** Symbols it serves when nobody names any; empty where they must be named. */
  readonly symbols: readonly string[]
  /** The account it will serve, where that is known before it is made. */
  readonly account?: string
  /** Throws what `create` would throw about keys and files, and opens no connection. */
  check?(): Promise<void>
  create(): Promise<Exchange>
}
