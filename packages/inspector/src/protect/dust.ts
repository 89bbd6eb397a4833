import { Decimal, decimal, type RiskState } from '@barfinex/core'
import { type Lot, netQuantity, type Sum } from './lot.js'

/** Code of the incident that says that a lot is over and has left something. It is on record, so a restart knows it, too. */
export const dustCode = 'inspector.position.dust'

/** Digits of a share of a cost. */
const digits = 12

/**
 * What closed lots of spot symbols have left, too little to be sold: fees in base and the exchange's step leave some of it after
 * nearly every trade. Left alone it would grow into a position that nobody protects, so the next lot of the symbol takes it along. It is below
 * zero where a sale has paid its fee in base: then the next lot holds so much less.
 */
export interface Dust {
  /** By symbol. */
  readonly left: ReadonlyMap<string, Sum>
  /** A lot is over: what it still holds stays. */
  leave(lot: Lot): void
  /** A lot that has just begun to hold something takes what there is. */
  take(symbol: string): Sum | null
  /** The ledger has less: so much of it is gone. */
  reduce(symbol: string, quantity: Decimal): void
  /** Resumes from what was last published. */
  learnState(state: RiskState): void
  message(): RiskState['dust']
}

export function createDust(): Dust {
  const left = new Map<string, Sum>()
  return {
    left,
    leave(lot) {
      const { symbol } = lot.intent
      const quantity = netQuantity(lot)
      // Contracts are always closed whole.
      if (symbol.includes(':') || quantity.isZero || !lot.opened.quantity.isPositive) return
      const had = lot.opened.quantity.plus(lot.carried.quantity)
      const paid = lot.opened.notional.plus(lot.carried.notional)
      const cost = had.isPositive ? paid.times(quantity.min(had)).dividedBy(had, digits, 'halfEven') : Decimal.zero
      const before = left.get(symbol) ?? { quantity: Decimal.zero, notional: Decimal.zero }
      left.set(symbol, { quantity: before.quantity.plus(quantity), notional: before.notional.plus(cost) })
    },
    take(symbol) {
      const found = left.get(symbol) ?? null
      left.delete(symbol)
      return found
    },
    reduce(symbol, quantity) {
      const before = left.get(symbol)
      if (before === undefined) return
      const after = before.quantity.minus(quantity)
      if (after.isZero) left.delete(symbol)
      else left.set(symbol, { quantity: after, notional: Decimal.zero })
    },
    learnState({ dust }) {
      left.clear()
      for (const [symbol, { quantity, cost }] of Object.entries(dust ?? {})) {
        left.set(symbol, { quantity: decimal(quantity), notional: decimal(cost) })
      }
    },
    message() {
      if (left.size === 0) return undefined
      return Object.fromEntries(
        [...left].map(([symbol, it]) => [symbol, { quantity: it.quantity.toString(), cost: it.notional.toString() }]),
      )
    },
  }
}
