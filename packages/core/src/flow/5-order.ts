import { z } from 'zod'
import { longestList, shortText } from './limits.js'
import {
  decimalText,
  identifier,
  instantMs,
  reason,
  sha256Hex,
  side,
  symbol,
  unsignedDecimalText,
} from './primitives.js'

export const orderState = z.enum([
  'initialized',
  'denied',
  'submitted',
  'accepted',
  'triggered',
  'partiallyFilled',
  'pendingCancel',
  'filled',
  'canceled',
  'rejected',
  'expired',
  'uncertain',
])
/** State of an order. `denied` is ours, `rejected` is the exchange's; `uncertain` means only the exchange knows. */
export type OrderState = z.infer<typeof orderState>

export const orderType = z.enum([
  'market',
  'limit',
  'stopMarket',
  'stopLimit',
  'takeProfitMarket',
  'takeProfitLimit',
  'trailingStopMarket',
])
export type OrderType = z.infer<typeof orderType>

export const orderPurpose = z.enum(['entry', 'stop', 'target', 'exit'])
/** What an order is for: opening, protecting against loss, taking profit, or leaving by hand or by rule. */
export type OrderPurpose = z.infer<typeof orderPurpose>

export const timeInForce = z.enum(['gtc', 'ioc', 'fok'])
export type TimeInForce = z.infer<typeof timeInForce>

/** Our id of an order at the exchange: at most 36 characters, as the strictest exchanges allow. */
export const clientOrderId = z.string().regex(/^[A-Za-z0-9_-]{1,36}$/, 'must be at most 36 of A-Z a-z 0-9 _ -')

export const order = z.object({
  clientOrderId,
  symbol,
  side,
  type: orderType,
  /** In base, on the step grid, above zero. */
  quantity: unsignedDecimalText,
  /** Quote per base, on the tick grid; `null` for market types. */
  limitPrice: unsignedDecimalText.nullable(),
  /** Last price at which a stop or take-profit type wakes; `null` for others. */
  triggerPrice: unsignedDecimalText.nullable(),
  /** Distance of a trailing stop from the best price seen, in basis points; `null` for others. */
  trailingBps: unsignedDecimalText.nullable(),
  timeInForce,
  /** May only shrink the position; the exchange or our engine cuts it to what is open. */
  reduceOnly: z.boolean(),
  /** Refused rather than filled at once. */
  postOnly: z.boolean(),
  /** Orders of one group cancel each other when one fills; `null` for a lone order. */
  ocoGroup: clientOrderId.nullable(),
  purpose: orderPurpose,
  /** The intent it serves, also for the protective orders of its position; for operator acts the command's id. */
  intentId: identifier,
  /** 0 for the first order of this purpose for the intent, then counting up. */
  attempt: z.number().int().nonnegative(),
})
/** An exact order, as it would go to an exchange. Not yet allowed to: see {@link ApprovedOrder}. */
export interface Order extends z.infer<typeof order> {}

export const approval = z.object({
  account: identifier,
  /** Incarnation of the Inspector that sealed; a lower one than the highest seen is refused. */
  epoch: z.number().int().nonnegative(),
  clientOrderId,
  /** SHA-256 of the canonical action: the exact order, or the cancel. */
  subjectHash: sha256Hex,
  expiresAt: instantMs,
  /** Good for one use, also after a restart. */
  nonce: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/),
  /** Which key sealed it. */
  keyId: z.string().max(64),
  /** base64url; HMAC-SHA256 in one process, Ed25519 between daemons. */
  signature: z.string().max(200),
})
/** Inspector's seal over one exact action. */
export interface Approval extends z.infer<typeof approval> {}

declare const sealed: unique symbol
/** An order with Inspector's seal. Only Inspector mints one; Provider's order gateway takes nothing else. */
export interface ApprovedOrder {
  readonly order: Order
  readonly approval: Approval
  readonly [sealed]: 'submit'
}
/** A cancel with Inspector's seal: taking a protective order away is as dangerous as sending one. */
export interface ApprovedCancel {
  readonly clientOrderId: string
  readonly symbol: string
  readonly approval: Approval
  readonly [sealed]: 'cancel'
}

