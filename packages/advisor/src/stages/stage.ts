import type { Reason, StageName } from '@barfinex/core'

/** The advisor's stages, in order; a stage's number is its place here plus one. */
export const stageNames: readonly StageName[] = [
  'context',
  'quality',
  'score',
  'conviction',
  'calibration',
  'synthesis',
  'validation',
  'intent',
]

/** One measured or limiting value of a stage record. */
export type Measure = string | number | boolean | null

/** What a stage concludes. `found` goes to later stages; everything else goes into the record. */
export interface StageResult<Found> {
  readonly status: 'ok' | 'degraded' | 'rejected'
  readonly reasons: readonly Reason[]
  readonly measured: Readonly<Record<string, Measure>>
  readonly limits: Readonly<Record<string, Measure>>
  /** Hashes of what the stage read beyond the snapshot: features, a model, a prompt. */
  readonly inputs?: Readonly<Record<string, string>>
  readonly found: Found
}

/** Numbers as they are recorded: six significant digits are plenty to explain, and keep records short. */
export function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : null
}

/** A check that failed, in one grammar. */
export function failed(code: string, message: string, limit: Measure, observed: Measure): Reason {
  return { code, message, limit, observed }
}
