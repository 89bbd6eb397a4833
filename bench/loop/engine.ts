import type { Stopwatch } from './stopwatch.js'

/** What a pass came to: equal for every pass of an engine. */
export interface Outcome {
  readonly events: number
  readonly orders: number
  /** SHA-256 over the orders that went out. */
  readonly ordersHash: string
}

/** One way from market events to orders. */
export interface Engine {
  run(stopwatch: Stopwatch): Outcome | Promise<Outcome>
}
