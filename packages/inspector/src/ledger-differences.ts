import { type AccountState, Decimal, decimal, type InstrumentRules } from '@barfinex/core'
import { type Lot, type Sum, signedQuantity } from './protect/lot.js'

/** Where Provider's ledger and our own count of fills do not agree. */
export interface LedgerDifference {
  readonly symbol: string
  /** Open by the ledger: above zero long, below zero short, in base. */
  readonly ledger: Decimal
  /** Open by our lots, and what closed ones have left. */
  readonly lots: Decimal
  /** Less than a step, or than what fees in base have taken: nothing a person has to know of. */
  readonly isSmall: boolean
}

/**
 * Compares the ledger's positions with our lots. Less than one step, or what fees in base have taken, is none where the ledger has more.
 * The ledger is the truth; a difference means that somebody else trades on the account, or that a fill was missed.
 */
export function ledgerDifferences(
  account: AccountState,
  lots: Iterable<Lot>,
  dust: ReadonlyMap<string, Sum>,
  rulesOf: (symbol: string) => InstrumentRules | null,
): readonly LedgerDifference[] {
  const sums = new Map<string, { ledger: Decimal; lots: Decimal; fees: Decimal }>()
  const sumOf = (symbol: string) => {
    const found = sums.get(symbol) ?? { ledger: Decimal.zero, lots: Decimal.zero, fees: Decimal.zero }
    sums.set(symbol, found)
    return found
  }
  for (const { symbol, side, quantity } of account.positions) {
    if (side !== 'flat') sumOf(symbol).ledger = side === 'short' ? decimal(quantity).negated() : decimal(quantity)
  }
  for (const lot of lots) {
    const found = sumOf(lot.intent.symbol)
    found.lots = found.lots.plus(signedQuantity(lot))
    found.fees = found.fees.plus(lot.lostToFees)
  }
  for (const [symbol, { quantity }] of dust) {
    const found = sumOf(symbol)
    found.lots = found.lots.plus(quantity)
  }
  const differences: LedgerDifference[] = []
  for (const [symbol, { ledger, lots: own, fees }] of sums) {
    const tolerated = (rulesOf(symbol)?.step ?? Decimal.zero).plus(fees)
    const apart = ledger.minus(own).abs()
    const isSmall = tolerated.isPositive && !apart.greaterThan(tolerated)
    // On spot even a crumb less than we believe would let the exchange's or Provider's refusal stand between a position and its stop.
    const isCrumbLess = !symbol.includes(':') && ledger.lessThan(own)
    if (apart.isPositive && (!isSmall || isCrumbLess)) differences.push({ symbol, ledger, lots: own, isSmall })
  }
  return differences
}
