import { z } from 'zod'

/** Limits of the eight stages. All have defaults; a profile moves several at once. */
export const gatesSchema = z.strictObject({
  /** Longest age of the newest closed candle, in its own lengths, plus five seconds. */
  maxBarAgeBars: z.number().positive().default(1.5),
  /** Longest age of the quote, milliseconds. */
  maxQuoteAgeMs: z.number().positive().default(60_000),
  maxSpreadBps: z.number().positive().default(30),
  /** Share of missing bars in the look-back that is still tolerated. */
  maxGapShare: z.number().min(0).max(1).default(0.005),
  /** Quality below this rejects. */
  minQuality: z.number().min(0).max(1).default(0.8),
  /** Independent score below this rejects; the score is in [-1, 1]. */
  minScore: z.number().min(-1).max(1).default(-0.25),
  /** Expected result after costs, in R, at the calibrated probability. */
  minExpectedR: z.number().default(0.05),
  /** The same at the lower end of the probability's interval. */
  minExpectedRLow: z.number().default(-0.1),
  minRewardToRisk: z.number().positive().default(1.2),
  /** Spread as a share of the stop distance. */
  maxSpreadOfStop: z.number().positive().default(0.1),
  /** Distance of the stop from the entry, in ATR(14). */
  minStopAtr: z.number().positive().default(0.5),
  maxStopAtr: z.number().positive().default(5),
  /** Move of the price against the signal's since it fired, in ATR(14). */
  maxDriftAtr: z.number().positive().default(0.25),
  /** Assumed slippage of entry and exit together, basis points of the price. */
  slippageBps: z.number().min(0).default(1),
})
export interface Gates extends z.output<typeof gatesSchema> {}

/**
 * Named sets of limits. `strict` holds the published limits: a trade must be worth it by the model's own numbers.
 * `exploratory` lets small losing bets by expectation pass, so that a fresh start on a made-up market has outcomes to learn
 * from; its decisions say so with `advisor.profile.exploratory`, and it has no place near real money.
 */
export const profiles = {
  strict: {},
  exploratory: {
    minScore: -0.6,
    minExpectedR: -0.6,
    minExpectedRLow: -0.95,
    minRewardToRisk: 0.8,
    maxSpreadOfStop: 0.25,
  },
} as const satisfies Readonly<Record<string, Partial<Gates>>>

export type Profile = keyof typeof profiles
