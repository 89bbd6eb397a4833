import { product, type Units, unitsOf } from './amount.js'
import type { ListedSymbol } from './listed-symbol.js'
import type { MarketHall } from './market-hall.js'

export const usualLeverage = 20

/** One contract position of an account. */
export interface UsdmPosition {
  readonly listed: ListedSymbol
  /** Below zero for a short. */
  readonly quantity: Units
  readonly entryPrice: Units
  readonly markPrice: Units
  readonly unrealized: Units
  readonly leverage: number
}

/** Mid of the book on the venue's digits, else the last price: what positions and funding are valued at. */
export function markPriceOf(listed: ListedSymbol): Units {
  const { middle, lastPrice } = listed
  return middle === 0n ? lastPrice : middle
}

/** The positions of accounts, and the leverage each has chosen. */
export class UsdmPositions {
  private readonly leverages = new Map<string, number>()

  constructor(private readonly hall: MarketHall) {}

  /** One row for every symbol that is asked for, flat ones as well. */
  of(accountId: string, symbols: readonly ListedSymbol[]): readonly UsdmPosition[] {
    const held = this.hall.engine.snapshot(accountId, 0).positions
    return symbols.map((listed) => {
      const own = held.find((it) => it.symbol === listed.rules.symbol)
      const size = unitsOf(own?.quantity ?? '0')
      const quantity = own?.side === 'short' ? -size : size
      const entryPrice = unitsOf(own?.averagePrice ?? '0')
      const markPrice = markPriceOf(listed)
      const unrealized = product(markPrice - entryPrice, quantity)
      return { listed, quantity, entryPrice, markPrice, unrealized, leverage: this.leverage(accountId, listed) }
    })
  }

  leverage(accountId: string, listed: ListedSymbol): number {
    return this.leverages.get(`${accountId}/${listed.rules.id}`) ?? usualLeverage
  }

  /** False when the margin would not suffice. */
  lever(accountId: string, listed: ListedSymbol, leverage: number): boolean {
    if (!this.hall.engine.lever(accountId, listed.rules.symbol, leverage)) return false
    this.leverages.set(`${accountId}/${listed.rules.id}`, leverage)
    return true
  }
}
