import type { BookChange } from '@barfinex/core'
import { z } from 'zod'
import type { NumberedTrade } from './trade-chain.js'

const number = z.coerce.number()
const count = z.coerce.number().int().nonnegative()
const level = z.tuple([number, number]).rest(z.unknown())

const aggTrade = z.object({
  e: z.literal('aggTrade'),
  s: z.string(),
  a: count,
  p: number,
  q: number,
  T: count,
  m: z.boolean(),
})
const depth = z.object({
  e: z.literal('depthUpdate'),
  E: count,
  s: z.string(),
  U: count,
  u: count,
  b: z.array(level),
  a: z.array(level),
})
const ticker = z.object({ u: count, s: z.string(), b: number, B: number, a: number, A: number })

/** What a frame of the market streams says, with the exchange's name of the market. */
export type MarketFrame =
  | { readonly type: 'trade'; readonly marketId: string; readonly trade: NumberedTrade }
  | { readonly type: 'book'; readonly marketId: string; readonly change: BookChange }
  | { readonly type: 'quote'; readonly marketId: string; readonly bid: Side; readonly ask: Side }
  /** The server is going down. */
  | { readonly type: 'ending' }

interface Side {
  readonly price: number
  readonly quantity: number
}

/** Reads a frame; `null` for what is none of ours or is not sound: it is dropped, and the counts in the others show the hole. */
export function readMarketFrame(text: string, symbolOf: (marketId: string) => string | undefined): MarketFrame | null {
  const event = unwrap(text)
  if (event?.['e'] === 'serverShutdown') return { type: 'ending' }
  const marketId = event?.['s']
  const symbol = typeof marketId === 'string' ? symbolOf(marketId) : undefined
  if (event === null || typeof marketId !== 'string' || symbol === undefined) return null
  if (event['e'] === 'aggTrade') {
    const parsed = aggTrade.safeParse(event)
    return parsed.success ? { type: 'trade', marketId, trade: numberedTrade(symbol, parsed.data) } : null
  }
  if (event['e'] === 'depthUpdate') {
    const parsed = depth.safeParse(event)
    return parsed.success ? { type: 'book', marketId, change: changeOf(symbol, parsed.data) } : null
  }
  const parsed = event['e'] === undefined ? ticker.safeParse(event) : null
  if (parsed?.success !== true) return null
  const { b, B, a, A } = parsed.data
  return { type: 'quote', marketId, bid: { price: b, quantity: B }, ask: { price: a, quantity: A } }
}

/** A trade of the stream or of the exchange's records. */
export function numberedTrade(
  symbol: string,
  {
    a,
    p,
    q,
    T,
    m,
  }: { readonly a: number; readonly p: number; readonly q: number; readonly T: number; readonly m: boolean },
): NumberedTrade {
  const trade = {
    symbol,
    tradeId: String(a),
    price: p,
    quantity: q,
    takerSide: m ? 'sell' : 'buy',
    occurredAt: T,
  } as const
  return { number: a, trade }
}

function changeOf(symbol: string, { U, u, b, a, E }: z.output<typeof depth>): BookChange {
  return {
    symbol,
    kind: 'update',
    firstSequence: U,
    lastSequence: u,
    bids: b.map(([price, quantity]) => [price, quantity]),
    asks: a.map(([price, quantity]) => [price, quantity]),
    occurredAt: E,
  }
}

function unwrap(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const frame: unknown = JSON.parse(text)
    if (!isRecord(frame)) return null
    return isRecord(frame['data']) ? frame['data'] : frame
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
