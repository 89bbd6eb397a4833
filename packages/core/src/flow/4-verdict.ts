import { z } from 'zod'
import { order, orderPurpose } from './5-order.js'
import { longestList, shortText } from './limits.js'
import {
  decimalText,
  direction,
  finite,
  identifier,
  instantMs,
  reason,
  symbol,
  unsignedDecimalText,
} from './primitives.js'

export const verdict = z.object({
  verdictId: identifier,
  type: z.enum(['approved', 'denied']),
  account: identifier,
  /** The intent that was judged; for operator acts the command's id. */
  intentId: identifier,
  symbol,
  purpose: orderPurpose,
  /** The exact order that was approved, or the one that was refused; `null` when none could be sized. */
  order: order.nullable(),
  /** Every policy that failed, not only the first; empty when approved. */
  reasons: z.array(reason).max(longestList),
  /** Codes of all policies that were asked, in order. */
  policies: z.array(shortText).max(longestList),
  /** Headroom reserved by the approval until the order is final, in quote. */
  reservedNotional: unsignedDecimalText,
  decidedAt: instantMs,
})
/** Inspector's answer to one intent or protective need. */
export interface Verdict extends z.infer<typeof verdict> {}

export const act = z.object({
  actId: identifier,
  /** `throttle`: fewer signals, please. `standDown`: no entries. `closeAll`: leave every position. `resume`: back to normal. */
  type: z.enum(['throttle', 'standDown', 'closeAll', 'resume']),
  /** One symbol or strategy, or `null` for all. */
  symbol: symbol.nullable(),
  strategyId: identifier.nullable(),
  reason,
  /** Ends by itself then; `null` until somebody says resume. */
  until: instantMs.nullable(),
  decidedAt: instantMs,
})
/** An act of Inspector wider than one order. */
export interface Act extends z.infer<typeof act> {}

export const tradingState = z.object({
  account: identifier,
  /** `reduceOnly`: only orders that shrink a position pass. `halted`: nothing passes but cancels and protection. */
  state: z.enum(['active', 'reduceOnly', 'halted']),
  reason: reason.nullable(),
  /** `policy`, `operator:<name>` or `restart`. */
  setBy: identifier,
  since: instantMs,
})
/** What kind of order may pass at all. Survives a restart; only a named operator lifts a halt. */
export interface TradingState extends z.infer<typeof tradingState> {}

export const protection = z.object({
  account: identifier,
  symbol,
  /** `covered`: resting protective quantity is at least the open quantity, right side, reduce-only. `flat`: nothing to cover. */
  status: z.enum(['flat', 'covered', 'partial', 'naked', 'unknown']),
  positionQuantity: unsignedDecimalText,
  /** Open quantity covered by resting stops. */
  coveredQuantity: unsignedDecimalText,
  stopPrice: unsignedDecimalText.nullable(),
  targetPrice: unsignedDecimalText.nullable(),
  stopOrderId: shortText.nullable(),
  targetOrderId: shortText.nullable(),
  /** Since when some open quantity has had no resting stop; `null` while covered or flat. */
  nakedSince: instantMs.nullable(),
  /** Longest stretch without full cover so far, in milliseconds. */
  longestNakedMs: z.number().nonnegative(),
  asOf: instantMs,
})
/** Whether a position is protected at the exchange. */
export interface Protection extends z.infer<typeof protection> {}

export const outcome = z.object({
  outcomeId: identifier,
  account: identifier,
  intentId: identifier,
  decisionId: identifier,
  signalId: identifier,
  strategyId: identifier,
  symbol,
  direction,
  quantity: unsignedDecimalText,
  entryPrice: unsignedDecimalText,
  exitPrice: unsignedDecimalText,
  grossPnl: decimalText,
  fees: decimalText,
  /** After fees, in quote. */
  netPnl: decimalText,
  /** Net result over the risk first taken (entry to stop times quantity). */
  resultR: finite,
  exitReason: z.enum([
    'stopLoss',
    'takeProfit',
    'trailingStop',
    'timeLimit',
    'forceExit',
    'emergencyExit',
    'exitSignal',
  ]),
  /** The advisor's probability when it was decided. */
  probability: finite.min(0).max(1),
  regime: shortText,
  openedAt: instantMs,
  closedAt: instantMs,
})
/** How a trade ended. Goes back to the advisor, which learns from it. */
export interface TradeOutcome extends z.infer<typeof outcome> {}

export const incident = z.object({
  incidentId: identifier,
  severity: z.enum(['info', 'warning', 'critical']),
  reason,
  symbol: symbol.nullable(),
  raisedAt: instantMs,
})
/** Something a person should look at. */
export interface Incident extends z.infer<typeof incident> {}

export const riskState = z.object({
  account: identifier,
  equityQuote: decimalText,
  peakEquityQuote: decimalText,
  /** Share of the peak that is lost now, in [0, 1]. */
  drawdown: finite.min(0),
  dayStartEquityQuote: decimalText,
  /** Equity now less equity at 00:00 UTC, in quote. */
  dayPnlQuote: decimalText,
  losingStreak: z.number().int().nonnegative(),
  lastLossAt: instantMs.nullable(),
  openPositionCount: z.number().int().nonnegative(),
  /** Sum of position notionals at last prices, in quote. */
  grossExposureQuote: unsignedDecimalText,
  /** Notional promised to approved entry orders that are not final, in quote. */
  reservedQuote: unsignedDecimalText,
  /**
   * By spot symbol, what closed trades have left that was too little to be sold, in base, and what it cost, in quote; below zero where the fees
   * of a sale were paid in base. The next trade of the symbol takes it along. Absent when there is none.
   */
  dust: z.record(symbol, z.object({ quantity: decimalText, cost: decimalText })).optional(),
  asOf: instantMs,
})
/** Where the account stands against its limits. */
export interface RiskState extends z.infer<typeof riskState> {}
