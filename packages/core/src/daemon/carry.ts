import type { Envelope } from '../bus/envelope.js'

/**
 * What a service needs of its journal when it starts. The promise: folded at a start, `prune(past)` and what follows come to the
 * same as the whole journal does, but for what is long over.
 */
export interface Carry {
  /**
   * Goes up with every change of `wants` or `prune`: a checkpoint of another version may have left out what this one needs, and is passed
   * over.
   */
  readonly version: number
  /** False for messages that no start reads. */
  wants(envelope: Envelope): boolean
  /** Leaves out what is over, of messages that were wanted, oldest first. May be asked again with what it left. */
  prune(past: readonly Envelope[]): readonly Envelope[]
}

/** For services that read nothing back. */
export const carryNothing: Carry = { version: 1, wants: () => false, prune: () => [] }

/**
 * What ended so long before the service's own last message is over, in milliseconds: no approval, window of a policy or late report
 * reaches back as far as a week.
 */
export const carriedMs = 7 * 86_400_000

/**
 * The instant of the last message that `service` wrote itself, 0 where it wrote none. What is over is measured from there: the instants
 * of what it heard are whatever somebody wrote, and one stamped far ahead would make everything seem long over.
 */
export function lastSaidAt(past: readonly Envelope[], service: string): number {
  return past.findLast(({ source }) => source === service)?.occurredAt ?? 0
}
