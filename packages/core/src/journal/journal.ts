import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'

/**
 * The append-only record of what happened: commands, facts and evaluations in kernel order, hash-chained.
 */
export interface Journal {
  /** Adds a message. A failed write is remembered: {@link Journal.flush} rejects and {@link Journal.fault} is set. */
  append(envelope: Envelope, channel: Channel<never>): void
  /** Resolves when everything appended is as durable as the policy promises; `undefined` when it already is. */
  flush(): Promise<void> | undefined
  /** Set after a failed write: nothing may be sent to an exchange from then on. */
  readonly fault: Error | null
  /** Messages appended. */
  readonly count: number
  /**
   * Hash chain over commands and facts in kernel order, within one instant in the order of the flow map, the key and the number
   * there; without `receivedAt`, durations, epochs, stream ids and seals: equal for equal input on any bus. 64 hexadecimal
   * digits.
   */
  hash(): string
  /** Everything in order, oldest first. */
  read(): AsyncIterable<Envelope>
  /**
   * What a start has to know: of what a checkpoint covers what still matters, and everything after it, oldest first. Where
   * there are no checkpoints it is absent, and everything has to be read: see {@link pastOf}.
   */
  past?(): AsyncIterable<Envelope>
  close(): Promise<void>
}

/** What a service has to read to know again what it knew before a restart. */
export function pastOf(journal: Pick<Journal, 'read' | 'past'>): AsyncIterable<Envelope> {
  return journal.past?.() ?? journal.read()
}
