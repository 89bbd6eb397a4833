import { BarfinexError, schemas } from '@barfinex/core'
import { z } from 'zod'
import type { Tape } from '../tape/tape.js'

/** Where generated markets begin unless said otherwise: 2024-01-01T00:00:00Z, a Monday. Fixed, so that runs repeat. */
export const paperStartAt = Date.UTC(2024, 0, 1)

const tape = z.custom<string | Tape>(
  (value) => typeof value === 'string' || (typeof value === 'object' && value !== null && 'contentHash' in value),
  'must be the path of a tape, or one that was opened with openTape',
)

const bps = schemas.unsignedDecimalText

/** Options of the paper exchange. */
export const paperOptions = z.strictObject({
  /** Seeds the generated markets. */
  seed: z.union([z.number(), z.string()]).default(1),
  /** Markets to generate; `BASE/QUOTE` is spot, `BASE/QUOTE:QUOTE` a perpetual contract. A tape brings its own. */
  symbols: z.array(schemas.symbol).min(1).default(['BTC/USDT', 'ETH/USDT:USDT']),
  /** First instant of the generated markets on a virtual clock; on the machine's clock they begin today. */
  startAt: schemas.instantMs.default(paperStartAt),
  /** Days that the generated markets remember from before their beginning. */
  historyDays: z.number().int().min(1).max(3_650).default(60),
  /** Quote changes of an ordinary minute: 12 is one in 5 s. */
  ticksPerMinute: z.number().int().min(1).max(200).default(12),
  /** What the account holds at first, by asset. 10,000 of the quote asset when absent. */
  balances: z.record(z.string().regex(/^[A-Z0-9]{1,20}$/), schemas.unsignedDecimalText).optional(),
  /** Time that an order takes to the exchange, and a report back, one way. */
  latencyMs: z.number().int().min(0).max(60_000).default(20),
  /** Fees in place of the market's own: of a generated market 10 and 10 on spot, 2 and 5 on contracts. */
  feeBps: z.strictObject({ maker: bps, taker: bps }).optional(),
  /** What fees are paid in: always quote, or what the order receives. */
  feeAsset: z.enum(['quote', 'received']).default('quote'),
  /** Exposure in contracts per unit of quote. */
  leverage: z.number().int().min(1).max(125).default(5),
  /** Whole spread around the price of a tape that has no bid and ask. */
  spreadBps: z.number().min(0).max(1_000).default(2),
  /** Share of a tape candle's volume that our orders may trade. */
  participation: z.number().positive().max(1).default(0.1),
  /** Recorded markets in place of generated ones; each symbol once. */
  tape: z.union([tape, z.array(tape).min(1)]).optional(),
})
export type PaperOptions = z.input<typeof paperOptions>
export type ResolvedPaperOptions = z.output<typeof paperOptions>

/** Every symbol belongs to one tape. */
export function refuseSharedSymbols(tapes: readonly Tape[]): void {
  const seen = new Map<string, string>()
  for (const { path, symbols } of tapes) {
    for (const symbol of symbols) {
      const other = seen.get(symbol)
      if (other !== undefined) {
        throw new BarfinexError(
          'options.invalid',
          `paper: "${other}" and "${path}" both hold ${symbol}. Give one of them.`,
        )
      }
      seen.set(symbol, path)
    }
  }
}
