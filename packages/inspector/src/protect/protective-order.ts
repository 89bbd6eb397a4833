import { Decimal, type InstrumentRules, type Order, roundLimitPrice, roundTriggerPrice } from '@barfinex/core'
import { touchPrice } from '../market-view.js'
import type { MarketView } from '../situation.js'
import { orderIdOf } from '../size.js'
import { closingSide, type Lot } from './lot.js'
import type { Step } from './lot-view.js'

type Placing = Extract<Step, { type: 'stop' | 'target' | 'exit' }>

/**
 * The exact order of a step. A stop wakes at its price and sells at the market; a target rests as a limit; an exit is a limit
 * that takes what it gets at once, no worse than `collar` from the present price, or the market when that has failed.
 */
export function protectiveOrder(
  lot: Lot,
  step: Placing,
  rules: InstrumentRules,
  market: MarketView,
  collar: Decimal,
): Order {
  const { intent, attempts } = lot
  const side = step.type === 'exit' ? step.side : closingSide(lot)
  const attempt = attempts[step.type]
  return {
    clientOrderId: orderIdOf(intent.intentId, step.type, attempt),
    symbol: intent.symbol,
    side,
    type: step.type === 'stop' ? 'stopMarket' : isAtMarket(step) ? 'market' : 'limit',
    quantity: step.quantity.toString(),
    limitPrice: limitOf(lot, step, rules, market, collar, side),
    triggerPrice: step.type === 'stop' ? roundTriggerPrice(rules, side, lot.stopPrice).toString() : null,
    trailingBps: null,
    timeInForce: step.type === 'exit' ? 'ioc' : 'gtc',
    reduceOnly: true,
    postOnly: false,
    ocoGroup: step.type === 'exit' ? null : step.group,
    purpose: step.type,
    intentId: intent.intentId,
    attempt,
  }
}

function limitOf(
  lot: Lot,
  step: Placing,
  rules: InstrumentRules,
  market: MarketView,
  collar: Decimal,
  side: 'buy' | 'sell',
): string | null {
  if (step.type === 'stop' || isAtMarket(step)) return null
  const price = step.type === 'target' ? targetPrice(lot) : exitLimit(lot, market, collar, side)
  return roundLimitPrice(rules, side, price).max(rules.tick).toString()
}

function isAtMarket(step: Placing): boolean {
  return step.type === 'exit' && step.isAtMarket
}

function targetPrice({ intent }: Lot): Decimal {
  return Decimal.from(intent.targetPrice)
}

/** The furthest price an exit may take: the collar's width from the touch, else from the stop, which is always known. */
export function exitLimit(
  lot: Pick<Lot, 'stopPrice'>,
  market: MarketView,
  collar: Decimal,
  side: 'buy' | 'sell',
): Decimal {
  const touch = touchPrice(market, side)
  const reference = touch === null ? lot.stopPrice : Decimal.fromNumber(touch)
  return reference.times(side === 'sell' ? Decimal.one.minus(collar) : Decimal.one.plus(collar))
}
