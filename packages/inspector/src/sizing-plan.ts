import type { Decimal } from '@barfinex/core'
import type { LimitAmount } from './limit-amount.js'

/** How large a normal trade is, before policies have their say. */
export interface SizingPlan {
  /** Share of the equity that a trade loses when its stop is hit, fees included. */
  readonly riskPerTrade: Decimal
  /** Largest notional of one entry. */
  readonly maxNotional: LimitAmount
}
