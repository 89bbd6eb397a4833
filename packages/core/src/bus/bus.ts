import type { Channel } from '../flow/channel.js'
import type { Cause, Envelope } from './envelope.js'
import type { Query } from './query.js'

/** Ends a subscription or a responder; harmless twice. */
export type Unsubscribe = () => void

/**
 * Gets one message. A promise makes the next message of the same key wait (not those of other keys),
 * and is waited for by {@link Bus.settled}. A handler that throws or rejects is reported and does not stop others.
 */
export type Handler<Payload> = (envelope: Envelope<Payload>) => void | Promise<void>

/**
 * Gets what was said and when, without an envelope. For readers of live data who never need to know who said it or to name it
 * as a cause: where everybody watches, nothing is allocated per message.
 */
export type Watcher<Payload> = (payload: Payload, occurredAt: number) => void

export interface PublishOptions {
  /** Kernel time at which it became true. */
  readonly occurredAt: number
  /** Our clock when it came from outside. */
  readonly receivedAt?: number
  /** What led to it; without one the message starts a trail. */
  readonly cause?: Cause
}

/** One writer's door to one channel. */
export interface Publisher<Payload> {
  /**
   * Says it. In memory every reader has run when the outermost `publish` returns; messages published by readers meanwhile
   * are delivered after it, in order. Across a network it is on its way: see {@link Bus.flush}.
   */
  publish(payload: Payload, options: PublishOptions): Envelope<Payload>
  /** The same for writers of millions of messages who do not need the envelope: it is made only if a reader does. */
  publishAt(payload: Payload, occurredAt: number, cause?: Cause): void
}

export interface SubscribeOptions {
  /** Only these ordering keys; all when absent. */
  readonly keys?: readonly string[]
  /**
   * Name of a durable reader of commands, facts or settled data: each message takes effect once per group, and a
   * group that comes back goes on where it stopped. Two members of a group share the work by key.
   */
  readonly group?: string
  /**
   * Where a reader without a memory begins: with what comes now (default), or with everything the bus still holds.
   * State channels always give the last value of each key first.
   */
  readonly from?: 'now' | 'earliest'
}

/** A watcher has no group: it wants the present, not what it missed. */
export type WatchOptions = Pick<SubscribeOptions, 'keys'>

/** Losses and delays, by channel name: a loss that is counted can be acted upon. */
export interface BusHealth {
  /** False while messages cannot be handed on (a lost connection). */
  readonly connected: boolean
  /** Live messages dropped because a reader was slow. */
  readonly droppedCount: Readonly<Record<string, number>>
  /** Handlers that threw. */
  readonly handlerFaultCount: number
  /** Messages set aside after their handler had failed for good. */
  readonly deadLetterCount: number
  /** Messages waiting for slow readers. */
  readonly queuedCount: number
  /**
   * Times that a server came back without something it had confirmed. Whoever opens positions reconciles with the exchange first
   * when it has risen. Always 0 in memory.
   */
  readonly memoryLossCount: number
}

/**
 * Moves messages between services. Two implementations, one contract (`@barfinex/core/testing`): in memory, where delivery
 * is synchronous and its order total; and Redis, where order holds per key.
 */
export interface Bus {
  readonly kind: 'memory' | 'redis'
  publisher<Payload>(channel: Channel<Payload>, source: string, epoch?: number): Publisher<Payload>
  subscribe<Payload>(channel: Channel<Payload>, handler: Handler<Payload>, options?: SubscribeOptions): Unsubscribe
  /** As {@link Bus.subscribe}, for readers who need no envelope. */
  watch<Payload>(channel: Channel<Payload>, watcher: Watcher<Payload>, options?: WatchOptions): Unsubscribe
  /** Sees every message of journalled channels in kernel order, before any reader does. One that throws is counted as a handler fault. */
  tap(handler: (envelope: Envelope, channel: Channel<never>) => void): Unsubscribe
  /** The last value of a state channel's key that has arrived here. */
  last<Payload>(channel: Channel<Payload>, key: string): Envelope<Payload> | undefined
  /** The last value of every key of a state channel that has arrived here. */
  lastAll<Payload>(channel: Channel<Payload>): readonly Envelope<Payload>[]
  /** Answers a query. One responder per query name: a second one is `bus.responder-taken`. */
  respond<Request, Reply>(
    query: Query<Request, Reply>,
    handler: (request: Request) => Reply | Promise<Reply>,
  ): Unsubscribe
  /**
   * Asks. Rejects with `bus.no-responder`, `bus.timeout`, `bus.reply-failed`, with the responder's own fault where that has a
   * code of ours, or with the reason of `abortSignal`. `timeoutMs` is wall time and counts across a network only: in one
   * process the answer is a call, and nothing of it may depend on the wall.
   */
  ask<Request, Reply>(
    query: Query<Request, Reply>,
    request: Request,
    options?: { readonly timeoutMs?: number; readonly abortSignal?: AbortSignal },
  ): Promise<Reply>
  /** Resolves when what was published is durable; `undefined` when it already is, so a caller need not wait a turn. */
  flush(): Promise<void> | undefined
  /** Resolves when everything published so far, and everything that led to, has been handled here. `undefined` when it has. */
  settled(): Promise<void> | undefined
  health(): BusHealth
  close(): Promise<void>
}
