import type { Channel } from '../flow/channel.js'
import { BarfinexError } from '../runtime/error.js'
import { freezeDeep } from '../runtime/freeze-deep.js'
import { compileCallList, compileWatchList } from './call-list.js'
import { checkedPayload } from './checked.js'
import type { Cause, Envelope } from './envelope.js'
import { Fifo } from './fifo.js'
import { keptCause, type Lane, LazyEnvelope } from './lane.js'
import { Chain, type Reader, type Route, type Topic } from './route.js'

export interface DeliveryOptions {
  readonly queueLimit: number
  readonly isDebug: boolean
  /** Writes hot call lists out as functions. */
  readonly isCompiling: boolean
  readonly onHandlerFault: (error: unknown, channel: string) => void
}

export type Tap = (envelope: Envelope, channel: Channel<never>) => void
type Sent = LazyEnvelope<never>

/** The engine of the memory bus: one message after the other to every reader, and queues for readers that take their time. */
export interface Delivery {
  taps: readonly Tap[]
  /** Says a message; throws `bus.closed` or `bus.overflow` before anything has happened. */
  send(lane: Lane<never>, payload: never, at: number, received: number | undefined, cause: Cause | undefined): Sent
  /** {@link Delivery.send} for a hot route on which everybody watches; false when it is not one, and nothing was done. */
  show(lane: Lane<never>, payload: never, occurredAt: number): boolean
  /** Gives one reader one message, or lets it wait where the reader is busy. */
  offer(route: Route, reader: Reader, envelope: Envelope<never>): void
  /** Hands over what waited for a reader until it is busy again. A group that is away keeps its queue. */
  work(route: Route, reader: Reader, chain: Chain): void
  /** Forgets what waited for a reader that has left. */
  discardQueues(topic: Topic, reader: Reader): void
  /** Runs handlers outside of a publish with the same promise: what they publish comes after. */
  turn(run: () => void): void
  fault(error: unknown, channel: string): void
  settled(): Promise<void> | undefined
  counts(): { readonly handlerFaultCount: number; readonly deadLetterCount: number; readonly queuedCount: number }
  readonly isClosed: boolean
  close(): void
}

/**
 * Messages after which a route's call list is written out. Writing costs about 50 µs once; doing it early keeps the slow path out of
 * what the engine optimises.
 */
const hotAfter = 64

/** Nothing is being delivered; something is; something is, and more was published or somebody waits for the end. */
const idle = 0
const busy = 1
const busyWithMore = 2

export function refuseClosed(): never {
  throw new BarfinexError('bus.closed', 'The bus is closed. Start the desk again before using it.')
}

