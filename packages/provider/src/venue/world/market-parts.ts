import type { Clock } from '@barfinex/core'
import type { MarketHall } from './market-hall.js'
import type { OrderLimits } from './order-counts.js'
import type { UserOutbox } from './user-outbox.js'

/** What spot and perpetuals are built from. */
export interface MarketParts {
  readonly hall: MarketHall
  readonly users: UserOutbox
  readonly clock: Clock
  /** The venue's time, skew included. */
  readonly now: () => number
  readonly lagMs: () => number
  readonly makeId: () => string
  readonly orderLimits: OrderLimits
}
