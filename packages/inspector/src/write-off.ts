import { Decimal, decimal, derivedId, type Fill, type Incident } from '@barfinex/core'
import type { Context } from './context.js'
import type { LedgerDifference } from './ledger-differences.js'
import { closingSide, type Lot, netQuantity } from './protect/lot.js'

/** Code of the incident that says that lots were written off. It is on record, so a restart writes off the same. */
export const mismatchCode = 'inspector.position.mismatch'

/** The same for a crumb, of which nobody has to be told. */
export const trimCode = 'inspector.position.trimmed'

export interface Shortfall extends Omit<LedgerDifference, 'isSmall'> {
  /** Last price; `null` when there is none. */
  readonly price: number | null
  readonly at: number
}

/** True when the ledger's position and our lots point the same way, or one of them is nothing. */
export function isSameSide({ ledger, lots }: Pick<LedgerDifference, 'ledger' | 'lots'>): boolean {
  return ledger.isZero || lots.isZero || ledger.isPositive === lots.isPositive
}

/** Books what the ledger says is no longer there as closed at the last price, the oldest lots first. Returns what has changed. */
export function writeOff(
  { memory, accountId }: Pick<Context, 'memory' | 'accountId'>,
  shortfall: Shortfall,
): readonly Lot[] {
  const { symbol, ledger, lots, price, at } = shortfall
  let left = isSameSide(shortfall) ? lots.abs().minus(ledger.abs()) : lots.abs()
  const changed: Lot[] = []
  for (const lot of [...memory.lots.values()]) {
    const part = lot.intent.symbol === symbol ? netQuantity(lot).min(left) : Decimal.zero
    if (!part.isPositive) continue
    left = left.minus(part)
    // What an order is said to have closed and nobody has told is what is missing: its fill, should it come after all, is booked already.
    memory.settleUntold(lot, part)
    changed.push(...(memory.learnFill(lostFill(accountId, lot, part, price, at)) ?? []))
  }
  memory.dust.reduce(symbol, left)
  return changed
}

/** Writes off again what an incident of this Inspector's journal says was written off, at the price its intent went by. */
export function recallWriteOff(
  context: Pick<Context, 'memory' | 'accountId'>,
  { reason, symbol, raisedAt }: Incident,
): void {
  const { code, limit, observed } = reason
  if (
    (code !== mismatchCode && code !== trimCode) ||
    symbol === null ||
    typeof limit !== 'string' ||
    typeof observed !== 'string'
  )
    return
  writeOff(context, { symbol, ledger: decimal(limit), lots: decimal(observed), price: null, at: raisedAt })
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
