import type { Reason } from '@barfinex/core'
import { VenueError } from '../venue-world.js'

interface Wording {
  readonly code: number
  readonly msg: string
  /** `r` of the report, where a child of a list is refused. */
  readonly rejectReason: string
}

const spotWordings: Readonly<Record<string, Wording>> = {
  'exchange.order.insufficient-funds': {
    code: -2010,
    msg: 'Account has insufficient balance for requested action.',
    rejectReason: 'INSUFFICIENT_BALANCES',
  },
  'exchange.order.would-take': {
    code: -2010,
    msg: 'Order would immediately match and take.',
    rejectReason: 'WOULD_MATCH_IMMEDIATELY',
  },
  'exchange.order.would-trigger': {
    code: -2010,
    msg: 'Stop price would trigger immediately.',
    rejectReason: 'STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY',
  },
  'exchange.order.off-tick': { code: -1013, msg: 'Filter failure: PRICE_FILTER', rejectReason: 'NONE' },
  'exchange.order.off-step': { code: -1013, msg: 'Filter failure: LOT_SIZE', rejectReason: 'NONE' },
  'exchange.order.below-min-quantity': { code: -1013, msg: 'Filter failure: LOT_SIZE', rejectReason: 'NONE' },
  'exchange.order.above-max-quantity': { code: -1013, msg: 'Filter failure: LOT_SIZE', rejectReason: 'NONE' },
  'exchange.order.oco-canceled': { code: -2010, msg: 'Order list is done already.', rejectReason: 'NONE' },
}

const usdmWordings: Readonly<Record<string, Wording>> = {
  'exchange.order.insufficient-margin': { code: -2019, msg: 'Margin is insufficient.', rejectReason: 'NONE' },
  'exchange.order.nothing-to-reduce': { code: -2022, msg: 'ReduceOnly Order is rejected.', rejectReason: 'NONE' },
  'exchange.order.would-trigger': { code: -2021, msg: 'Order would immediately trigger.', rejectReason: 'NONE' },
  'exchange.order.would-take': {
    code: -5022,
    msg: 'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history',
    rejectReason: 'NONE',
  },
  'exchange.order.off-tick': { code: -4014, msg: 'Price not increased by tick size.', rejectReason: 'NONE' },
  'exchange.order.off-step': {
    code: -1111,
    msg: 'Precision is over the maximum defined for this asset.',
    rejectReason: 'NONE',
  },
  'exchange.order.below-min-quantity': {
    code: -4003,
    msg: 'Quantity less than or equal to zero.',
    rejectReason: 'NONE',
  },
  'exchange.order.above-max-quantity': {
    code: -4005,
    msg: 'Quantity greater than max quantity.',
    rejectReason: 'NONE',
  },
}

/** The engine's refusal in the words of the wire. */
export function wordedRefusal(market: 'spot' | 'usdm', reason: Reason): VenueError {
  const wording = (market === 'spot' ? spotWordings : usdmWordings)[reason.code]
  return wording === undefined ? new VenueError(-2010, reason.message) : new VenueError(wording.code, wording.msg)
}

/** `r` of a report about an order that was refused after its list had been taken. */
export function rejectReasonOf(reason: Reason): string {
  return spotWordings[reason.code]?.rejectReason ?? 'NONE'
}
