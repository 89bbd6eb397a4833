import type { Started } from '@barfinex/core'
import type { DeskServices } from './default-desk.js'

/** The promises that may never be broken, as counts: every one is 0 in a sound run. */
export interface Invariants {
  /** Orders that the exchange knows and the journal does not. */
  readonly lostOrders: number
  /** Orders beyond one per intent, purpose and attempt. */
  readonly duplicateOrders: number
  /** Milliseconds for which an open quantity was without a resting stop, beyond the stated bound. */
  readonly nakedPositionMs: number
  /** Balances, positions and open orders in which ledger and exchange differ. */
  readonly ledgerMismatches: number
}

/** Asks Provider and Inspector, at the end of a run and before they let go. */
export async function invariantsOf({ provider, inspector }: Started<DeskServices>): Promise<Invariants> {
  const { lostOrders, duplicateOrders, ledgerMismatches } = await provider.audit()
  return { lostOrders, duplicateOrders, nakedPositionMs: inspector.audit().nakedBeyondBoundMs, ledgerMismatches }
}

/** True when none is broken. */
export function holds(invariants: Invariants): boolean {
  return Object.values(invariants).every((count) => count === 0)
}
