import { Decimal } from './decimal.js'

/** Amount of one asset: `total` is what is owned, `locked` the part promised to resting orders. */
export interface Balance {
  readonly asset: string
  readonly total: Decimal
  readonly locked: Decimal
}

/** Balances by asset. Immutable; changes give a new one. */
export type Balances = ReadonlyMap<string, Balance>

export const noBalances: Balances = new Map()

export function balanceOf(balances: Balances, asset: string): Balance {
  return balances.get(asset) ?? { asset, total: Decimal.zero, locked: Decimal.zero }
}

/** Adds to (or, below zero, takes from) the total of one asset. */
export function credit(balances: Balances, asset: string, amount: Decimal): Balances {
  const balance = balanceOf(balances, asset)
  return withBalance(balances, { ...balance, total: balance.total.plus(amount) })
}

/** Locks (or, below zero, releases) an amount of one asset. */
export function lock(balances: Balances, asset: string, amount: Decimal): Balances {
  const balance = balanceOf(balances, asset)
  return withBalance(balances, { ...balance, locked: balance.locked.plus(amount) })
}

/** What can be spent now. */
export function freeOf(balance: Balance): Decimal {
  return balance.total.minus(balance.locked)
}

/** As messages, by asset name, so that equal balances give equal messages. */
export function balanceStates(
  balances: Balances,
): { readonly asset: string; readonly free: string; readonly locked: string; readonly total: string }[] {
  return [...balances.values()]
    .sort((a, b) => (a.asset < b.asset ? -1 : 1))
    .map((balance) => ({
      asset: balance.asset,
      free: freeOf(balance).toString(),
      locked: balance.locked.toString(),
      total: balance.total.toString(),
    }))
}

function withBalance(balances: Balances, balance: Balance): Balances {
  const copy = new Map(balances)
  copy.set(balance.asset, balance)
  return copy
}
