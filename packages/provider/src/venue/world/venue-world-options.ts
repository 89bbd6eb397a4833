import { type Clock, schemas } from '@barfinex/core'
import { z } from 'zod'
import type { Tape } from '../../exchanges/tape/tape.js'

const amount = schemas.unsignedDecimalText
const asset = z.string().regex(/^[A-Z0-9]{1,20}$/)
const range = z
  .strictObject({ from: z.number().int().min(0), to: z.number().int().min(0) })
  .refine((it) => it.from <= it.to, 'from is not above to')
const fees = z.strictObject({ maker: amount, taker: amount })
const count = z.number().int().min(1)

const limits = z.strictObject({
  maxQuantity: amount.optional(),
  maxMarketQuantity: amount.optional(),
  minNotional: amount.optional(),
  maxNotional: amount.optional(),
  maxNumOrders: count.optional(),
  maxNumAlgoOrders: count.optional(),
  maxPosition: amount.optional(),
})

const account = z.strictObject({
  id: schemas.identifier,
  apiKey: z.string().min(1),
  secret: z.string().min(1),
  /** PEM of an Ed25519 key, for `session.logon`. */
  publicKey: z.string().optional(),
  /** What it holds on spot at first, by asset. */
  balances: z.record(asset, amount).default({ USDT: '10000', BTC: '1' }),
  /** What it holds on perpetuals at first. */
  usdmBalances: z.record(asset, amount).default({ USDT: '10000' }),
  /** Pays spot fees in BNB, for a quarter less, while it holds enough. */
  paysFeesInBnb: z.boolean().default(false),
})

/** Options of the venue's world. */
export const venueWorldOptions = z.strictObject({
  clock: z.custom<Clock>((it) => typeof it === 'object' && it !== null && 'schedule' in it, 'must be a clock'),
  seed: z.union([z.number(), z.string()]).default(1),
  accounts: z.array(account).min(1),
  /** Spot symbols as ccxt names them. A tape brings its own. */
  symbols: z.array(schemas.symbol).min(1).default(['BTC/USDT', 'ETH/USDT', 'BNB/USDT']),
  /** Perpetuals, `BASE/QUOTE:QUOTE`. */
  perpetuals: z.array(schemas.symbol).default(['BTC/USDT:USDT', 'ETH/USDT:USDT']),
  /** `generated` from the seed, or `still` until somebody trades or moves it. */
  market: z.enum(['generated', 'still']).default('generated'),
  /** A recorded spot market in place of a generated one, opened with `openTape`; it begins when the venue does. */
  tape: z
    .custom<Tape>((it) => typeof it === 'object' && it !== null && 'contentHash' in it, 'must be an opened tape')
    .optional(),
  /** Quote changes of an ordinary minute of a generated market. */
  ticksPerMinute: z.number().int().min(1).max(200).default(30),
  /** Days that generated markets remember from before the venue began. */
  historyDays: z.number().int().min(1).max(3_650).default(60),
  /** Spot fees in basis points. */
  feeBps: fees.default({ maker: '10', taker: '10' }),
  perpetualFeeBps: fees.default({ maker: '2', taker: '5' }),
  /** Filters other than the usual ones, by symbol. */
  limits: z.record(schemas.symbol, limits).default({}),
  /** Unfilled orders that an account may place. */
  orderLimits: z
    .strictObject({ per10Seconds: count.default(100), perDay: count.default(200_000) })
    .default({ per10Seconds: 100, perDay: 200_000 }),
  /** How long the records behind the reads lag the engine. */
  indexingLagMs: range.default({ from: 0, to: 0 }),
  marketDelayMs: range.default({ from: 0, to: 0 }),
  /** With 0 in it a report may come before the reply to its order, with more behind it. */
  userDelayMs: range.default({ from: 0, to: 3 }),
  /** Hours between two payments of funding. */
  fundingHours: z.number().int().min(1).max(24).default(8),
})
export type VenueWorldOptions = z.input<typeof venueWorldOptions>
export type ResolvedVenueWorldOptions = z.output<typeof venueWorldOptions>
