import type { Envelope } from '../bus/envelope.js'

/**
 * Keeps of a journal what a start has to know. A checkpoint is what a keeper holds at the end of a segment: a start takes up
 * the newest one and learns what was written after it, instead of reading everything.
 *
 * The promise: after `load(save())` a keeper goes on as the one that saved would, and what it gives to a start makes the same of it as
 * the whole journal would.
 */
export interface PastKeeper {
  /** Changes with what is kept and how: what another version has saved is not loaded. */
  readonly version: number
  learn(envelope: Envelope): void
  /** A segment is over: forgets what no start needs any more. */
  settle(): void
  /** What it holds, as JSON values of moderate size. */
  save(): Iterable<unknown>
  /** Holds this and nothing else; without values, nothing at all. */
  load(values: readonly unknown[]): void
}