export const orderCommand = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('submit'),
    commandId: identifier,
    account: identifier,
    order,
    approval,
  }),
  z.object({
    type: z.literal('cancel'),
    commandId: identifier,
    account: identifier,
    clientOrderId,
    symbol,
    approval,
  }),
])
/** The only road to an exchange: a sealed submit or a sealed cancel, written by Inspector. Its outcome is order events. */
export type OrderCommand = z.infer<typeof orderCommand>

export const orderEvent = z.object({
  account: identifier,
  clientOrderId,
  /** The exchange's id, `null` until it is known. */
  exchangeOrderId: identifier.nullable(),
  symbol,
  side,
  type: orderType,
  purpose: orderPurpose,
  intentId: identifier,
  state: orderState,
  /** Counts the order's events from 0: events with a lower one are old. */
  sequence: z.number().int().nonnegative(),
  /** As ordered, in base. */
  quantity: unsignedDecimalText,
  /** Filled so far, in base. */
  filledQuantity: unsignedDecimalText,
  /** Mean price of the fills, quote per base; `null` before the first. */
  averagePrice: unsignedDecimalText.nullable(),
  limitPrice: unsignedDecimalText.nullable(),
  triggerPrice: unsignedDecimalText.nullable(),
  reduceOnly: z.boolean(),
  ocoGroup: clientOrderId.nullable(),
  /** Why it was denied, rejected, canceled, expired or is uncertain; else `null`. */
  reason: reason.nullable(),
  occurredAt: instantMs,
})
/** An order reached a state. */
export interface OrderEvent extends z.infer<typeof orderEvent> {}

export const fill = z.object({
  account: identifier,
  /** The exchange's trade id with the symbol before it: unique on the account; a fill is counted once by it. */
  fillId: identifier,
  clientOrderId,
  exchangeOrderId: identifier.nullable(),
  symbol,
  side,
  purpose: orderPurpose,
  intentId: identifier,
  price: unsignedDecimalText,
  /** In base. */
  quantity: unsignedDecimalText,
  /** Positive is paid, negative is a rebate; in `feeAsset`. */
  fee: decimalText,
  feeAsset: shortText,
  liquidity: z.enum(['maker', 'taker']),
  /** True when the exchange did not report it and the ledger had to conclude it. */
  inferred: z.boolean(),
  /** Exchange clock. */
  occurredAt: instantMs,
})
/** Part of one of our orders was executed. */
export interface Fill extends z.infer<typeof fill> {}

export const positionState = z.object({
  symbol,
  side: z.enum(['long', 'short', 'flat']),
  /** In base, never negative. */
  quantity: unsignedDecimalText,
  /** Mean entry price, quote per base; `null` when flat. */
  averagePrice: unsignedDecimalText.nullable(),
  /** Result of everything closed so far, in quote, before fees. */
  realizedPnl: decimalText,
  /** Fees paid so far, converted to quote at the fill's price where they were paid in base. */
  feesPaid: decimalText,
  openedAt: instantMs.nullable(),
})
/** What is held of one symbol. */
export interface PositionState extends z.infer<typeof positionState> {}

export const accountState = z.object({
  account: identifier,
  /** Counts up with every change; a reader ignores lower ones. */
  sequence: z.number().int().nonnegative(),
  /** False after a failed or contradicted reconciliation: then nothing may be opened on the strength of it. */
  known: z.boolean(),
  reason: reason.nullable(),
  balances: z
    .array(z.object({ asset: shortText, free: decimalText, locked: decimalText, total: decimalText }))
    .max(longestList),
  positions: z.array(positionState).max(longestList),
  openOrders: z.array(orderEvent).max(longestList),
  /** The newest fill that is counted in here; absent before the first. Fills travel apart: who has not read it yet is behind. */
  lastFillId: shortText.optional(),
  /** Everything owned, in the account's quote asset, at last prices (mid of the newest quote, else last trade or close). */
  equityQuote: decimalText,
  /**
   * Assets and symbols that are held and traded here and have no price yet: `equityQuote` is without them and says nothing about
   * what was won or lost. Absent when there are none.
   */
  unpriced: z.array(shortText).max(longestList).optional(),
  quoteAsset: shortText,
  asOf: instantMs,
})
/** Provider's ledger: the one truth about the account, reconciled with the exchange. */
export interface AccountState extends z.infer<typeof accountState> {}
