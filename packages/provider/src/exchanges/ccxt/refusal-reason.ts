import type { Reason } from '@barfinex/core'
import type { RefusalCode } from '../matching/order-refusal.js'
import type { RequestFault } from './request-fault.js'

type Code = RefusalCode | 'exchange.order.filter' | 'exchange.order.refused'

/** By the exchange's text: one of its codes stands for many refusals. */
const byText: readonly (readonly [RegExp, Code])[] = [
  [/duplicate order/i, 'exchange.order.duplicate-id'],
  [/insufficient balance/i, 'exchange.order.insufficient-funds'],
  [/immediately match/i, 'exchange.order.would-take'],
  [/trigger immediately/i, 'exchange.order.would-trigger'],
  [/market is closed|symbol is not trading|trading is disabled/i, 'exchange.order.instrument-halted'],
  [/filter failure: (MARKET_)?LOT_SIZE/i, 'exchange.order.off-step'],
  [/filter failure: PRICE_FILTER/i, 'exchange.order.off-tick'],
  [/filter failure: (MIN_)?NOTIONAL/i, 'exchange.order.below-min-notional'],
  [/filter failure/i, 'exchange.order.filter'],
]

const byCode: Readonly<Record<number, Code>> = {
  [-1121]: 'exchange.order.unknown-symbol',
  [-2011]: 'exchange.order.unknown-order',
  [-2013]: 'exchange.order.unknown-order',
}

/** Why the exchange refused for good, or did not even look at, an order or a cancel. */
export function refusalReason(fault: RequestFault): Reason {
  const { message, code, kind, retryAfterMs } = fault
  if (kind === 'limited') {
    const again = retryAfterMs > 0 ? { limit: retryAfterMs } : {}
    return { code: 'exchange.request.rate-limited', message: `Nothing was sent or taken. ${message}`, ...again }
  }
  if (code === null) return { code: 'exchange.request.not-sent', message }
  if (code === -1021) return { code: 'exchange.request.clock', message }
  if (isOfKey(code)) return { code: 'exchange.request.unauthorized', message }
  const known = byText.find(([text]) => text.test(message))?.[1] ?? byCode[code]
  if (known !== undefined) return { code: known, message }
  // -11xx: a parameter is missing, malformed or too precise.
  const isForm = code <= -1100 && code > -1200
  return { code: isForm ? 'exchange.order.invalid' : 'exchange.order.refused', message }
}

const isOfKey = (code: number): boolean => code === -1002 || code === -1022 || code === -2014 || code === -2015
