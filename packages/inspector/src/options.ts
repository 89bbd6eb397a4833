import { schemas } from '@barfinex/core'
import { z } from 'zod'
import { isPolicy, type Policies } from './policy.js'

const share = z.string().regex(/^\d{1,3}(\.\d{1,6})?%$/, 'must be a share such as "1%"')
const amount = z
  .string()
  .regex(/^\d{1,15}(\.\d{1,15})?%?$/, 'must be a share such as "25%" or an amount such as "1000"')
const durationMs = z.number().int().positive()

const policies = z.custom<Policies>(
  (value) => Array.isArray(value) && value.length > 0 && value.every(isPolicy),
  'must be a list of at least one policy, such as [maxPositionNotional("1000")]; make your own with definePolicy',
)

/** Options of the service, with their defaults. */
export const inspectorOptions = z.object({
  /** Account to guard; the first one the ledger publishes when absent. */
  account: schemas.identifier.optional(),
  /** At least one. All are asked about everything that adds risk. */
  policies,
  sizing: z
    .object({
      /** What a trade loses when its stop is hit, fees included, as a share of equity. */
      riskPerTrade: share.default('1%'),
      /** Largest notional of one entry, in quote or as a share of equity. */
      maxNotional: amount.default('25%'),
      /** Most notional per quote of equity on contracts; 1 is no leverage. */
      leverage: z.number().min(1).max(125).default(1),
      /** Most orders per symbol, with stops and targets. Exchanges often allow few that wait for a trigger. */
      maxOrderCount: z.number().int().min(3).default(20),
    })
    .prefault({}),
  protection: z
    .object({
      /** Whether a target rests beside the stop. */
      target: z.boolean().default(true),
      /** Moves the stop to `bufferBps` beyond the entry once the price has gone `atR` times the first risk. */
      breakEven: z
        .object({ atR: z.number().positive(), bufferBps: z.number().min(0).default(0) })
        .nullable()
        .default(null),
      /** Lets the stop follow the best price at `distanceBps`, once it has gone `activateAtR` times the first risk. */
      trailing: z
        .object({
          activateAtR: z.number().min(0).default(1),
          distanceBps: z.number().positive(),
          stepBps: z.number().min(0).default(5),
        })
        .nullable()
        .default(null),
      /** Leaves a position after so long; `null` never. */
      maxHoldingMs: durationMs.nullable().default(null),
      /** Longest time without full cover that is sound, from the fill to the acknowledgement of its stop; what is beyond is counted. */
      nakedBoundMs: durationMs.default(5_000),
      /** Something without full cover for so long is an incident. */
      alarmAfterMs: durationMs.default(1_500),
      /** Something without full cover for so long is left, so that it is flat within the bound; never later than the bound itself. */
      leaveAfterMs: durationMs.default(3_500),
      /** How far from the present price an exit may go. */
      collarBps: z.number().positive().max(5_000).default(100),
      /** Least time between two exits of one position. */
      exitRetryMs: durationMs.default(500),
      /** Exits in a row that may find nobody inside the collar; then a person is told, and `exitBeyondCollar` decides. */
      exitTries: z.number().int().positive().max(100).default(5),
      /** `afterTries` goes to the market once the tries are used up; `never` keeps to the collar, ten times slower. */
      exitBeyondCollar: z.enum(['afterTries', 'never']).default('afterTries'),
      /** Refusals of a stop in a row after which the position is left instead. */
      stopRefusals: z.number().int().positive().max(100).default(3),
      /** Pause before a stop is tried again that was refused twice; the first time it is corrected and tried at once. */
      stopRetryMs: durationMs.default(250),
      /** Stops lost within a minute without our doing beyond which the position is left instead. */
      stopLosses: z.number().int().positive().max(1_000).default(5),
      /** How long a stop that has fired may take to fill. */
      triggeredMs: durationMs.default(2_000),
      /** How long to wait for the fill when the exchange has taken a stop back because of it; then the stop is placed again. */
      siblingMs: durationMs.default(300),
      /** After so long without an answer an order on its way counts as unclear: the way out no longer waits for it. */
      unclearAfterMs: durationMs.default(1_000),
      /** How long the ledger may lack a stop, or have it otherwise than it was ordered, before it counts as no cover. */
      doubtAfterMs: durationMs.default(1_000),
      /** Stops of one entry after which the parts of a partial fill are joined into one. */
      maxStops: z.number().int().min(1).default(4),
    })
    .prefault({}),
  /** How long a seal is good. */
  approvalMs: durationMs.default(10_000),
  /** What `kill` does beside halting and taking back entries: positions stay under their stops, or are left. */
  onKill: z.enum(['keepPositions', 'exitPositions']).default('keepPositions'),
})

export type InspectorSettings = z.output<typeof inspectorOptions>

/** Options of an Inspector beside the runtime. */
export type InspectorConfig = Omit<z.input<typeof inspectorOptions>, 'policies'> & { readonly policies: Policies }
