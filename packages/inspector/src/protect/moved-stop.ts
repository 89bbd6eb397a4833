import { Decimal, decimal, type InstrumentRules, roundTriggerPrice } from '@barfinex/core'
import { closingSide, type Lot } from './lot.js'
import type { ProtectionPlan } from './protection-plan.js'

/**
 * Where the stop belongs after a new best price, or `null` when it stays. It only moves towards profit, and stays at least one
 * tick away from the price. One R is the distance from the mean entry to the first stop.
 *
 * Break-even: `entry * (1 + bufferBps)` once the price has gone `atR` R. Trailing: `best * (1 - distanceBps)` once it has gone
 * `activateAtR` R, in moves of at least `stepBps`. Mirrored for shorts.
 */
export function movedStop(lot: Lot, rules: InstrumentRules, best: number, plan: ProtectionPlan): Decimal | null {
  const { breakEven, trailing } = plan
  if ((breakEven === null && trailing === null) || !lot.entered.quantity.isPositive) return null
  const entry = lot.entered.notional.toNumber() / lot.entered.quantity.toNumber()
  const sign = lot.intent.direction === 'long' ? 1 : -1
  const oneR = Math.abs(entry - Number(lot.intent.stopPrice))
  const gainedR = (sign * (best - entry)) / oneR
  const present = lot.stopPrice.toNumber()
  let wanted = present
  const propose = (price: number): void => {
    if (sign * (price - wanted) > 0) wanted = price
  }
  if (breakEven !== null && gainedR >= breakEven.atR) propose(entry * (1 + sign * breakEven.bufferBps * 1e-4))
  if (trailing !== null && gainedR >= trailing.activateAtR) {
    const price = best * (1 - sign * trailing.distanceBps * 1e-4)
    if (sign * (price - present) >= present * trailing.stepBps * 1e-4) propose(price)
  }
  if (!Number.isFinite(wanted) || wanted <= 0 || wanted === present) return null
  const rounded = roundTriggerPrice(rules, closingSide(lot), Decimal.fromNumber(wanted))
  const nearest = Decimal.fromNumber(best).minus(sign > 0 ? rules.tick : rules.tick.negated())
  const isBeyond = sign > 0 ? rounded.greaterThan(nearest) : rounded.lessThan(nearest)
  const isTighter = sign > 0 ? rounded.greaterThan(lot.stopPrice) : rounded.lessThan(lot.stopPrice)
  return isBeyond || !isTighter || rounded.equals(decimal(lot.intent.stopPrice)) ? null : rounded
}
