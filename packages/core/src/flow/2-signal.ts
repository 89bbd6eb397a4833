import { z } from 'zod'
import { longestList } from './limits.js'
import { direction, finite, identifier, instantMs, reason, sha256Hex, symbol, timeframe } from './primitives.js'

export const ruleResult = z.object({
  id: identifier,
  direction,
  /** Points the rule adds to its direction's score when it fires. */
  weight: finite,
  /** Value of the rule's expression; `null` while an input is not warm. A condition counts as 0 or 1. */
  value: finite.nullable(),
  fired: z.boolean(),
})
/** What one rule said about one candle. */
export interface RuleResult extends z.infer<typeof ruleResult> {}

export const evaluation = z.object({
  strategyId: identifier,
  /** Hash of the strategy's canonical description: which rules were asked. */
  strategyHash: sha256Hex,
  symbol,
  timeframe,
  /** The closed candle that was judged. */
  candleOpenTime: instantMs,
  rules: z.array(ruleResult).max(longestList),
  /** Vetoes that stood: each forbids a signal, whatever the score. */
  vetoes: z.array(identifier).max(longestList),
  longScore: finite,
  shortScore: finite,
  longThreshold: finite.nullable(),
  shortThreshold: finite.nullable(),
  /** Signal that came of it, or `null`. */
  signalId: identifier.nullable(),
  /** Why there is no signal; empty when there is one. */
  reasons: z.array(reason).max(longestList),
})
/** One strategy's full judgement of one closed candle, kept also when nothing came of it: the answer to "why not". */
export interface Evaluation extends z.infer<typeof evaluation> {}

export const signal = z.object({
  signalId: identifier,
  strategyId: identifier,
  strategyHash: sha256Hex,
  symbol,
  timeframe,
  direction,
  /** Sum of the weights of the rules that fired in this direction. Evidence, not a probability. */
  score: finite,
  threshold: finite,
  rules: z.array(ruleResult).max(longestList),
  candleOpenTime: instantMs,
  /** Close of the judged candle, quote per base. */
  price: finite.positive(),
  /** Proposed protective stop, quote per base, not yet on the tick grid. */
  stopPrice: finite.positive(),
  /** Proposed target, quote per base, not yet on the tick grid. */
  targetPrice: finite.positive(),
  /** Wish of the strategy, a share of the normal size in (0, 1]. Only a hint: sizing is Inspector's. */
  sizeHint: finite.gt(0).max(1),
  /** Kernel time of the judgement. */
  firedAt: instantMs,
  /** From this instant on the signal is void. */
  expiresAt: instantMs,
})
/** A strategy's rules agreed on a direction: evidence, not an instruction. */
export interface Signal extends z.infer<typeof signal> {}

export const strategyState = z.object({
  strategyId: identifier,
  strategyHash: sha256Hex,
  /** `quarantined`: it threw and is out of the loop; the others go on. `throttled`: Inspector asked for fewer signals. */
  state: z.enum(['warming', 'active', 'throttled', 'quarantined']),
  reason: reason.nullable(),
  since: instantMs,
  evaluationCount: z.number().int().nonnegative(),
  signalCount: z.number().int().nonnegative(),
})
/** Whether a strategy takes part. */
export interface StrategyState extends z.infer<typeof strategyState> {}
