import type { Reason } from '@barfinex/core'
import { refusal } from '../matching/order-refusal.js'
import type { OrderReply, OrderStatus } from './reply-schemas.js'

/** Why an order ended that nobody here canceled, as far as its kind and the exchange's word tell. */
export function endingReason(
  status: OrderStatus,
  kind: OrderReply['type'],
  timeInForce: string,
  word: string | null,
): Reason {
  if (status === 'EXPIRED_IN_MATCH') {
    return refusal('exchange.order.self-trade', 'It would have traded with another order of this account.')
  }
  if (word !== null && /OCO|LIST/i.test(word)) {
    return refusal('exchange.order.oco-canceled', `Another order of its list came first (${word}).`)
  }
  if (status === 'CANCELED') {
    return { code: 'exchange.order.canceled-there', message: `The exchange canceled it${wordOf(word)}.` }
  }
  if (kind === 'MARKET' || kind === 'STOP_LOSS' || kind === 'TAKE_PROFIT') {
    return refusal('exchange.order.no-liquidity', 'Nobody offers any more.')
  }
  if (timeInForce === 'FOK') {
    return refusal('exchange.order.fok-unfillable', 'It could not be filled whole at once.')
  }
  if (timeInForce === 'IOC') {
    return refusal('exchange.order.ioc-remainder', 'What could not be filled at once was taken back.')
  }
  return { code: 'exchange.order.expired', message: `The exchange let it expire${wordOf(word)}.` }
}

const wordOf = (word: string | null): string => (word === null ? '' : ` (${word})`)
