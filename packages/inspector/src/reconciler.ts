import { type CancelTask, Decimal, decimal, derivedId, type Fill } from '@barfinex/core'
import type { Context } from './context.js'
import { type LedgerDifference, ledgerDifferences } from './ledger-differences.js'
import { markPrice } from './market-view.js'
import { closingSide, type Lot, netQuantity } from './protect/lot.js'

/** Holds our count of what is open against Provider's ledger. */
export interface Reconciler {
  /** A new account state has arrived. */
  check(): void
  stop(): void
}

/** A fill and the account state after it travel apart: only what differs by the same for so long is a difference. */
const patienceMs = 1_000
/** Where it changes all the time, or an order event has told of a fill that has not come yet, this long, and no longer. */
const longestPatienceMs = 10_000

/** How far our count and the ledger are apart in one symbol. */
interface Apart {
  readonly gap: string
  /** Since when by this much, and since when at all. */
  readonly since: number
  readonly begunAt: number
}

/**
 * A position that the ledger does not know is written off at the last price, and new risk waits for a named operator: our count
 * and the exchange's have parted. A position that we have not opened is reported and left alone.
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
  let second: CancelTask | null = null

  function differences(): readonly LedgerDifference[] {
    const { account } = context
    if (account === null || !account.known) return []
    return ledgerDifferences(account, memory.lots.values(), markets.rulesOf)
  }

  /** Takes down what differs now. */
  function note(): readonly LedgerDifference[] {
    const found = differences()
    for (const symbol of [...apart.keys()]) if (!found.some((it) => it.symbol === symbol)) apart.delete(symbol)
    for (const { symbol, ledger, lots } of found) {
      const gap = ledger.minus(lots).toString()
      const known = apart.get(symbol)
      if (known?.gap === gap) continue
      apart.set(symbol, { gap, since: clock.now(), begunAt: known?.begunAt ?? clock.now() })
    }
    return found
  }

  function dueAt(symbol: string): number {
    const { since, begunAt } = apart.get(symbol) as Apart
    const isFillToCome = [...memory.orders.values()].some(
      (it) => it.order.symbol === symbol && it.reported.greaterThan(it.filled),
    )
    const latest = begunAt + longestPatienceMs
    return isFillToCome ? latest : Math.min(since + patienceMs, latest)
  }

  function look(): void {
    second = null
    const found = note()
    for (const symbol of [...reported.keys()]) if (!apart.has(symbol)) reported.delete(symbol)
    const early = found.filter(({ symbol }) => dueAt(symbol) > clock.now())
    for (const difference of found) if (!early.includes(difference)) settle(difference)
    if (early.length > 0) second = clock.schedule(Math.min(...early.map(({ symbol }) => dueAt(symbol))), look)
  }

  function settle(difference: LedgerDifference): void {
    const { symbol, ledger, lots } = difference
    const text = `${ledger}/${lots}`
    if (reported.get(symbol) === text) return
    reported.set(symbol, text)
    const isSameSide = ledger.isZero || lots.isZero || ledger.isPositive === lots.isPositive
    if (isSameSide && ledger.abs().greaterThan(lots.abs())) {
      const message = `The account holds ${ledger} ${symbol}; ${lots} were opened here. The rest is not ours and not protected.`
      outbox.incident('warning', { code: 'inspector.position.unmanaged', message }, symbol, undefined)
      return
    }
    const message = `By our fills ${lots} ${symbol} are open, by the ledger ${ledger}: the ledger counts.`
    outbox.incident('critical', { code: 'inspector.position.mismatch', message }, symbol, undefined)
    writeOff(symbol, isSameSide ? lots.abs().minus(ledger.abs()) : lots.abs())
    onMismatch(message, lots.toString(), ledger.toString())
  }

  /** Books what is no longer there as closed at the last price, the oldest lots first. */
  function writeOff(symbol: string, quantity: Decimal): void {
    const price = markPrice(markets.marketOf(symbol))
    let left = quantity
    for (const lot of [...memory.lots.values()]) {
      const part = lot.intent.symbol === symbol ? netQuantity(lot).min(left) : Decimal.zero
      if (!part.isPositive) continue
      left = left.minus(part)
      const fill = lostFill(context.accountId, lot, part, price, clock.now())
      for (const changed of memory.learnFill(fill) ?? []) onChanged(changed)
    }
  }

  return {
    check() {
      if (note().length > 0 && second === null) second = clock.schedule(clock.now() + patienceMs, look)
    },
    stop() {
      second?.()
      second = null
    },
  }
}

function lostFill(account: string, lot: Lot, quantity: Decimal, price: number | null, at: number): Fill {
  const { symbol, intentId } = lot.intent
  const id = derivedId('lost', intentId, quantity.toString(), String(at))
  const value = price === null ? decimal(lot.intent.referencePrice) : Decimal.fromNumber(price)
  return {
    account,
    fillId: `${symbol}.${id}`,
    clientOrderId: id,
    exchangeOrderId: null,
    symbol,
    side: closingSide(lot),
    purpose: 'exit',
    intentId,
    price: value.toString(),
    quantity: quantity.toString(),
    fee: '0',
    feeAsset: symbol.split(/[/:]/)[1] ?? 'USDT',
    liquidity: 'taker',
    inferred: true,
    occurredAt: at,
  }
}
