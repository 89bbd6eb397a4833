import type { z } from 'zod'
import type { ServiceName } from './7-service.js'

/**
 * What a channel promises.
 *
 * - `live`: at most once, per-key order, sequence numbers show a gap; a slow reader loses the oldest, counted.
 * - `settled`: at least once, replayable for a while.
 * - `command`, `fact`: durable, ordered per key, effect once by id.
 * - `state`: the last value per key wins; a new reader gets it at once.
 * - `heartbeat`: at most once.
 */
export type ChannelClass = 'live' | 'settled' | 'command' | 'fact' | 'state' | 'heartbeat'

/** One row of the flow map: a named kind of message, who writes it and who reads it. */
export interface Channel<Payload> {
  readonly name: string
  readonly class: ChannelClass
  readonly version: number
  /** Checks a payload at an edge; inside a process trusted records pass by reference. */
  readonly schema: z.ZodType<Payload>
  /** Ordering key and topic: messages of one key keep their order. */
  readonly keyOf: (payload: Payload) => string
  /** What makes two messages the same message, or `null` where only key and sequence do. */
  readonly idOf: ((payload: Payload) => string) | null
  /** True when the message belongs to the trail: it is journalled and (but for evaluations) hashed. */
  readonly journalled: boolean
  readonly writtenBy: readonly ServiceName[]
  readonly readBy: readonly ServiceName[]
  /** Services that take each message once, as a group that acknowledges it. */
  readonly takenBy: readonly ServiceName[]
  /**
   * Whose word a message is, where every service speaks for itself alone: on a bus with rights each has a place of its own. `null`
   * where it is one word, whoever of the writers says it.
   */
  readonly speakerOf: ((payload: Payload) => ServiceName) | null
  /** One line for docs/flow.md. */
  readonly carries: string
}

export interface ChannelOptions<Payload> {
  readonly name: string
  readonly class: ChannelClass
  readonly schema: z.ZodType<Payload>
  readonly key: (payload: Payload) => string
  readonly id?: (payload: Payload) => string
  readonly journalled?: boolean
  readonly writtenBy: readonly ServiceName[]
  readonly readBy: readonly ServiceName[]
  readonly takenBy?: readonly ServiceName[]
  readonly speaker?: (payload: Payload) => ServiceName
  readonly carries: string
}

/** Describes a channel. Commands and facts are journalled by definition. */
export function defineChannel<Payload>(options: ChannelOptions<Payload>): Channel<Payload> {
  const { key, id, journalled, takenBy, speaker, ...rest } = options
  return Object.freeze({
    ...rest,
    version: 1,
    keyOf: key,
    idOf: id ?? null,
    takenBy: takenBy ?? [],
    speakerOf: speaker ?? null,
    journalled: journalled ?? (options.class === 'command' || options.class === 'fact'),
  })
}
