import type {
  AccountState,
  Candle,
  Decimal,
  Direction,
  ExecutionIntent,
  Feed,
  InstrumentRules,
  Order,
  Quote,
  TradingState,
} from '@barfinex/core'

/** The newest of everything the market said about one symbol. Floats: a reference to judge by, never money that goes on. */
export interface MarketView {
  readonly quote: Quote | null
  /** Closed candle that ends last, of any timeframe. */
  readonly candle: Candle | null
  readonly feed: Feed | null
}

/** Where the account stands against its limits. Quote asset; `null` while it is not known. */
export interface RiskView {
  /** Equity at last prices. */
  readonly equityQuote: number | null
  readonly peakEquityQuote: number | null
  /** Equity at 00:00 UTC, or when the account was first seen that day. */
  readonly dayStartEquityQuote: number | null
  /** Losing trades in a row, up to now. */
  readonly losingStreak: number
  readonly lastLossAt: number | null
  /** When a named operator last lifted what was held; `null` when nobody ever has. */
  readonly resumedAt: number | null
}

/** What is held and promised of one symbol, open orders counted as filled. */
export interface SymbolExposure {
  readonly symbol: string
  /** Above zero is long, below is short, in base. */
  readonly signedQuantity: Decimal
  /** Open position at the last price, in quote; `null` when there is a position and no price for it. */
  readonly positionQuote: Decimal | null
  /** Unfilled part of approved entries, in quote. */
  readonly reservedQuote: Decimal
  /** The same in base: above zero to be bought, below to be sold. */
  readonly promisedQuantity: Decimal
  /** Orders that rest, are on their way, or are promised to protect what is open or may still be filled. */
  readonly orderCount: number
  /** Stops that live, or that what is open and may still be filled is entitled to. */
  readonly stopCount: number
  /** True while something of it is being left: sold, not protected. */
  readonly isLeaving: boolean
  /**
   * What stops, targets and exits that live may still close, in base, by the group that shares it, or by order where there is none.
   * What is being taken back, and what only the exchange knows about, is not in it.
   */
  readonly closingQuantities: ReadonlyMap<string, Decimal>
  /** Lowest price at which an order of ours would sell, highest at which one would buy; `null` when none waits at a price. */
  readonly lowestSell: Decimal | null
  readonly highestBuy: Decimal | null
}

/** What the account holds and has promised. */
export interface Exposure {
  /** Symbols with a position or a promise, by name. */
  readonly symbols: ReadonlyMap<string, SymbolExposure>
  /** Sum of all positions at last prices, in quote; `null` when one of them has no price. */
  readonly positionsQuote: Decimal | null
  readonly reservedQuote: Decimal
  /** Symbols with an open position or a working entry. */
  readonly openCount: number
}

/** An entry that was approved. */
export interface RecentEntry {
  readonly intentId: string
  readonly decisionId: string
  readonly strategyId: string
  readonly symbol: string
  readonly direction: Direction
  /** Price the decision was made at, quote per base. */
  readonly referencePrice: number
  readonly approvedAt: number
  /** When its first part was filled; `null` while nothing was. */
  readonly filledAt: number | null
}

/** Everything Inspector knows at the moment of judging. A record: equal situations give equal verdicts. */
export interface Situation {
  /** Kernel time, milliseconds UTC. */
  readonly now: number
  readonly accountId: string
  /** Provider's ledger as last published; `null` before the first. */
  readonly account: AccountState | null
  readonly symbol: string
  readonly rules: InstrumentRules | null
  /** The intent the order serves; `null` for orders that serve none. */
  readonly intent: ExecutionIntent | null
  readonly market: MarketView
  readonly trading: TradingState['state']
  readonly risk: RiskView
  readonly exposure: Exposure
  /** Approved entries, oldest first, as far back as any policy may look. */
  readonly recent: readonly RecentEntry[]
  /** Most orders per symbol, protective ones included. */
  readonly maxOrderCount: number
  /** Most notional per quote of equity; 1 is no leverage. */
  readonly leverage: number
}

/** A situation with the exact order that was proposed in it. */
export interface Proposal extends Situation {
  readonly order: Order
  readonly quantity: Decimal
  /** Price at which the order counts: its limit, else the worse of the touch and the intent's reference. */
  readonly price: Decimal
  readonly notional: Decimal
  /** Computed from the open position, not taken from the order's label. */
  readonly effect: 'opens' | 'reduces'
}
