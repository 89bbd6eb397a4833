import type { Reason } from '@barfinex/core'

/** Why the exchange says no, or why it ended an order by itself. */
export const refusalCodes = [
  'exchange.order.already-final',
  'exchange.order.above-max-notional',
  'exchange.order.above-max-quantity',
  'exchange.order.below-min-notional',
  'exchange.order.below-min-quantity',
  'exchange.order.duplicate-id',
  'exchange.order.fok-unfillable',
  'exchange.order.instrument-halted',
  'exchange.order.insufficient-funds',
  'exchange.order.insufficient-margin',
  'exchange.order.invalid',
  'exchange.order.ioc-remainder',
  'exchange.order.no-liquidity',
  'exchange.order.no-market',
  'exchange.order.nothing-to-reduce',
  'exchange.order.oco-canceled',
  'exchange.order.oco-mismatch',
  'exchange.order.off-step',
  'exchange.order.off-tick',
  'exchange.order.self-trade',
  'exchange.order.unknown-account',
  'exchange.order.unknown-order',
  'exchange.order.unknown-symbol',
  'exchange.order.would-take',
  'exchange.order.would-trigger',
] as const

/** Codes of the reasons in an exchange's reports. */
export type RefusalCode = (typeof refusalCodes)[number]

type Value = string | number | boolean | null

/** Makes a reason; `limit` and `observed` in the unit that the message names. */
export function refusal(code: RefusalCode, message: string, limit?: Value, observed?: Value): Reason {
  return {
    code,
    message,
    ...(limit === undefined ? {} : { limit }),
    ...(observed === undefined ? {} : { observed }),
  }
}
