import { BarfinexError, hashOf } from '@barfinex/core'
import { z } from 'zod'
import { regimes } from '../regime/regime.js'
import type { CalibrationState } from './calibration-state.js'

/** Schema of a logistic map, as it stands in a model file or a stored state. */
export const logisticMap = z.object({ slope: z.number(), intercept: z.number(), sampleCount: z.number().nonnegative() })
const maps = z.object({ global: logisticMap, regimes: z.record(z.enum(regimes), logisticMap) })

const count = z.int().nonnegative()
const winCount = z.object({ wonCount: count, count })
const trackRecord = z.object({
  cells: z.record(z.string(), z.partialRecord(z.enum(regimes), winCount)),
  recent: z.record(z.string(), z.array(z.union([z.literal(0), z.literal(1)]))),
})

const share = z.number().gt(0).lt(1)

const calibrationState = z.object({
  version: z.literal(1),
  modelId: z.string(),
  baseRate: share,
  serving: z.enum(['prior', 'static', 'online']),
  fixed: logisticMap.nullable(),
  online: maps.nullable(),
  byRegime: z.boolean(),
  window: z
    .object({
      logits: z.array(z.number()),
      won: z.array(z.union([z.literal(0), z.literal(1)])),
      regimes: z.array(
        z
          .int()
          .min(0)
          .max(regimes.length - 1),
      ),
    })
    .refine(
      ({ logits, won, regimes: of }) => logits.length === won.length && won.length === of.length,
      'uneven columns',
    ),
  trackRecord,
  outcomeCount: count,
  refit: z.object({ pendingCount: count, at: z.number().nullable() }),
  duels: z.object({ online: z.array(z.number()), regime: z.array(z.number()) }),
  served: z.object({ count, brierSum: z.number(), logLossSum: z.number() }),
})

/** A state as it is written down, with the hash of its canonical JSON. */
export interface StoredCalibration {
  readonly hash: string
  readonly state: CalibrationState
}

/** Puts a state beside its hash, ready for JSON. */
export function storeCalibration(state: CalibrationState): StoredCalibration {
  return { hash: hashOf(state), state }
}

/**
 * Reads a stored state back.
 *
 * @throws BarfinexError `advisor.calibration-invalid` when it has another form, or was changed since it was written.
 */
export function restoreCalibration(stored: unknown): CalibrationState {
  const parsed = z.object({ hash: z.string(), state: calibrationState }).safeParse(stored)
  if (!parsed.success) {
    throw new BarfinexError(
      'advisor.calibration-invalid',
      `The stored calibration cannot be read: ${z.prettifyError(parsed.error)}. Delete it to start from the model's own map.`,
      { cause: parsed.error },
    )
  }
  const { hash, state } = parsed.data
  if (hashOf(state) !== hash) {
    throw new BarfinexError(
      'advisor.calibration-invalid',
      "The stored calibration does not match its hash: it was damaged or edited. Delete it to start from the model's own map.",
      { details: { expected: hash, actual: hashOf(state) } },
    )
  }
  return state
}
