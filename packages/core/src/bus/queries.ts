import { z } from 'zod'
import { candle } from '../flow/1-market.js'
import { accountState } from '../flow/5-order.js'
import { identifier, instantMs, symbol, timeframe } from '../flow/primitives.js'
import { defineQuery } from './query.js'

const candleRequest = z.object({
  symbol,
  timeframe,
  /** Only candles that closed at or before this instant. */
  until: instantMs,
  /** How many at most, the newest ones. */
  limit: z.number().int().min(1).max(100_000),
  /** Continue before this open time: the `cursor` of the reply before. */
  cursor: instantMs.nullable(),
})
export type CandleRequest = z.infer<typeof candleRequest>

const candleReply = z.object({
  /** Oldest first, final, without gaps in order. */
  candles: z.array(candle).readonly(),
  /** Pass on to get older ones; `null` when there are none. */
  cursor: instantMs.nullable(),
})
export type CandleReply = z.infer<typeof candleReply>

/** Questions between services. */
export const queries = {
  /** Closed candles from Provider's history. */
  candles: defineQuery<CandleRequest, CandleReply>({
    name: 'history.candles',
    request: candleRequest,
    reply: candleReply,
    askedBy: ['provider', 'detector', 'advisor'],
    answeredBy: 'provider',
  }),
  /** The account as Provider's ledger knows it now. */
  account: defineQuery({
    name: 'order.account',
    request: z.object({ account: identifier }),
    reply: accountState,
    askedBy: ['advisor', 'inspector'],
    answeredBy: 'provider',
  }),
} as const
