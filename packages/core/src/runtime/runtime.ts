import type { Bus } from '../bus/bus.js'
import type { Journal } from '../journal/journal.js'
import type { ApprovalAuthority } from '../model/approval.js'
import type { LeaseRecord } from '../service/lease.js'
import type { Clock } from './clock.js'
import type { Ids } from './ids.js'
import type { Log } from './log.js'
import type { Random } from './random.js'

/** What a desk hands to each of its services: spread it into the options of `createService`. */
export interface Runtime {
  readonly bus: Bus
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly log: Log
  readonly journal: Journal
  /** Makes and checks Inspector's seals. */
  readonly approvals: ApprovalAuthority
  /** Names this start of the process; counts up, used for fencing. */
  readonly epoch: number
  /** Where epochs are given out to processes that share a bus; `null` in one process, where nobody else is. */
  readonly leases: LeaseRecord | null
  /** How often services show a sign of life, in kernel milliseconds. */
  readonly heartbeatMs: number
  /** Parts that the caller puts in place of the described ones, by role: a backtest replaces `exchange`. */
  readonly substitutes: Readonly<Record<string, unknown>>
}
