import { decimal, type Reason } from '@barfinex/core'
import { touchPrice } from '../market-view.js'
import { allowed, type Rule, refused } from './rule.js'

const code = 'inspector.rule.stop-side'

/** A long has its stop below and its target above the price it enters at, a short the other way round. */
export const stopOnRightSide: Rule = {
  code,
  judges: 'order',
  check({ intent, order, price }) {
    if (intent === null) return refused(code, 'An entry needs an intent that names its stop.', true, null)
    const isLong = order.side === 'buy'
    const expected = isLong ? 'long' : 'short'
    const reasons: Reason[] = []
    if (intent.direction !== expected) {
      reasons.push(...refused(code, `A ${order.side} does not open a ${intent.direction}.`, expected, intent.direction))
    }
    const stop = decimal(intent.stopPrice)
    const target = decimal(intent.targetPrice)
    if (!stop.isPositive || !(isLong ? stop.lessThan(price) : stop.greaterThan(price))) {
      const side = isLong ? 'below' : 'above'
      reasons.push(...refused(code, `The stop ${stop} is not ${side} ${price}.`, price.toString(), stop.toString()))
    }
    if (!(isLong ? target.greaterThan(price) : target.lessThan(price))) {
      const side = isLong ? 'above' : 'below'
      reasons.push(
        ...refused(code, `The target ${target} is not ${side} ${price}.`, price.toString(), target.toString()),
      )
    }
    return reasons
  },
}

/** A protective stop waits on the losing side of the market; one that would fire at once is an exit, not a stop. */
export const stopWaits: Rule = {
  code: 'inspector.rule.stop-would-trigger',
  judges: 'order',
  check({ order, market }) {
    const touch = order.purpose === 'stop' && order.triggerPrice !== null ? touchPrice(market, order.side) : null
    if (touch === null || order.triggerPrice === null) return allowed
    const trigger = decimal(order.triggerPrice).toNumber()
    if (order.side === 'sell' ? trigger < touch : trigger > touch) return allowed
    const message = `A ${order.side} stop at ${order.triggerPrice} would fire at once: the market is at ${touch}.`
    return refused('inspector.rule.stop-would-trigger', message, touch, order.triggerPrice)
  },
}
