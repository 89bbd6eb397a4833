import type { Instrument } from '../flow/1-market.js'
import type { Order, OrderPurpose } from '../flow/5-order.js'
import type { Reason, Side } from '../flow/primitives.js'
import { type Decimal, decimal } from './decimal.js'

/** An instrument's rules, read once: exact numbers instead of text. */
export interface InstrumentRules {
  readonly instrument: Instrument
  readonly tick: Decimal
  readonly step: Decimal
  readonly minQuantity: Decimal
  readonly maxQuantity: Decimal | null
  readonly minNotional: Decimal
  readonly maxNotional: Decimal | null
  /** Fees as shares of the notional. */
  readonly makerFee: Decimal
  readonly takerFee: Decimal
}

const bps = decimal('0.0001')

export function instrumentRules(instrument: Instrument): InstrumentRules {
  return {
    instrument,
    tick: decimal(instrument.tickSize),
    step: decimal(instrument.stepSize),
    minQuantity: decimal(instrument.minQuantity),
    maxQuantity: instrument.maxQuantity === null ? null : decimal(instrument.maxQuantity),
    minNotional: decimal(instrument.minNotional),
    maxNotional: instrument.maxNotional === null ? null : decimal(instrument.maxNotional),
    makerFee: decimal(instrument.makerFeeBps).times(bps),
    takerFee: decimal(instrument.takerFeeBps).times(bps),
  }
}

/** A quantity always rounds down to the step: never more than was meant. */
export function roundQuantity(rules: InstrumentRules, quantity: Decimal): Decimal {
  return quantity.roundTo(rules.step, 'towardZero')
}

/**
 * Rounds a limit price so that it is never worse than meant: a buy down, a sell up.
 */
export function roundLimitPrice(rules: InstrumentRules, side: Side, price: Decimal): Decimal {
  return price.roundTo(rules.tick, side === 'buy' ? 'down' : 'up')
}

/**
 * Rounds a trigger price. A stop wakes earlier rather than later: a selling stop (below the market) up, a buying stop down.
 * A take-profit wakes later rather than earlier: selling up, buying down. So both go up for sells and down for buys.
 */
export function roundTriggerPrice(rules: InstrumentRules, side: Side, price: Decimal): Decimal {
  return price.roundTo(rules.tick, side === 'sell' ? 'up' : 'down')
}

/**
 * Every instrument rule the order breaks; empty when it may be sent. `referencePrice` values market and stop orders
 * for the notional rules; without one (`null`) they are refused, because what cannot be valued cannot be limited.
 */
export function brokenRules(
  rules: InstrumentRules,
  order: Pick<Order, 'quantity' | 'limitPrice' | 'triggerPrice' | 'purpose' | 'reduceOnly'>,
  referencePrice: Decimal | null,
): readonly Reason[] {
  const reasons: Reason[] = []
  const quantity = decimal(order.quantity)
  const { instrument } = rules
  if (instrument.status === 'halted' || instrument.status === 'cancelOnly') {
    reasons.push({
      code: 'order.rule.not-trading',
      message: `${instrument.symbol} is ${instrument.status}; no order is taken.`,
      limit: 'trading',
      observed: instrument.status,
    })
  }
  if (!quantity.isMultipleOf(rules.step)) {
    reasons.push(
      reasonOf('step', `Quantity ${order.quantity} is not a multiple of ${rules.step}.`, rules.step, quantity),
    )
  }
  if (quantity.lessThan(rules.minQuantity) || !quantity.isPositive) {
    const message = `Quantity ${order.quantity} is below the smallest, ${rules.minQuantity}.`
    reasons.push(reasonOf('min-quantity', message, rules.minQuantity, quantity))
  }
  if (rules.maxQuantity !== null && quantity.greaterThan(rules.maxQuantity)) {
    const message = `Quantity ${order.quantity} is above the largest, ${rules.maxQuantity}.`
    reasons.push(reasonOf('max-quantity', message, rules.maxQuantity, quantity))
  }
  for (const [name, text] of [['Limit', order.limitPrice] as const, ['Trigger', order.triggerPrice] as const]) {
    if (text === null) continue
    const price = decimal(text)
    if (!price.isPositive || !price.isMultipleOf(rules.tick)) {
      reasons.push(reasonOf('tick', `${name} price ${text} is not a multiple of ${rules.tick}.`, rules.tick, price))
    }
  }
  reasons.push(...brokenNotional(rules, order, quantity, referencePrice))
  return reasons
}

function brokenNotional(
  rules: InstrumentRules,
  order: Pick<Order, 'limitPrice' | 'triggerPrice' | 'purpose' | 'reduceOnly'>,
  quantity: Decimal,
  referencePrice: Decimal | null,
): readonly Reason[] {
  const price = order.limitPrice ?? order.triggerPrice
  const value = price === null ? referencePrice : decimal(price)
  if (value === null || !value.isPositive) {
    const message = 'The order cannot be valued: there is no price for it.'
    return [{ code: 'order.rule.no-reference-price', message, limit: null, observed: null }]
  }
  const notional = value.times(quantity)
  const reasons: Reason[] = []
  // Leaving must stay possible: exchanges exempt reducing orders of contracts from the smallest notional.
  const isExempt = order.reduceOnly && rules.instrument.kind !== 'spot' && leaves(order.purpose)
  if (!isExempt && notional.lessThan(rules.minNotional)) {
    const message = `Notional ${notional} is below the smallest, ${rules.minNotional}.`
    reasons.push(reasonOf('min-notional', message, rules.minNotional, notional))
  }
  if (rules.maxNotional !== null && notional.greaterThan(rules.maxNotional)) {
    const message = `Notional ${notional} is above the largest, ${rules.maxNotional}.`
    reasons.push(reasonOf('max-notional', message, rules.maxNotional, notional))
  }
  return reasons
}

function leaves(purpose: OrderPurpose): boolean {
  return purpose !== 'entry'
}

function reasonOf(rule: string, message: string, limit: Decimal, observed: Decimal): Reason {
  return { code: `order.rule.${rule}`, message, limit: limit.toString(), observed: observed.toString() }
}