export function createDelivery({ queueLimit, isDebug, isCompiling, onHandlerFault }: DeliveryOptions): Delivery {
  const pending = new Fifo<Sent>()
  let waiters: (() => void)[] = []
  // One variable for three questions: it is asked several times per message.
  let phase = idle
  let isClosed = false
  let handlerFaultCount = 0
  let deadLetterCount = 0
  let queuedCount = 0
  let inFlightCount = 0

  function fault(error: unknown, channel: string): void {
    handlerFaultCount += 1
    try {
      onHandlerFault(error, channel)
    } catch {
      // Who reports faults must not become one: the count above still tells.
    }
  }

  function send(
    lane: Lane<never>,
    payload: never,
    at: number,
    received: number | undefined,
    cause: Cause | undefined,
  ): Sent {
    if (isClosed) refuseClosed()
    const { topic } = lane.route
    if (isDebug) checkedPayload(topic.channel, payload)
    else if (topic.isFrozen) freezeDeep(payload)
    if (topic.isDurable && topic.queuedCount + pending.length >= queueLimit) refuseOverflow(topic, lane.key)
    const envelope: Sent = new LazyEnvelope(
      lane,
      lane.seq,
      at,
      received,
      cause === undefined ? undefined : keptCause(cause),
      payload,
    )
    lane.seq += 1
    if (phase !== idle) {
      pending.push(envelope)
      phase = busyWithMore
      return envelope
    }
    phase = busy
    try {
      deliver(envelope)
      if (phase !== busy) drain()
    } finally {
      phase = idle
    }
    return envelope
  }

  /** {@link send} for a hot route on which everybody watches; false when it is not one. */
  function show(lane: Lane<never>, payload: never, occurredAt: number): boolean {
    const { route } = lane
    const { watches } = route
    if (watches === null || phase !== idle) return false
    const { seq } = lane
    lane.seq = seq + 1
    phase = busy
    try {
      const called = watches(payload, occurredAt)
      if (called >= 0) {
        walk(route, new LazyEnvelope(lane, seq, occurredAt, undefined, undefined, payload), called)
      }
      if (phase !== busy) drain()
    } finally {
      phase = idle
    }
    return true
  }

  /** Nothing has happened yet when this throws: no sequence number is used, no reader has seen the message. */
  function refuseOverflow(topic: Topic, key: string): void {
    const route = topic.routeOf(key)
    const coming = pending.count((envelope) => envelope.lane.route === route)
    let longest = 0
    for (const chain of route.chains?.values() ?? []) longest = Math.max(longest, chain.queue.length)
    if (longest === 0 || longest + coming < queueLimit) return
    throw new BarfinexError(
      'bus.overflow',
      `A reader of ${topic.channel.name} has ${longest} messages of "${key}" waiting. Make its handler faster or raise queueLimit.`,
      { retryable: true, details: { channel: topic.channel.name, key, queueLimit } },
    )
  }

  function drain(): void {
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) deliver(next)
    if (inFlightCount === 0) wakeWaiters()
  }

  function wakeWaiters(): void {
    const waiting = waiters
    waiters = []
    for (const wake of waiting) wake()
  }

  /** Runs handlers outside of a publish with the same promise: what they publish comes after. */
  function turn(run: () => void): void {
    if (phase !== idle) {
      run()
      return
    }
    phase = busy
    try {
      run()
      drain()
    } finally {
      phase = idle
    }
  }

  function deliver(envelope: Sent): void {
    const { lane } = envelope
    const { topic } = lane.route
    if (!topic.isPlain) keep(topic, envelope)
    if (lane.route.version !== topic.version) freshen(lane)
    const { route } = lane
    if (route.chains === null) {
      const called = route.calls === null ? warm(route) : route.calls(envelope)
      if (called >= 0) walk(route, envelope, called)
    } else walk(route, envelope, 0)
  }

  function freshen(lane: Lane<never>): void {
    if (lane.route.isEvicted) lane.route = lane.route.topic.routeOf(lane.key)
    if (lane.route.version !== lane.route.topic.version) lane.route.refresh()
  }

  /** Counts a route's messages; hot ones get their call list written out. Nobody has been called yet. */
  function warm(route: Route): 0 {
    route.callCount += 1
    if (isCompiling && route.callCount >= hotAfter && route.readers.length > 0) {
      route.calls = compileCallList(route, { onResult, onFault })
      if (!route.topic.isPlain || isDebug) return 0
      route.watches = compileWatchList(route, { onResult, onFault })
      if (route.watches !== null) route.topic.hot.push(route)
    }
    return 0
  }

  function keep(topic: Topic, envelope: Sent): void {
    const { channel } = topic
    if (channel.journalled) {
      for (const tap of delivery.taps) {
        try {
          tap(envelope, channel)
        } catch (error) {
          fault(error, channel.name)
        }
      }
    }
    if (topic.isState) topic.state.set(envelope.key, envelope)
    topic.log?.push(envelope)
  }

  function walk(route: Route, envelope: Envelope<never>, from: number): void {
    const { readers } = route
    for (let index = from; index < readers.length; index += 1) {
      const reader = readers[index] as Reader
      if (!reader.isClosed) offer(route, reader, envelope)
    }
  }

  function offer(route: Route, reader: Reader, envelope: Envelope<never>): void {
    const chain = route.chains?.get(reader)
    if (chain?.isBusy) queue(route.topic, reader, chain, envelope)
    else call(route, reader, envelope)
  }

  function call(route: Route, reader: Reader, envelope: Envelope<never>): void {
    try {
      const result = reader.take(envelope)
      if (result !== undefined) onResult(route, reader, result)
    } catch (error) {
      onFault(route, reader, error)
    }
  }

  function onFault(route: Route, reader: Reader, error: unknown): void {
    if (reader.group !== null) deadLetterCount += 1
    fault(error, route.topic.channel.name)
  }

  // Slow readers

  function queue(topic: Topic, reader: Reader, chain: Chain, envelope: Envelope<never>): void {
    reader.group?.passed()
    if (chain.queue.length >= (topic.isState ? 1 : queueLimit) && !topic.isDurable) {
      chain.queue.shift()
      if (!topic.isState) topic.droppedCount += 1
    } else {
      queuedCount += 1
      topic.queuedCount += 1
    }
    chain.queue.push(envelope)
  }

  function onResult(route: Route, reader: Reader, result: unknown): void {
    if (!isThenable(result)) return
    route.chains ??= new Map()
    route.watches = null
    let chain = route.chains.get(reader)
    if (chain === undefined) {
      chain = new Chain()
      route.chains.set(reader, chain)
    }
    chain.isBusy = true
    inFlightCount += 1
    const own = chain
    result.then(
      () => finish(route, reader, own),
      (error: unknown) => {
        onFault(route, reader, error)
        finish(route, reader, own)
      },
    )
  }

  function finish(route: Route, reader: Reader, chain: Chain): void {
    inFlightCount -= 1
    chain.isBusy = false
    turn(() => work(route, reader, chain))
  }

  /** Hands over what waited until the reader is busy again. A group that is away keeps its queue. */
  function work(route: Route, reader: Reader, chain: Chain): void {
    while (!chain.isBusy && !reader.isClosed) {
      const next = chain.queue.shift()
      if (next === undefined) break
      queuedCount -= 1
      route.topic.queuedCount -= 1
      call(route, reader, next)
    }
    if (chain.isBusy || chain.queue.length > 0) return
    route.chains?.delete(reader)
    if (route.chains?.size === 0) route.chains = null
  }

  function discardQueues(topic: Topic, reader: Reader): void {
    if (topic.queuedCount === 0) return
    for (const route of topic.routes.values()) {
      const chain = route.chains?.get(reader)
      if (chain === undefined) continue
      queuedCount -= chain.queue.length
      topic.queuedCount -= chain.queue.length
      chain.queue.clear()
    }
  }

  const delivery: Delivery = {
    taps: [],
    send,
    show,
    offer,
    work,
    discardQueues,
    turn,
    fault,
    settled() {
      if (phase === idle && inFlightCount === 0) return undefined
      if (phase !== idle) phase = busyWithMore
      return new Promise<void>((resolve) => {
        waiters.push(resolve)
      })
    },
    counts: () => ({ handlerFaultCount, deadLetterCount, queuedCount }),
    get isClosed() {
      return isClosed
    },
    close() {
      isClosed = true
      delivery.taps = []
    },
  }
  return delivery
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
