import type { CancelTask } from '@barfinex/core'
import type { Context } from './context.js'
import { type LedgerDifference, ledgerDifferences } from './ledger-differences.js'
import { markPrice } from './market-view.js'
import type { Lot } from './protect/lot.js'
import { isSameSide, mismatchCode, trimCode, writeOff } from './write-off.js'

/** Holds our count of what is open against Provider's ledger. */
export interface Reconciler {
  /** A new account state has arrived. */
  check(): void
  stop(): void
}

/** Orders, fills and the account travel apart: only a difference that has stayed the same for so long is one. */
const patienceMs = 1_000
/** Where it changes all the time, this long. */
const longestPatienceMs = 10_000
/** A fill that the ledger has counted and that has not come for so long will not come. */
const fillPatienceMs = 30_000

/** How far our count and the ledger are apart in one symbol. */
interface Apart {
  readonly gap: string
  /** Since when by this much, and since when at all. */
  readonly since: number
  readonly begunAt: number
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
  const apart = new Map<string, Apart>()
  /** Since when the ledger has known a fill that is not here. */
  let behindSince: number | null = null
  let behindFor: string | null = null
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
    // Another one than before: we are getting on.
    if (lastFillId !== behindFor) behindSince = clock.now()
    behindFor = lastFillId
    behindSince ??= clock.now()
    return clock.now() < behindSince + fillPatienceMs
  }

  /** Takes down what differs now. */
  function note(): readonly LedgerDifference[] {
    const found = differences()
    for (const known of [reported, apart]) {
      for (const symbol of known.keys()) if (!found.some((it) => it.symbol === symbol)) known.delete(symbol)
    }
    for (const { symbol, ledger, lots } of found) {
      const gap = ledger.minus(lots).toString()
      const known = apart.get(symbol)
      if (known?.gap === gap) continue
      apart.set(symbol, { gap, since: clock.now(), begunAt: known?.begunAt ?? clock.now() })
    }
    return found
  }

  function dueAt({ symbol }: LedgerDifference): number {
    const { since, begunAt } = apart.get(symbol) as Apart
    return Math.min(since + patienceMs, begunAt + longestPatienceMs)
  }

  function look(): void {
    timer?.()
    timer = null
    const now = clock.now()
    const found = note()
    const early = isBehind() ? found : found.filter((it) => dueAt(it) > now)
    for (const difference of found) if (!early.includes(difference)) settle(difference)
    if (early.length > 0) {
      timer = clock.schedule(Math.max(now + patienceMs / 10, Math.min(...early.map(dueAt))), look)
    }
  }

  function settle(difference: LedgerDifference): void {
    const { symbol, ledger, lots } = difference
    const text = `${ledger}/${lots}`
    if (reported.get(symbol) === text) return
    reported.set(symbol, text)
    const price = markPrice(markets.marketOf(symbol))
    if (difference.isSmall) {
      const message = `By our fills ${lots} ${symbol} are open, by the ledger ${ledger}: the crumb is written off.`
      const reason = { code: trimCode, message, limit: ledger.toString(), observed: lots.toString() }
      outbox.incident('info', reason, symbol, undefined)
      for (const lot of writeOff(context, { ...difference, price, at: clock.now() })) onChanged(lot)
      return
    }
    if (isSameSide(difference) && ledger.abs().greaterThan(lots.abs())) {
      const message = `The account holds ${ledger} ${symbol}; ${lots} were opened here. The rest is not ours and not protected.`
      outbox.incident('warning', { code: 'inspector.position.unmanaged', message }, symbol, undefined)
      return
    }
    const message = `By our fills ${lots} ${symbol} are open, by the ledger ${ledger}: the ledger counts.`
    const reason = { code: mismatchCode, message, limit: ledger.toString(), observed: lots.toString() }
    outbox.incident('critical', reason, symbol, undefined)
    for (const lot of writeOff(context, { ...difference, price, at: clock.now() })) onChanged(lot)
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
