import { brokenRules, decimal, type InstrumentRules, type Order, type Reason, schemas } from '@barfinex/core'
import { refusal } from '../matching/order-refusal.js'
import { wireTypes } from './instruments.js'
import type { Params } from './load-ccxt.js'

/** What our rules are called among the exchange's refusals. */
const names = {
  'order.rule.not-trading': 'exchange.order.instrument-halted',
  'order.rule.step': 'exchange.order.off-step',
  'order.rule.min-quantity': 'exchange.order.below-min-quantity',
  'order.rule.max-quantity': 'exchange.order.above-max-quantity',
  'order.rule.tick': 'exchange.order.off-tick',
  'order.rule.min-notional': 'exchange.order.below-min-notional',
  'order.rule.max-notional': 'exchange.order.above-max-notional',
} as const

/** Needs a limit price; needs a trigger price. */
const shapes: Readonly<Record<keyof typeof wireTypes, readonly [limit: boolean, trigger: boolean]>> = {
  market: [false, false],
  limit: [true, false],
  stopMarket: [false, true],
  stopLimit: [true, true],
  takeProfitMarket: [false, true],
  takeProfitLimit: [true, true],
}

/**
 * Why an order must not be sent, by its form and the instrument's newest rules; `null` when it may. Everything is checked
 * with exact decimals before anything leaves: what comes after here sends what it is given.
 */
export function refuseForm(order: Order, rules: InstrumentRules): Reason | null {
  const parsed = schemas.order.safeParse(order)
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') ?? ''
    return refusal('exchange.order.invalid', `The order is not well formed at "${where}".`)
  }
  const { type, limitPrice, triggerPrice, trailingBps, postOnly, timeInForce, reduceOnly, side } = order
  if (!(type in shapes) || trailingBps !== null) {
    return refusal('exchange.order.invalid', `The exchange takes no ${type} orders.`)
  }
  const [needsLimit, needsTrigger] = shapes[type as keyof typeof shapes]
  if ((limitPrice !== null) !== needsLimit) {
    return refusal('exchange.order.invalid', `A ${type} order ${needsLimit ? 'needs a' : 'has no'} limit price.`)
  }
  if ((triggerPrice !== null) !== needsTrigger) {
    return refusal('exchange.order.invalid', `A ${type} order ${needsTrigger ? 'needs a' : 'has no'} trigger price.`)
  }
  if (postOnly && (type !== 'limit' || timeInForce !== 'gtc')) {
    return refusal('exchange.order.invalid', 'Only a limit order that stays until canceled can be post-only.')
  }
  if (reduceOnly && side === 'buy') {
    return refusal('exchange.order.nothing-to-reduce', 'Nothing is owed on a spot market: only selling reduces.')
  }
  return refuseByRules(order, rules)
}

function refuseByRules(order: Order, rules: InstrumentRules): Reason | null {
  // A market order has no price here to value it by: the exchange judges its notional.
  const [broken] = brokenRules(rules, order, null).filter((it) => it.code in names)
  if (broken === undefined) return null
  return { ...broken, code: names[broken.code as keyof typeof names] }
}

/** The order as the exchange's parameters. `quantity` may be less than the order's: what is left to reduce. */
export function orderParams(order: Order, marketId: string, quantity: string): Params {
  const type = order.type as keyof typeof wireTypes
  const [needsLimit] = shapes[type]
  return {
    symbol: marketId,
    side: order.side === 'buy' ? 'BUY' : 'SELL',
    type: order.postOnly ? 'LIMIT_MAKER' : wireTypes[type],
    quantity: decimal(quantity).toString(),
    newClientOrderId: order.clientOrderId,
    newOrderRespType: 'FULL',
    ...(order.limitPrice === null ? {} : { price: decimal(order.limitPrice).toString() }),
    ...(order.triggerPrice === null ? {} : { stopPrice: decimal(order.triggerPrice).toString() }),
    ...(needsLimit && !order.postOnly ? { timeInForce: order.timeInForce.toUpperCase() } : {}),
  }
}
