import { BarfinexError, type ErrorCode } from '../runtime/error.js'

/** How a daemon ends. A supervisor reads it: 2 needs a person, everything else above 0 may be started again. */
export const daemonExit = {
  /** Asked to end, and drained. */
  drained: 0,
  /** Something that was not foreseen, or draining took too long. */
  failed: 1,
  /** The call, the configuration or a key is wrong: starting again would end the same way. */
  usage: 2,
  /** Another process holds the lease. */
  leaseTaken: 4,
  /** The lease was lost while running. */
  leaseLost: 5,
  /** The journal is locked, damaged or cannot be written. */
  journal: 6,
  /** The bus came back without something it had confirmed: start again, and reconcile. */
  memoryLost: 7,
  /** Asked twice to end: left before it was drained. */
  interrupted: 130,
} as const

const exitOf: Partial<Readonly<Record<ErrorCode, number>>> = {
  'approval.key-missing': daemonExit.usage,
  'config.invalid': daemonExit.usage,
  'config.not-found': daemonExit.usage,
  'options.invalid': daemonExit.usage,
  'strategy.invalid': daemonExit.usage,
  'tape.invalid': daemonExit.usage,
  'tape.not-found': daemonExit.usage,
  'tape.sidecar-missing': daemonExit.usage,
  'exchange.not-supported': daemonExit.usage,
  'bus.memory-lost': daemonExit.memoryLost,
  'lease.taken': daemonExit.leaseTaken,
  'lease.lost': daemonExit.leaseLost,
  'journal.locked': daemonExit.journal,
  'journal.damaged': daemonExit.journal,
  'journal.write-failed': daemonExit.journal,
}

/** The exit code of a failure. */
export function exitCodeOf(error: unknown): number {
  return (BarfinexError.is(error) ? exitOf[error.code] : undefined) ?? daemonExit.failed
}
