import { Decimal, schemas } from '@barfinex/core'
import { z } from 'zod'

/** An id: small ones come as numbers, ccxt keeps long ones as text. */
export const exchangeId = z.union([z.string().regex(/^-?\d{1,24}$/), z.number().int()]).transform(String)
/** Money as the exchange writes it, in canonical form: no trailing zeros. */
export const money = z
  .string()
  .regex(/^-?\d{1,24}(\.\d{1,18})?$/)
  .transform((text) => Decimal.from(text.replace(/^(-?)0+(?=\d)/, '$1')).toString())
const instant = z.coerce.number().pipe(schemas.instantMs)

export const orderStatus = z.enum([
  'NEW',
  'PENDING_NEW',
  'PARTIALLY_FILLED',
  'FILLED',
  'CANCELED',
  'PENDING_CANCEL',
  'REJECTED',
  'EXPIRED',
  'EXPIRED_IN_MATCH',
])
export type OrderStatus = z.output<typeof orderStatus>

export const orderKind = z.enum([
  'MARKET',
  'LIMIT',
  'LIMIT_MAKER',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
])

export const timeReply = z.object({ serverTime: instant })

/** An order in a reply of `order`, `openOrders` and `allOrders`. */
export const orderReply = z.object({
  symbol: z.string(),
  orderId: exchangeId,
  clientOrderId: z.string(),
  price: money,
  origQty: money,
  executedQty: money,
  cummulativeQuoteQty: money,
  status: orderStatus,
  timeInForce: z.string(),
  type: orderKind,
  side: z.enum(['BUY', 'SELL']),
  stopPrice: money.optional(),
  isWorking: z.boolean().optional(),
  time: instant.optional(),
  updateTime: instant,
})
export type OrderReply = z.output<typeof orderReply>
export const orderListReply = z.array(orderReply)

/** The reply to a new order. */
export const placedReply = z.object({
  symbol: z.string(),
  orderId: exchangeId,
  clientOrderId: z.string(),
  transactTime: instant,
  status: orderStatus.optional(),
  executedQty: money.optional(),
  fills: z
    .array(
      z.object({
        price: money,
        qty: money,
        commission: money,
        commissionAsset: z.string(),
        tradeId: exchangeId,
      }),
    )
    .default([]),
})
export type PlacedReply = z.output<typeof placedReply>

/** The reply to a cancel: `clientOrderId` is the cancel's, `origClientOrderId` the order's. */
export const canceledReply = z.object({
  symbol: z.string(),
  orderId: exchangeId,
  origClientOrderId: z.string(),
  status: orderStatus.optional(),
  executedQty: money.optional(),
  transactTime: instant.optional(),
})

export const tradeReply = z.object({
  symbol: z.string(),
  id: exchangeId,
  orderId: exchangeId,
  price: money,
  qty: money,
  commission: money,
  commissionAsset: z.string(),
  time: instant,
  isMaker: z.boolean(),
})
export const tradeListReply = z.array(tradeReply)
export type TradeReply = z.output<typeof tradeReply>

export const accountReply = z.object({
  commissionRates: z.object({ maker: money, taker: money }).optional(),
  canTrade: z.boolean().optional(),
  balances: z.array(z.object({ asset: z.string(), free: money, locked: money })),
})
export type AccountReply = z.output<typeof accountReply>

/** What a key may do. */
export const keyScopeReply = z.object({
  ipRestrict: z.boolean(),
  enableWithdrawals: z.boolean(),
  /** Moves money between accounts of one owner; that, too, leaves this one. */
  enableInternalTransfer: z.boolean().default(false),
  permitsUniversalTransfer: z.boolean().default(false),
  enableSpotAndMarginTrading: z.boolean(),
})

const filter = z.looseObject({ filterType: z.string() })
export const symbolReply = z.object({
  symbol: z.string(),
  status: z.string(),
  baseAsset: z.string(),
  quoteAsset: z.string(),
  orderTypes: z.array(z.string()),
  isSpotTradingAllowed: z.boolean().default(true),
  filters: z.array(filter),
})
export type SymbolReply = z.output<typeof symbolReply>
export const exchangeInfoReply = z.object({
  rateLimits: z
    .array(
      z.looseObject({ rateLimitType: z.string(), interval: z.string(), intervalNum: z.number(), limit: z.number() }),
    )
    .default([]),
  symbols: z.array(symbolReply),
})

/** Open time, open, high, low, close, volume, close time, quote volume, trades … */
export const klineReply = z.array(
  z
    .tuple([z.coerce.number(), money, money, money, money, money, z.coerce.number(), money, z.coerce.number()])
    .rest(z.unknown()),
)
export type KlineReply = z.output<typeof klineReply>

const level = z.tuple([z.coerce.number(), z.coerce.number()]).rest(z.unknown())
export const depthReply = z.object({
  lastUpdateId: z.coerce.number().int(),
  bids: z.array(level),
  asks: z.array(level),
})

export const aggTradeReply = z.array(
  z.object({
    a: z.coerce.number().int(),
    p: z.coerce.number(),
    q: z.coerce.number(),
    T: instant,
    m: z.boolean(),
  }),
)
