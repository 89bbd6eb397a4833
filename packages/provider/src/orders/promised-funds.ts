import { Decimal, decimal, type InstrumentRules } from '@barfinex/core'
import { isCash } from './account-fold.js'
import type { TrackedOrder } from './tracked-order.js'

/**
 * What working orders of cash instruments promise, by asset: base for a sell, price and the larger fee for a buy; of a group
 * whose orders cancel each other only the largest. Orders that may only reduce and market orders promise nothing, and the
 * margin of contracts is the exchange's affair: it is not in here.
 */
export function promisedFunds(
  orders: Iterable<TrackedOrder>,
  rulesOf: (symbol: string) => InstrumentRules | undefined,
): ReadonlyMap<string, Decimal> {
  const promised = new Map<string, Decimal>()
  const groups = new Map<string, Decimal>()
  for (const { order, quantity, filled } of orders) {
    const rules = rulesOf(order.symbol)
    if (rules === undefined || order.reduceOnly || !isCash(rules.instrument)) continue
    const price = order.limitPrice ?? order.triggerPrice
    if (price === null) continue
    const rest = quantity.minus(filled)
    const isBuy = order.side === 'buy'
    const asset = isBuy ? rules.instrument.quote : rules.instrument.base
    const amount = isBuy ? withFee(decimal(price).times(rest), rules) : rest
    const before = promised.get(asset) ?? Decimal.zero
    if (order.ocoGroup === null) promised.set(asset, before.plus(amount))
    else {
      const key = `${order.ocoGroup} ${asset}`
      const counted = groups.get(key) ?? Decimal.zero
      const most = counted.max(amount)
      groups.set(key, most)
      promised.set(asset, before.plus(most.minus(counted)))
    }
  }
  return promised
}

function withFee(notional: Decimal, { makerFee, takerFee }: InstrumentRules): Decimal {
  return notional.plus(notional.times(makerFee.max(takerFee).max(Decimal.zero)))
}
