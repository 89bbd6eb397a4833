import type { z } from 'zod'
import type { ServiceName } from '../flow/7-service.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Service } from '../service/service.js'
import type { ApprovalPart } from './approval-keys.js'
import type { Carry } from './carry.js'
import type { ParsedDaemonOptions } from './daemon-options.js'

/** A configuration without its part `daemon`. */
export type GivenOptions = Readonly<Record<string, unknown>>

/** What the environment says about a variable. */
export type ReadVariable = (variable: string) => string | undefined

/** What makes a service a daemon: everything else is the same for all five. */
export interface DaemonPlan {
  readonly service: ServiceName
  /** One line for `--help`. */
  readonly help: string
  /** Schema of the service's own options: it says which of them the environment may override. */
  readonly options: z.ZodType
  /** Which half of the approval keys it holds. */
  readonly approvals: ApprovalPart
  /** True where an account has only one: the configuration names the account, and the lease is for it. */
  readonly isPerAccount: boolean
  /** Names under which it writes on the bus, beside the service's own. */
  readonly sources?: readonly string[]
  /** What it has to know of its journal when it starts; nothing when absent. */
  readonly carry?: Carry
  /** Turns what a file can say (`{ "paper": { "seed": 7 } }`) into what the options want (`paper({ seed: 7 })`). */
  readonly read?: (given: GivenOptions, environment: ReadVariable) => GivenOptions | Promise<GivenOptions>
  /** Throws where its options do not go together with the daemon's. */
  refuse?(options: GivenOptions, daemon: ParsedDaemonOptions): void
  /** For `--check`: whether keys and files that a start needs will do. Opens no connection. */
  check?(options: GivenOptions): Promise<void>
  /** Makes the service; its options are parsed there. */
  create(runtime: Runtime, options: GivenOptions, account: string | null): Service
}
