import { schemas } from '@barfinex/core'
import { z } from 'zod'
import type { ExchangeFactory } from './exchanges/exchange.js'
import { gatewayOptions } from './gateway/gateway-options.js'
import type { MismatchPolicy } from './orders/reconcile.js'

const exchangeFactory = z.custom<ExchangeFactory>(
  (value) => typeof value === 'object' && value !== null && typeof (value as ExchangeFactory).create === 'function',
  'must be an exchange, such as paper({ seed: 7 })',
)

const periodMs = z.number().int().min(100)

/** Options of Provider. */
export const providerOptions = z.strictObject({
  /** Where to trade: `paper(…)`, `tape(…)` or a real exchange. */
  exchange: exchangeFactory,
  /** What to follow; everything the exchange serves by itself when absent. */
  symbols: z.array(schemas.symbol).min(1).optional(),
  /**
   * Candles to build from the start; any other is built from the moment somebody asks for its history.
   * `1m 5m 15m 1h 4h 1d`, as far as the exchange's data can make them, when absent.
   */
  timeframes: z.array(schemas.timeframe).optional(),
  /** Closed candles kept in memory per symbol and timeframe. */
  recentCandles: z.number().int().min(100).max(1_000_000).default(5_000),
  /** Without an event for so long a feed is stale. 30 s where there are trades, three bars where there are only candles. */
  staleAfterMs: z.number().int().min(100).optional(),
  /** How long after its end a bar waits for trades on their way. 0 on a virtual clock, 500 ms on the machine's. */
  closeGraceMs: z.number().int().min(0).max(60_000).optional(),
  /** Forming candles of a symbol are said at most so often, in kernel milliseconds. */
  formingEveryMs: z.number().int().min(0).default(1_000),
  /** Comparing the account with the exchange. Defaults in the docstrings are for the machine's clock / a virtual one. */
  reconcile: z
    .strictObject({
      /** After so long without word about an order the exchange is asked. 2 s on every clock. */
      inFlightMs: periodMs.default(2_000),
      /** So long after it was sent an order that the exchange does not know counts as never arrived. */
      absenceMs: periodMs.default(21_000),
      /** While orders or positions are open. 10 s / 1 day. */
      openOrdersMs: periodMs.optional(),
      /** Always. 60 s / 1 day. */
      positionsMs: periodMs.optional(),
    })
    .prefault({}),
  /**
   * Orders, positions and money at the exchange that are not ours. `halt`: open nothing until it agrees (live); `adopt`: take its
   * numbers (paper); `ignore`: say so and go on.
   */
  mismatch: z.enum(['halt', 'adopt', 'ignore']).optional(),
  /** Working entries are taken back when no Inspector has been healthy for so long; `null` for never. */
  deadManMs: z.number().int().min(1_000).nullable().default(30_000),
  /** With an open position the account is said so often though nothing happened, for its equity. 5 s / 1 hour. */
  equityEveryMs: periodMs.optional(),
  /** HTTP, WebSocket and terminal; none when absent or `false`. */
  gateway: z.union([z.literal(false), gatewayOptions]).optional(),
})

interface Periods {
  readonly closeGraceMs: number
  readonly inFlightMs: number
  readonly absenceMs: number
  readonly openOrdersMs: number
  readonly positionsMs: number
  readonly equityEveryMs: number
  readonly mismatch: MismatchPolicy
}

const dayMs = 86_400_000

/**
 * Fills in what depends on the clock and the exchange. On a virtual clock nothing is lost on the way to an exchange in the same
 * process, so comparing once a day of market time finds every defect and costs nothing.
 */
export function periodsOf(
  options: z.output<typeof providerOptions>,
  clock: 'system' | 'virtual',
  mode: 'paper' | 'live',
): Periods {
  const isVirtual = clock === 'virtual'
  const { reconcile } = options
  return {
    closeGraceMs: options.closeGraceMs ?? (isVirtual ? 0 : 500),
    inFlightMs: reconcile.inFlightMs,
    absenceMs: reconcile.absenceMs,
    openOrdersMs: reconcile.openOrdersMs ?? (isVirtual ? dayMs : 10_000),
    positionsMs: reconcile.positionsMs ?? (isVirtual ? dayMs : 60_000),
    equityEveryMs: options.equityEveryMs ?? (isVirtual ? 3_600_000 : 5_000),
    mismatch: options.mismatch ?? (mode === 'live' ? 'halt' : 'adopt'),
  }
}
