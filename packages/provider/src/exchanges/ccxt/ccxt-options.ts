import { BarfinexError, schemas } from '@barfinex/core'
import { z } from 'zod'

/** Exchanges of ccxt that trade here. Others wait until the contract suite has shown what they do with an order. */
export const supportedIds = ['binance'] as const

const address = z.url({ protocol: /^https?$/, error: 'must be an address such as http://127.0.0.1:8080' })

/** Options of an exchange through ccxt. Keys are none of them: options get printed. */
export const ccxtOptions = z
  .strictObject({
    /** Which exchange, by ccxt's name. `binance` is its spot market. */
    id: z.enum(supportedIds).default('binance'),
    /** Name of the account in messages and in the journal; the exchange's id when absent. */
    account: schemas.identifier.optional(),
    /** What is served when nobody names symbols: `BASE/QUOTE`. */
    symbols: z.array(schemas.symbol).default([]),
    /** Asset in which equity is counted. */
    quoteAsset: z
      .string()
      .regex(/^[A-Z0-9]{1,20}$/)
      .default('USDT'),
    /** Says that real money is meant. Without it only the exchange's own sandbox or a venue on this machine is traded. */
    live: z.boolean().default(false),
    /** Trades in the exchange's own sandbox. */
    sandbox: z.boolean().default(false),
    /** Address of a test venue that speaks the exchange's protocol, such as the one of `barfinex venue`. */
    venueUrl: address.optional(),
    /** JSON file with `key` and `secret`, readable by its owner alone. `BARFINEX_EXCHANGE_KEY` and `_SECRET` when absent. */
    keyFile: z.string().min(1).optional(),
    /** The exchange refuses a request that reaches it later than this after it was signed, in milliseconds. */
    recvWindowMs: z.number().int().min(1_000).max(60_000).default(5_000),
    /** After so long without a whole reply a request counts as lost, in milliseconds. */
    timeoutMs: z.number().int().min(100).max(60_000).default(10_000),
    /** Rules and status of the symbols, and the exchange's clock, are read again so often, in milliseconds. */
    refreshMs: z.number().int().min(1_000).default(60_000),
    /** While the stream of reports is down Provider is told to look so often, in milliseconds. */
    pollMs: z.number().int().min(100).default(5_000),
    /** A line that has said nothing for so long, not even to a ping, is dead, in milliseconds. */
    pingMs: z.number().int().min(100).default(10_000),
    /** Whether to keep the order book of every symbol. */
    book: z.boolean().default(true),
  })
  .refine((it) => !(it.sandbox && it.venueUrl !== undefined), {
    path: ['sandbox'],
    message: 'cannot be combined with venueUrl: both say where to trade',
  })

export type CcxtOptions = z.input<typeof ccxtOptions>
export type ResolvedCcxtOptions = z.output<typeof ccxtOptions>

/** Real money is traded only where somebody has said so. */
export function refuseUnsaidLive({ live, sandbox, venueUrl }: ResolvedCcxtOptions): void {
  if (live || sandbox) return
  if (venueUrl === undefined) {
    throw new BarfinexError(
      'options.invalid',
      'ccxt: this would trade real money. Say `live: true`, or give `sandbox: true` or the `venueUrl` of a test venue.',
    )
  }
  const { hostname } = new URL(venueUrl)
  if (hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)) return
  throw new BarfinexError(
    'options.invalid',
    `ccxt: the venue at ${hostname} is not on this machine, so it may be a real one. Say \`live: true\` if it is meant.`,
  )
}
