import { z } from 'zod'
import type { ExchangeReport } from '../exchange.js'
import { endingReason } from './ending-reason.js'
import { isConditional } from './order-record.js'
import { exchangeId, money, orderKind, orderStatus } from './reply-schemas.js'

const instant = z.coerce.number().int().nonnegative()

/** One report about one of the account's orders, by its names on the wire. */
const executionReport = z.object({
  s: z.string(),
  /** Our id; on a cancel the cancel's. */
  c: z.string(),
  /** On a cancel the order's id; else empty. */
  C: z.string().default(''),
  o: orderKind,
  f: z.string(),
  x: z.enum(['NEW', 'CANCELED', 'REPLACED', 'REJECTED', 'TRADE', 'EXPIRED', 'TRADE_PREVENTION']),
  X: orderStatus,
  r: z.string().default('NONE'),
  i: exchangeId,
  l: money,
  z: money.optional(),
  L: money,
  n: money.nullish(),
  N: z.string().nullish(),
  T: instant,
  t: exchangeId,
  w: z.boolean().default(true),
  m: z.boolean().default(false),
  eR: z.union([z.string(), z.number()]).optional(),
})

/** An event of the user stream, as far as it is about orders. */
export type UserEvent =
  | {
      readonly type: 'order'
      readonly exchangeOrderId: string
      readonly clientOrderId: string
      readonly symbol: string
      readonly isFilled: boolean
      readonly reports: readonly ExchangeReport[]
    }
  /** Something about an order that cannot be read, or a change that is not ours: the exchange's records have to be asked. */
  | { readonly type: 'unreadable' }
  | { readonly type: 'other' }

/**
 * Reads an event of the user stream. Every state change of an order has a report of its own, and every trade its fill.
 *
 * @param symbolOf Our name of a market; `undefined` for one that is not served.
 */
export function readUserEvent(event: unknown, symbolOf: (marketId: string) => string | undefined): UserEvent {
  const kind = (event as { readonly e?: unknown } | null)?.e

  if (kind !== 'executionReport') return { type: 'other' }
  const parsed = executionReport.safeParse(event)
  if (!parsed.success) return { type: 'unreadable' }
  const report = parsed.data
  const symbol = symbolOf(report.s)
  if (symbol === undefined || report.x === 'REPLACED') return { type: 'unreadable' }
  const clientOrderId = report.C === '' ? report.c : report.C
  const about = { clientOrderId, exchangeOrderId: report.i, symbol, occurredAt: report.T }
  return {
    type: 'order',
    exchangeOrderId: report.i,
    clientOrderId,
    symbol,
    isFilled: report.X === 'FILLED',
    reports: reportsOf(report, about),
  }
}

interface About {
  readonly clientOrderId: string
  readonly exchangeOrderId: string
  readonly symbol: string
  readonly occurredAt: number
}

function reportsOf(report: z.output<typeof executionReport>, about: About): readonly ExchangeReport[] {
  const { x, X, o, f, w, r, eR, z: filledQuantity } = report
  switch (x) {
    case 'NEW':
      return [{ type: isConditional(o) && w ? 'triggered' : 'accepted', reason: null, ...about }]
    case 'TRADE':
      return [
        {
          type: 'fill',
          ...about,
          tradeId: report.t,
          price: report.L,
          quantity: report.l,
          fee: report.n ?? '0',
          // No fee has no asset.
          feeAsset: report.N ?? about.symbol.slice(about.symbol.indexOf('/') + 1),
          liquidity: report.m ? 'maker' : 'taker',
        },
      ]
    case 'REJECTED':
      return [
        { type: 'rejected', reason: { code: 'exchange.order.refused', message: `The exchange says ${r}.` }, ...about },
      ]
    case 'CANCELED':
      return [
        {
          type: 'canceled',
          reason: eR === undefined ? null : endingReason('CANCELED', o, f, String(eR)),
          filledQuantity,
          ...about,
        },
      ]
    case 'EXPIRED':
    case 'TRADE_PREVENTION':
      // A prevented match ends an order only when nothing is left of it.
      if (X !== 'EXPIRED' && X !== 'EXPIRED_IN_MATCH') return []
      return [
        {
          type: 'expired',
          reason: endingReason(X, o, f, eR === undefined ? null : String(eR)),
          filledQuantity,
          ...about,
        },
      ]
    case 'REPLACED':
      return []
  }
}
