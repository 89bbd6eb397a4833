import type { Log } from '../runtime/log.js'

/**
 * Something that a person or the system must act upon.
 *
 * - `dead-letter`: a message was set aside after its handler had failed for good, or because it cannot be read.
 * - `memory-lost`: the server came back without something it had confirmed (restarted empty, or a replica took over that had not
 *   got it all). Reconcile with the exchange before anything new is opened.
 * - `entries-lost`: settled data or facts that a reader had not got yet are no longer held.
 * - `refused`: the server does not let this user write that channel.
 */
export interface BusAlarm {
  readonly kind: 'dead-letter' | 'memory-lost' | 'entries-lost' | 'refused'
  /** The channel it is about; `null` when it is about all. */
  readonly channel: string | null
  /** One sentence for a person. */
  readonly message: string
}

export type AlarmListener = (alarm: BusAlarm) => void

/** Tells the log and the listener; a listener that throws is not a second alarm. */
export function alarmTo(log: Log, listener: AlarmListener | undefined): AlarmListener {
  return (alarm) => {
    log.error(alarm.message, { kind: alarm.kind, channel: alarm.channel ?? undefined })
    try {
      listener?.(alarm)
    } catch (error) {
      log.error('a listener of alarms failed', { error })
    }
  }
}
