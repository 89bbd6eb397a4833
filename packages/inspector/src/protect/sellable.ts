import type { Decimal, InstrumentRules } from '@barfinex/core'

/**
 * True when an order of this quantity is large enough for the exchange, valued at `price`. What is smaller can neither be
 * protected nor sold: it is dust, and counts as nothing held.
 */
export function isSellable(rules: InstrumentRules, quantity: Decimal, price: Decimal): boolean {
  if (!quantity.isPositive || quantity.lessThan(rules.minQuantity) || quantity.lessThan(rules.step)) return false
  const { kind } = rules.instrument
  // Contracts may always be reduced; on spot every order needs the smallest notional.
  return (kind !== 'spot' && kind !== 'stock') || !price.times(quantity).lessThan(rules.minNotional)
}
