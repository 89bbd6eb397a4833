/** What a pass came to: it must be the same in every pass, and for ours and the limits the golden one. */
export type Outcome = Readonly<Record<string, number | string>>

/** One way of doing the workload. */
export interface Engine {
  /** Timed passes; the slow ones are run fewer times. */
  readonly passes: number
  run(): Outcome | Promise<Outcome>
}
