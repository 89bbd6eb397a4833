import type { Decimal } from '@barfinex/core'

/** When the stop goes to the entry price. */
export interface BreakEven {
  /** Once the price has gone this many times the first risk in our favour. */
  readonly atR: number
  /** So far beyond the entry, in basis points, to pay the fees. */
  readonly bufferBps: number
}

/** How the stop follows the price. */
export interface Trailing {
  /** Begins once the price has gone this many times the first risk in our favour; 0 begins at once. */
  readonly activateAtR: number
  /** Distance from the best price seen, in basis points. */
  readonly distanceBps: number
  /** Smallest move worth replacing the stop for, in basis points. */
  readonly stepBps: number
}

/** How positions are protected and left. */
export interface ProtectionPlan {
  /** Whether a target is placed beside the stop. */
  readonly target: boolean
  readonly breakEven: BreakEven | null
  readonly trailing: Trailing | null
  /** Leaves after so long, in milliseconds; `null` never. */
  readonly maxHoldingMs: number | null
  /** Longest time a position may be without full cover, from its fill to the acknowledgement of its stop. */
  readonly nakedBoundMs: number
  /** Time without full cover after which a person is told, in milliseconds. */
  readonly alarmAfterMs: number
  /** Time without full cover after which what is not covered is left, in milliseconds. */
  readonly leaveAfterMs: number
  /** How far from the price an exit may go, as a share of it. */
  readonly collar: Decimal
  /** Least time between two exits of one lot, in milliseconds. */
  readonly exitRetryMs: number
  /** Exits in a row that may bring nothing before a person is told. */
  readonly exitTries: number
  /** Whether an exit may leave the collar once the tries are used up. */
  readonly exitBeyondCollar: boolean
  /** Refusals of a stop in a row after which the lot is left instead. */
  readonly maxStopFailures: number
  /** Pause before the third and every further try of a stop that is refused, in milliseconds. */
  readonly stopRetryMs: number
  /** Stops lost within a minute without our doing after which the lot is left instead. */
  readonly maxStopLosses: number
  /** Stops of one lot after which parts are joined into one. */
  readonly maxStops: number
  /** How long a stop that has fired may take to fill, in milliseconds. */
  readonly triggeredMs: number
  /** How long the fill may be on its way for which a group took its stop back, before that is placed again, in milliseconds. */
  readonly siblingMs: number
  /** How long an order may be on its way before the way out no longer waits for it, in milliseconds. */
  readonly unclearAfterMs: number
  /** How long the ledger may contradict a stop before it covers nothing, in milliseconds. */
  readonly doubtAfterMs: number
}
