import { z } from 'zod'
import { longestList, shortText } from './limits.js'
import {
  direction,
  finite,
  identifier,
  instantMs,
  reason,
  sha256Hex,
  symbol,
  unsignedDecimalText,
} from './primitives.js'

export const stageName = z.enum([
  'context',
  'quality',
  'score',
  'conviction',
  'calibration',
  'synthesis',
  'validation',
  'intent',
])
/** The advisor's eight stages, in their order. */
export type StageName = z.infer<typeof stageName>

const measure = z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()])

export const stageRecord = z.object({
  /** 1 to 8. */
  stage: z.number().int().min(1).max(8),
  name: stageName,
  /** `skipped`: an earlier stage had rejected. `degraded`: it went on with less, and says so in `reasons`. */
  status: z.enum(['ok', 'degraded', 'rejected', 'skipped']),
  reasons: z.array(reason).max(longestList),
  /** What was measured, by name. */
  measured: z.record(shortText, measure),
  /** The limits it was held against, by the same names. */
  limits: z.record(shortText, measure),
  /** Hash of everything the stage could see. */
  inputHash: sha256Hex,
  /** Hash of this record's status, reasons, measured and limits. */
  outputHash: sha256Hex,
  /** `outputHash` of the stage before chained with this one's input; the last one is the decision's fingerprint. */
  previousHash: sha256Hex,
  /** Wall time spent, in microseconds. Outside every hash; 0 where no wall clock is in reach. */
  durationUs: z.number().nonnegative(),
})
/** What one stage saw, measured and concluded. */
export interface StageRecord extends z.infer<typeof stageRecord> {}

export const decision = z.object({
  decisionId: identifier,
  signalId: identifier,
  strategyId: identifier,
  symbol,
  direction,
  outcome: z.enum(['intent', 'rejected']),
  /** The intent that came of it, or `null`. */
  intentId: identifier.nullable(),
  /** Stage that said no, or `null`. */
  rejectedBy: stageName.nullable(),
  /** Every reason of the stage that said no; degradations are in the stages. */
  reasons: z.array(reason).max(longestList),
  stages: z.array(stageRecord).length(8),
  /** Hash of the frozen market snapshot all stages read. */
  snapshotHash: sha256Hex,
  configHash: sha256Hex,
  /** Model's raw conviction in [0, 1], or `null` when the stage was not reached. */
  conviction: finite.min(0).max(1).nullable(),
  /** Calibrated probability that the trade ends above zero after costs, or `null`. */
  probability: finite.min(0).max(1).nullable(),
  /** Expected result in units of risk (R) after costs, or `null`. */
  expectedR: finite.nullable(),
  regime: shortText.nullable(),
  /** Who wrote the synthesis: a model, a recording of one, our rules; `null` when not reached. */
  synthesisSource: z.enum(['llm', 'cassette', 'rules', 'off']).nullable(),
  /** Text for a person: numbers in it were rendered by us from the evidence. */
  rationale: z.string().max(4_000),
  /** Last stage's hash: equal for equal input. */
  fingerprint: sha256Hex,
  /** Kernel time of the snapshot; nothing later was seen. */
  asOf: instantMs,
  decidedAt: instantMs,
})
/** The advisor's answer to one signal, with all eight stage records. */
export interface Decision extends z.infer<typeof decision> {}

export const intent = z.object({
  intentId: identifier,
  decisionId: identifier,
  decisionFingerprint: sha256Hex,
  signalId: identifier,
  strategyId: identifier,
  symbol,
  direction,
  entry: z.enum(['market', 'limit']),
  /** Limit of a limit entry, else `null`. On the tick grid. */
  limitPrice: unsignedDecimalText.nullable(),
  /** Price the decision was made at (best ask for long, best bid for short), on the tick grid. */
  referencePrice: unsignedDecimalText,
  stopPrice: unsignedDecimalText,
  targetPrice: unsignedDecimalText,
  /** Upper bound of the size as a share of the normal size, in (0, 1]. */
  sizeCap: finite.gt(0).max(1),
  /** Reward to risk after fees and spread. */
  rewardToRisk: finite,
  probability: finite.min(0).max(1),
  expectedR: finite,
  regime: shortText,
  /** Codes of everything that had to be done without. */
  degraded: z.array(shortText).max(longestList),
  issuedAt: instantMs,
  expiresAt: instantMs,
})
/** What the advisor wants done. It carries no quantity and no text of a language model; Inspector still decides. */
export interface ExecutionIntent extends z.infer<typeof intent> {}

export const calibration = z.object({
  /** Hash of the map in service. */
  calibratorHash: sha256Hex,
  /** Which map answers: the one shipped or learned at start, or the one that learns. */
  serving: z.enum(['prior', 'static', 'online']),
  outcomeCount: z.number().int().nonnegative(),
  /** Mean Brier score of the served probabilities so far, or `null` before the first outcome. */
  brier: finite.nullable(),
  logLoss: finite.nullable(),
  /** Opaque state from which the map resumes after a restart. */
  state: z.record(z.string(), z.unknown()),
})
/** What the advisor has learned from outcomes. */
export interface Calibration extends z.infer<typeof calibration> {}
