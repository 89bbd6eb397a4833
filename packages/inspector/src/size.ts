import {
  Decimal,
  decimal,
  derivedId,
  type ExecutionIntent,
  type InstrumentRules,
  type Order,
  type OrderPurpose,
  type Reason,
  roundQuantity,
} from '@barfinex/core'
import { availableNotional } from './funds.js'
import { amountQuote, known } from './limit-amount.js'
import { touchPrice } from './market-view.js'
import type { Policies } from './policy.js'
import type { Situation } from './situation.js'
import type { SizingPlan } from './sizing-plan.js'

/** An order of the right size, or why there is none. */
export type Sized =
  | {
      readonly type: 'order'
      readonly order: Order
      /** What the trade loses when its stop is hit at its price, fees included, in quote. */
      readonly riskQuote: Decimal
    }
  | { readonly type: 'refused'; readonly reasons: readonly Reason[] }

/** Division keeps so many digits; the step is coarser. */
const digits = 16

/**
 * Turns an intent into an exact order.
 *
 * `quantity = sizeCap * min(equity * riskPerTrade / (|price - stop| + taker fee * (price + stop)), maxNotional / price)`,
 * then no more than the account can pay (fees kept aside), than the policies have room for and than the exchange takes,
 * rounded down to the step. `price` is the limit, or for market entries the worse of the touch and the intent's reference.
 *
 * Room in the policies never shrinks an order below what can be traded and protected: it is proposed at that size, and
 * {@link inspect} says which limit stands in its way. Anything else that leaves too little is `inspector.size.below-minimum`.
 *
 * Total and synchronous, as `inspect` is: what it cannot compute is refused, `inspector.size.failed-closed`.
 */
export function size(situation: Situation, plan: SizingPlan, policies: Policies): Sized {
  const { intent, rules } = situation
  try {
    if (intent === null) return refusal('inspector.size.no-intent', 'There is no intent to size.', true, null)
    if (rules === null) {
      return refusal('inspector.size.no-rules', `The trading rules of ${intent.symbol} are not known.`, true, null)
    }
    return sized(situation, intent, rules, plan, policies)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'something was thrown that is no error'
    return refusal('inspector.size.failed-closed', `The order could not be sized: ${why}`.slice(0, 500), true, null)
  }
}

function sized(
  situation: Situation,
  intent: ExecutionIntent,
  rules: InstrumentRules,
  plan: SizingPlan,
  policies: Policies,
): Sized {
  const price = entryPrice(situation, intent)
  const stop = decimal(intent.stopPrice)
  const isLong = intent.direction === 'long'
  const distance = isLong ? price.minus(stop) : stop.minus(price)
  if (!distance.isPositive) {
    const message = `The stop ${stop} is not on the losing side of ${price}: there is no risk to size by.`
    return refusal('inspector.size.no-stop-distance', message, price.toString(), stop.toString())
  }
  const equity = known(situation.risk.equityQuote, 'Equity')
  const cap = known(intent.sizeCap, 'The size cap').min(Decimal.one)
  const riskOfOne = distance.plus(rules.takerFee.times(price.plus(stop)))
  const budget = equity.times(plan.riskPerTrade).times(cap)
  const mostNotional = amountQuote(plan.maxNotional, situation.risk.equityQuote, 'Equity').times(cap)
  const bounds = [
    budget.dividedBy(riskOfOne, digits, 'towardZero'),
    mostNotional.dividedBy(price, digits, 'towardZero'),
    availableNotional(situation).dividedBy(price, digits, 'towardZero'),
  ]
  if (rules.maxQuantity !== null) bounds.push(rules.maxQuantity)
  if (rules.maxNotional !== null) bounds.push(rules.maxNotional.dividedBy(price.max(stop), digits, 'towardZero'))
  const wanted = roundQuantity(
    rules,
    bounds.reduce((least, bound) => least.min(bound)),
  )
  const least = smallestQuantity(rules, price.min(stop))
  if (wanted.lessThan(least)) {
    const message = `The size comes to ${wanted}; the smallest that can be traded and protected is ${least}.`
    return refusal('inspector.size.below-minimum', message, least.toString(), wanted.toString())
  }
  const room = roomOf(situation, policies)
  const fitting = room === null ? wanted : roundQuantity(rules, room.dividedBy(price, digits, 'towardZero'))
  const quantity = wanted.min(fitting.max(least))
  return { type: 'order', order: entryOrder(intent, quantity), riskQuote: riskOfOne.times(quantity) }
}

/**
 * Smallest quantity that can be traded, and sold again at `lowestPrice` after a fee was taken from it, by the exchange's rules:
 * what is smaller could be opened and not protected.
 */
export function smallestQuantity(rules: InstrumentRules, lowestPrice: Decimal): Decimal {
  const byNotional = rules.minNotional.dividedBy(lowestPrice, digits, 'up')
  const least = rules.minQuantity.max(byNotional).max(rules.step)
  const { kind } = rules.instrument
  const gross =
    kind === 'spot' || kind === 'stock' ? least.times(Decimal.one.plus(rules.takerFee)).plus(rules.step) : least
  return gross.roundTo(rules.step, 'up')
}

/** Least room any policy leaves, in quote; `null` where none of them measures in notional. One that cannot say has none. */
function roomOf(situation: Situation, policies: Policies): Decimal | null {
  let least: Decimal | null = null
  for (const policy of policies) {
    if (policy.judges !== 'order' || policy.room === undefined) continue
    let room: Decimal | null
    try {
      room = policy.room(situation)
    } catch {
      room = Decimal.zero
    }
    if (room !== null) least = least === null ? room : least.min(room)
  }
  return least === null ? null : least.max(Decimal.zero)
}

function entryPrice(situation: Situation, intent: ExecutionIntent): Decimal {
  if (intent.entry === 'limit') {
    if (intent.limitPrice === null) throw new Error('a limit entry names no limit')
    return decimal(intent.limitPrice)
  }
  const reference = decimal(intent.referencePrice)
  const touch = touchPrice(situation.market, intent.direction === 'long' ? 'buy' : 'sell')
  return touch === null ? reference : reference.max(Decimal.fromNumber(touch))
}

function entryOrder(intent: ExecutionIntent, quantity: Decimal): Order {
  const isMarket = intent.entry === 'market'
  return {
    clientOrderId: orderIdOf(intent.intentId, 'entry', 0),
    symbol: intent.symbol,
    side: intent.direction === 'long' ? 'buy' : 'sell',
    type: isMarket ? 'market' : 'limit',
    quantity: quantity.toString(),
    limitPrice: isMarket ? null : intent.limitPrice,
    triggerPrice: null,
    trailingBps: null,
    timeInForce: isMarket ? 'ioc' : 'gtc',
    reduceOnly: false,
    postOnly: false,
    ocoGroup: null,
    purpose: 'entry',
    intentId: intent.intentId,
    attempt: 0,
  }
}

/** Our id of an order: made from what it serves, so that sending it again, even after a crash, is the same order. */
export function orderIdOf(intentId: string, purpose: OrderPurpose, attempt: number): string {
  return derivedId(intentId, purpose, String(attempt))
}

function refusal(code: string, message: string, limit: string | boolean | null, observed: string | null): Sized {
  return { type: 'refused', reasons: [{ code, message, limit, observed }] }
}
