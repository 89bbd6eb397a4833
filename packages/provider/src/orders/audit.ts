import type { Ledger } from './ledger.js'
import type { Reconcile } from './reconcile.js'

/** The promises about orders and money that may never be broken, as counts. Every one is 0 in a sound run. */
export interface Audit {
  /** Orders that the exchange knows and our journal does not. */
  readonly lostOrders: number
  /** Orders beyond one per intent, purpose and attempt, and second entries of an intent. */
  readonly duplicateOrders: number
  /** Balances, positions and open orders in which ledger and exchange differ, to the last digit. */
  readonly ledgerMismatches: number
}

/** Counts now, after what is still on its way has been fetched. Throws `exchange.unavailable` and the like when it cannot be read. */
export async function audit(ledger: Ledger, reconcile: Reconcile, foreign: ReadonlySet<string>): Promise<Audit> {
  const differences = await reconcile.differences()
  const unknown = differences.filter((it) => it.kind === 'unknown-order').map((it) => it.key)
  return {
    lostOrders: new Set([...unknown, ...foreign]).size,
    duplicateOrders: ledger.duplicateCount,
    ledgerMismatches: differences.filter((it) => it.kind !== 'unknown-order').length,
  }
}
