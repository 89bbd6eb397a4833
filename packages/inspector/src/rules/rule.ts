import { Decimal, type Reason } from '@barfinex/core'
import type { LimitValue } from '../policy.js'
import type { Proposal, Situation, SymbolExposure } from '../situation.js'

/** A rule that is always on and cannot be configured away. It says everything that is wrong, not only the first. */
export type Rule =
  | {
      readonly code: string
      readonly judges: 'situation'
      readonly check: (situation: Situation) => readonly Reason[]
    }
  | {
      readonly code: string
      readonly judges: 'order'
      readonly check: (proposal: Proposal) => readonly Reason[]
    }

export const allowed: readonly Reason[] = Object.freeze([])

/** One reason as a list. */
export function refused(code: string, message: string, limit: LimitValue, observed: LimitValue): readonly Reason[] {
  return [{ code, message, limit, observed }]
}

/** What is held and promised of the situation's symbol. */
export function exposureOf(situation: Situation): SymbolExposure {
  return (
    situation.exposure.symbols.get(situation.symbol) ?? {
      symbol: situation.symbol,
      signedQuantity: Decimal.zero,
      positionQuote: Decimal.zero,
      reservedQuote: Decimal.zero,
      promisedQuantity: Decimal.zero,
      orderCount: 0,
      stopCount: 0,
      isLeaving: false,
      closingQuantities: new Map(),
      lowestSell: null,
      highestBuy: null,
    }
  )
}
