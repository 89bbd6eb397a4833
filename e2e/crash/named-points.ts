/**
 * Exact places in a daemon's work at which it can be made to die, by what passes its ports just then: its journal, its sockets to the
 * exchange and to Redis. Nothing in the product knows of them.
 */
export const namedPoints = {
  provider: [
    'before a command is in the journal',
    'after the journal, before the send',
    'after the send, before the reply',
    'after the reply, before the journal',
    'after a report came, before the journal',
    'after the journal, before the publish',
    'after the publish, before its confirmation',
    'after the act, before the acknowledgement',
    'after a cancel is confirmed, before the journal',
    'between a cancel and the next order',
    'during a comparison with the exchange',
    'at the first comparison of a start',
    'with the lease just taken',
    'just after the lease has run out',
  ],
  inspector: [
    'before a fact is in the journal',
    'after the journal, before the publish',
    'after the publish, before its confirmation',
    'after the act, before the acknowledgement',
    'on word of the account',
    'on word of the account, after a start',
    'with the lease just taken',
    'just after the lease has run out',
  ],
  advisor: [
    'before a fact is in the journal',
    'after the journal, before the publish',
    'after the publish, before its confirmation',
    'after the act, before the acknowledgement',
    'with the lease just taken',
  ],
  detector: [
    'before a fact is in the journal',
    'after the journal, before the publish',
    'after the publish, before its confirmation',
    'with the lease just taken',
  ],
} as const

export type TrappedDaemon = keyof typeof namedPoints
export type NamedPoint = (typeof namedPoints)[TrappedDaemon][number]

/** Points that only a daemon comes by that is starting. */
export const pointsOfStart: ReadonlySet<NamedPoint> = new Set<NamedPoint>([
  'at the first comparison of a start',
  'on word of the account, after a start',
  'with the lease just taken',
])

/** A trap that lies in wait, as it stands in the file `<configuration>.trap`. */
export interface SetTrap {
  readonly point: NamedPoint
  /** So many may pass before one is caught. */
  readonly skips: number
}
