import type { BarfinexError } from '../runtime/error.js'

/** The right to be the only one of a kind, as long as it is held. */
export interface Lease {
  /** What it is for, such as `inspector@paper`. */
  readonly name: string
  /** Fencing token: higher than that of every holder before. It belongs into every act; who takes acts refuses lower ones. */
  readonly epoch: number
  /**
   * True while nobody else can hold it, by a clock that neither leaps nor stands still. Ask before an act that must be the only one:
   * a process that was paused learns here that its time is over.
   */
  isHeld(): boolean
  /** Called once when it was lost without being given back. */
  onLost(listener: (error: BarfinexError) => void): void
  /** Gives it back; harmless twice. */
  release(): Promise<void>
}

/** Where leases are had: a directory for processes of one machine, Redis for daemons. */
export interface Leases {
  /** Takes it. Rejects with `lease.taken` while somebody else holds it. */
  acquire(name: string, options?: { readonly abortSignal?: AbortSignal }): Promise<Lease>
  /**
   * Highest number a holder of that name was ever given; 0 when there was none. Asked after somebody has spoken under a number, it tells whether
   * that number exists. Rejects with `bus.unavailable` when nobody can be asked.
   */
  highestEpoch(name: string): Promise<number>
}

/** Who was given which number: what somebody only says of himself on a bus can be checked there. */
export type LeaseRecord = Pick<Leases, 'highestEpoch'>
