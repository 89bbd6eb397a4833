import type { CancelTask } from '@barfinex/core'
import type { Context } from './context.js'
import { type LedgerDifference, ledgerDifferences } from './ledger-differences.js'
import { markPrice } from './market-view.js'
import type { Lot } from './protect/lot.js'
import { isSameSide, mismatchCode, writeOff } from './write-off.js'

/** Holds our count of what is open against Provider's ledger. */
export interface Reconciler {
  /** A new account state has arrived. */
  check(): void
  stop(): void
}

/** Orders, fills and the account travel apart: only a difference that has stayed the same for so long is one. */
const patienceMs = 1_000
/** A fill that the ledger has counted and that has not come for so long will not come. */
const fillPatienceMs = 30_000

/** A difference as it was first seen. */
interface Seen {
  readonly apart: string
  readonly since: number
}

/**
 * A position that the ledger does not know is written off at the last price, and new risk waits for a named operator: our count
 * and the exchange's have parted. A position that we have not opened is reported and left alone. While fills that the ledger has
 * counted are still on their way, nothing is concluded.
 */
export function createReconciler(
  context: Context,
  onMismatch: (message: string, observed: string, limit: string) => void,
  onChanged: (lot: Lot) => void,
): Reconciler {
  const { memory, markets, outbox, runtime } = context
  const { clock } = runtime
  const reported = new Map<string, string>()
  const seen = new Map<string, Seen>()
  /** Since when the ledger has known a fill that is not here. */
  let behindSince: number | null = null
  let timer: CancelTask | null = null

  function differences(): readonly LedgerDifference[] {
    const { account } = context
    if (account === null || !account.known) return []
    return ledgerDifferences(account, memory.lots.values(), memory.dust.left, markets.rulesOf)
  }

  function isBehind(): boolean {
    const lastFillId = context.account?.lastFillId
    if (lastFillId === undefined || memory.knowsFill(lastFillId)) {
      behindSince = null
      return false
    }
    behindSince ??= clock.now()
    return clock.now() < behindSince + fillPatienceMs
  }

  function look(): void {
    timer?.()
    timer = null
    const found = new Map(differences().map((it) => [it.symbol, it]))
    for (const known of [reported, seen]) {
      for (const symbol of known.keys()) if (!found.has(symbol)) known.delete(symbol)
    }
    const now = clock.now()
    if (isBehind()) {
      seen.clear()
      if (found.size > 0) timer = clock.schedule(now + patienceMs, look)
      return
    }
    let dueAt = Number.POSITIVE_INFINITY
    for (const difference of found.values()) dueAt = Math.min(dueAt, consider(difference, now) ?? dueAt)
    if (Number.isFinite(dueAt)) timer = clock.schedule(dueAt, look)
  }

  /** Settles a difference that has stayed; else says when it will have. */
  function consider(difference: LedgerDifference, now: number): number | null {
    const { symbol, ledger, lots } = difference
    const apart = ledger.minus(lots).toString()
    const before = seen.get(symbol)
    if (before?.apart !== apart) {
      seen.set(symbol, { apart, since: now })
      return now + patienceMs
    }
    if (now < before.since + patienceMs) return before.since + patienceMs
    settle(difference)
    return null
  }

  function settle(difference: LedgerDifference): void {
    const { symbol, ledger, lots } = difference
    const text = `${ledger}/${lots}`
    if (reported.get(symbol) === text) return
    reported.set(symbol, text)
    if (isSameSide(difference) && ledger.abs().greaterThan(lots.abs())) {
      const message = `The account holds ${ledger} ${symbol}; ${lots} were opened here. The rest is not ours and not protected.`
      outbox.incident('warning', { code: 'inspector.position.unmanaged', message }, symbol, undefined)
      return
    }
    const message = `By our fills ${lots} ${symbol} are open, by the ledger ${ledger}: the ledger counts.`
    const price = markPrice(markets.marketOf(symbol))
    const reason = { code: mismatchCode, message, limit: ledger.toString(), observed: lots.toString() }
    outbox.incident('critical', reason, symbol, undefined)
    for (const lot of writeOff(context, { symbol, ledger, lots, price, at: clock.now() })) onChanged(lot)
    onMismatch(message, lots.toString(), ledger.toString())
  }

  return {
    check: look,
    stop() {
      timer?.()
      timer = null
    },
  }
}
