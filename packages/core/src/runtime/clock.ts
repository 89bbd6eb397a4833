/** Takes a scheduled task back; harmless when it has run already. */
export type CancelTask = () => void

/**
 * The only source of time and the only way to do something later.
 *
 * Tasks due at one instant run in the order in which they were scheduled, on every clock.
 */
export interface Clock {
  readonly kind: 'system' | 'virtual'
  /** Milliseconds UTC. Never goes back. */
  now(): number
  /** Microseconds of wall time, for durations that are shown to people and never hashed; 0 on a clock without wall time. */
  wallMicros(): number
  /** Runs `task` once, at `at` or as soon after as possible; an instant that has passed means now, after what is due now. */
  schedule(at: number, task: () => void): CancelTask
  /** Runs `task` at every multiple of `everyMs` after now, until it is canceled. */
  every(everyMs: number, task: () => void): CancelTask
  /**
   * Marks work whose result belongs to the present instant (a model's answer, a durable write).
   * A virtual clock stands still until it has settled, so wall time never enters a result.
   */
  hold<T>(effect: Promise<T>): Promise<T>
  /**
   * Runs an act that comes from outside (a person's, a request's) when the present instant is complete: after its tasks and what they
   * hold. So its instant alone says what came before it, and a replay puts it in the same place. At once on the machine's clock, and
   * on a virtual one that stands between two instants.
   */
  admit(act: () => void): void
}
