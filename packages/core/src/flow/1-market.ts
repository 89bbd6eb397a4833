import { z } from 'zod'
import { shortText } from './limits.js'
import { code, finite, identifier, instantMs, side, symbol, timeframe, unsignedDecimalText } from './primitives.js'

export const instrument = z.object({
  symbol,
  /** Id of the exchange that owns these rules, such as `paper` or `binance`. */
  exchange: identifier,
  kind: z.enum(['spot', 'swap', 'future', 'forex', 'stock']),
  base: shortText,
  quote: shortText,
  /** Asset in which results are settled: the quote asset of spot and linear contracts. */
  settle: shortText,
  /** Smallest price step, quote per base. */
  tickSize: unsignedDecimalText,
  /** Smallest quantity step, in base. */
  stepSize: unsignedDecimalText,
  /** Smallest order quantity, in base. */
  minQuantity: unsignedDecimalText,
  /** Largest order quantity, in base; `null` where the exchange names none. */
  maxQuantity: unsignedDecimalText.nullable(),
  /** Smallest order notional, in quote. */
  minNotional: unsignedDecimalText,
  /** Largest order notional, in quote; `null` where the exchange names none. */
  maxNotional: unsignedDecimalText.nullable(),
  /** Most orders of ours that may wait for a trigger at once; absent where the exchange names none. */
  maxStopOrders: z.number().int().positive().optional(),
  makerFeeBps: unsignedDecimalText,
  takerFeeBps: unsignedDecimalText,
  /** `halted`: nothing is accepted; `cancelOnly`: only cancels are. */
  status: z.enum(['trading', 'halted', 'cancelOnly']),
  /** Counts up whenever a rule changes; recorded with every order. */
  revision: z.number().int().min(1),
})
/** What may be traded and by which rules. Long and short are possible on everything but `spot` and `stock`. */
export interface Instrument extends z.infer<typeof instrument> {}

export const trade = z.object({
  symbol,
  /** The exchange's id of the print; contiguous ids let a consumer see a gap. */
  tradeId: identifier,
  /** Quote per base. */
  price: finite.positive(),
  /** In base. */
  quantity: finite.positive(),
  takerSide: side,
  /** Exchange clock. */
  occurredAt: instantMs,
})
/** A public print: somebody traded. Ours are fills. */
export interface Trade extends z.infer<typeof trade> {}

export const quote = z.object({
  symbol,
  /** Best bid, quote per base. Below `ask`; a crossed book is a feed state, not a quote. */
  bid: finite.positive(),
  ask: finite.positive(),
  /** Quantity at the best bid, in base. */
  bidQuantity: finite.nonnegative(),
  askQuantity: finite.nonnegative(),
  /** Exchange clock. */
  occurredAt: instantMs,
})
/** Best bid and ask. */
export interface Quote extends z.infer<typeof quote> {}

const level = z.tuple([finite.positive(), finite.nonnegative()])

export const bookChange = z.object({
  symbol,
  /** `snapshot` replaces the whole book; `update` changes the levels named. */
  kind: z.enum(['snapshot', 'update']),
  /** Sequence of the first change inside; equal to `lastSequence` for a snapshot. */
  firstSequence: z.number().int().nonnegative(),
  /** Sequence of the last change inside. The next update must begin at this plus one. */
  lastSequence: z.number().int().nonnegative(),
  /** `[price, quantity]`; quantity 0 removes the level. */
  bids: z.array(level).max(10_000),
  asks: z.array(level).max(10_000),
  occurredAt: instantMs,
})
/** A change of the order book's price levels. */
export interface BookChange extends z.infer<typeof bookChange> {}

export const candle = z.object({
  symbol,
  timeframe,
  /** First millisecond of the bar: the candle's key. */
  openTime: instantMs,
  /** First millisecond after the bar; nothing in the candle is later than `closeTime - 1`. */
  closeTime: instantMs,
  open: finite.positive(),
  high: finite.positive(),
  low: finite.positive(),
  close: finite.positive(),
  /** In base. 0 for a bar without trades, which repeats the last close. */
  volume: finite.nonnegative(),
  /** Number of public trades inside; 0 when the source does not say. */
  tradeCount: z.number().int().nonnegative(),
  /** False only on the forming-candle channel. */
  isFinal: z.boolean(),
  /** `live`: built here from trades or sent by the exchange; `repaired`: fetched later; `synthetic`: no trades in the slot; `tape`: recorded. */
  provenance: z.enum(['live', 'repaired', 'synthetic', 'tape']),
  /** 0 at first; counts up when a closed candle is corrected. */
  revision: z.number().int().nonnegative(),
})
/** Open, high, low, close and volume of one slot of time. */
export interface Candle extends z.infer<typeof candle> {}

export const feed = z.object({
  symbol,
  state: z.enum(['starting', 'live', 'stale', 'gap', 'lost']),
  /** Why: `market.feed.live`, `market.feed.no-data`, `market.book.sequence-gap` … */
  code,
  since: instantMs,
  /** Exchange time of the newest event; `null` before the first. */
  lastEventAt: instantMs.nullable(),
  /** Events dropped or refused at the edge since start. */
  refusedCount: z.number().int().nonnegative(),
  /** Sequence gaps seen since start. */
  gapCount: z.number().int().nonnegative(),
})
/** Whether a symbol's market data may be acted upon. Anything but `live` means: do not open a position on it. */
export interface Feed extends z.infer<typeof feed> {}
