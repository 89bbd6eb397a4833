import type { Channel } from '../flow/channel.js'
import { BarfinexError } from '../runtime/error.js'
import { createLog, type Log } from '../runtime/log.js'
import type { Bus, Handler, Publisher, SubscribeOptions, Unsubscribe, Watcher, WatchOptions } from './bus.js'
import { canGenerateCode, compileCallList, compileWatchList } from './call-list.js'
import { checkedPayload } from './checked.js'
import type { Cause, Envelope } from './envelope.js'
import { Fifo } from './fifo.js'
import { keptCause, Lane, LazyEnvelope } from './lane.js'
import { type Member, ReaderGroup } from './reader-group.js'
import { createResponders } from './responders.js'
import { RetainedLog } from './retained-log.js'
import { Chain, Reader, type Route, rememberedKeys, Topic } from './route.js'

export interface MemoryBusOptions {
  /** Told of every handler that threw or rejected. The default writes to {@link MemoryBusOptions.log}, each doubling of a channel's count once. */
  readonly onHandlerFault?: (error: unknown, channel: string) => void
  /** Where faults go by default; standard error when absent. */
  readonly log?: Log
  /** Commands and facts of a channel kept for groups that come back and for readers from `earliest`; 4096 when absent. */
  readonly retainedCount?: number
  /**
   * Messages of one key that may wait for one slow reader; 10,000 when absent. Then live data and heartbeats lose their oldest,
   * counted; commands, facts and settled data refuse the writer with `bus.overflow`. State never waits: its last value does.
   */
  readonly queueLimit?: number
  /** Checks every payload, request and reply against its schema and freezes it. For development and tests; off when absent. */
  readonly debug?: boolean
  /** Writes hot call lists out as functions where the engine allows it; on when absent. */
  readonly generateCode?: boolean
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

type Sent = LazyEnvelope<never>

/**
 * The bus of one process. Delivery is synchronous and its order total: a message published while another is being delivered
 * waits until every reader has had the first one. Readers are called in the order in which they subscribed.
 *
 * A subscription made by a handler begins with the next message; one that is ended gets nothing more, not even the message
 * that is being delivered. A handler that throws is reported and counted and stops nobody else. A `tap` that throws likewise.
 * Queries have no wall timeout here: `timeoutMs` is for a network, in one process the answer is a call.
 *
 * @example
 * const bus = createMemoryBus()
 * bus.subscribe(flow.quote, (envelope) => console.log(envelope.payload.bid))
 */
export function createMemoryBus(options: MemoryBusOptions = {}): Bus {
  const retainedCount = options.retainedCount ?? 4_096
  const queueLimit = options.queueLimit ?? 10_000
  const isDebug = options.debug ?? false
  const isCompiling = (options.generateCode ?? true) && canGenerateCode()
  const onHandlerFault = options.onHandlerFault ?? reportTo(options.log ?? createLog())
  const topics = new Map<string, Topic>()
  const pending = new Fifo<Sent>()
  const responders = createResponders(isDebug)
  let taps: readonly ((envelope: Envelope, channel: Channel<never>) => void)[] = []
  let waiters: (() => void)[] = []
  // One variable for three questions: it is asked several times per message.
  let phase = idle
  let isClosed = false
  let faultCount = 0
  let deadLetterCount = 0
  let queuedCount = 0
  let inFlightCount = 0

  function topicOf(channel: Channel<never>): Topic {
    let topic = topics.get(channel.name)
    if (topic === undefined) {
      topic = new Topic(channel)
      if (channel.class === 'command' || channel.class === 'fact') topic.log = new RetainedLog(retainedCount)
      topics.set(channel.name, topic)
    }
    return topic
  }

  function refuseClosed(): void {
    if (isClosed) throw new BarfinexError('bus.closed', 'The bus is closed. Start the desk again before using it.')
  }

  function fault(error: unknown, channel: string): void {
    faultCount += 1
    try {
      onHandlerFault(error, channel)
    } catch {
      // Who reports faults must not become one: the count above still tells.
    }
  }

  // Writing

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

  // Delivering

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
      for (const tap of taps) {
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

  // Reading

  function subscribe(topic: Topic, handler: Handler<never>, { keys, group, from }: SubscribeOptions): Unsubscribe {
    const wanted = keys === undefined ? null : new Set(keys)
    if (group !== undefined) return joinGroup(topic, group, { handler, keys: wanted }, from)
    return admit(topic, new Reader(handler, wanted, null), from)
  }

  function watch(topic: Topic, watcher: Watcher<never>, { keys }: WatchOptions): Unsubscribe {
    const take: Handler<never> = (envelope) => watcher(envelope.payload, envelope.occurredAt)
    return admit(topic, new Reader(take, keys === undefined ? null : new Set(keys), null, watcher), 'now')
  }

  function admit(topic: Topic, reader: Reader, from: SubscribeOptions['from']): Unsubscribe {
    // A handler may end its own subscription while it gets what was there before it came.
    const first = topic.isState ? [...topic.state.values()] : from === 'earliest' ? (topic.log?.from(0) ?? []) : []
    turn(() => {
      for (const envelope of first) {
        if (!reader.isClosed && reader.wants(envelope.key)) offer(topic.routeOf(envelope.key), reader, envelope)
      }
      if (!reader.isClosed) topic.add(reader)
    })
    return () => {
      if (reader.isClosed) return
      reader.isClosed = true
      topic.remove(reader)
      discardQueues(topic, reader)
    }
  }

  function joinGroup(topic: Topic, name: string, member: Member, from: 'now' | 'earliest' | undefined): Unsubscribe {
    const { channel } = topic
    if (!topic.isDurable) {
      const hint = 'Leave the group out: only commands, facts and settled data have readers that come back.'
      throw new BarfinexError('options.invalid', `${channel.name} is ${channel.class} data. ${hint}`)
    }
    // Settled data is many: it is kept from the first group on that could want it back.
    topic.log ??= new RetainedLog(retainedCount)
    const { log } = topic
    let group = topic.groups.get(name)
    if (group === undefined) {
      group = new ReaderGroup(name, log, retainedCount * 2, channel.idOf !== null)
      if (from === 'earliest') group.position = log.start
      topic.groups.set(name, group)
    }
    const own = group
    const wasAway = own.isAway
    own.join(member)
    if (wasAway) comeBack(topic, own, log)
    let isMember = true
    return () => {
      if (!isMember) return
      isMember = false
      own.leave(member)
      if (!own.isAway) return
      own.reader.isClosed = true
      topic.remove(own.reader)
    }
  }

  function comeBack(topic: Topic, group: ReaderGroup, log: RetainedLog<Envelope<never>>): void {
    const { reader } = group
    const lostCount = Math.max(0, log.start - group.position)
    if (lostCount > 0) {
      topic.droppedCount += lostCount
      const text = `Group "${group.name}" was away too long: ${lostCount} messages of ${topic.channel.name} are no longer held.`
      fault(
        new BarfinexError('bus.overflow', `${text} Restore from the journal or raise retainedCount.`),
        topic.channel.name,
      )
    }
    const missed = log.from(group.position)
    let position = log.end - missed.length
    reader.isClosed = false
    turn(() => {
      for (const route of topic.routes.values()) {
        const chain = route.chains?.get(reader)
        if (chain !== undefined && !chain.isBusy) work(route, reader, chain)
      }
      for (const envelope of missed) {
        if (reader.isClosed) break
        offer(topic.routeOf(envelope.key), reader, envelope)
        position += 1
        group.position = position
      }
      if (!reader.isClosed) topic.add(reader)
    })
  }

  const bus: Bus = {
    kind: 'memory',
    publisher<Payload>(channel: Channel<Payload>, source: string, epoch = 0): Publisher<Payload> {
      const topic = topicOf(channel as unknown as Channel<never>)
      const lanes = new Map<string, Lane<Payload>>()
      const { keyOf } = channel
      let floor = 0
      let last: Lane<Payload> | null = null

      function laneOf(key: string): Lane<Payload> {
        let lane = lanes.get(key)
        if (lane === undefined) {
          lane = new Lane(channel, source, epoch, key, topic.routeOf(key))
          // A key that was forgotten goes on above every number it can have had.
          lane.seq = floor
          if (lanes.size >= rememberedKeys) forgetOldest()
          lanes.set(key, lane)
        }
        last = lane
        return lane
      }

      function forgetOldest(): void {
        for (const [key, lane] of lanes) {
          floor = Math.max(floor, lane.seq)
          lanes.delete(key)
          return
        }
      }

      return {
        publish(payload, { occurredAt, receivedAt, cause }) {
          const key = keyOf(payload)
          const lane = last !== null && last.key === key ? last : laneOf(key)
          const sent = send(lane as unknown as Lane<never>, payload as never, occurredAt, receivedAt, cause)
          return sent as unknown as Envelope<Payload>
        },
        publishAt(payload, occurredAt, cause) {
          const key = keyOf(payload)
          const lane = (last !== null && last.key === key ? last : laneOf(key)) as unknown as Lane<never>
          if (!show(lane, payload as never, occurredAt)) send(lane, payload as never, occurredAt, undefined, cause)
        },
      }
    },
    subscribe<Payload>(channel: Channel<Payload>, handler: Handler<Payload>, subscribeOptions: SubscribeOptions = {}) {
      refuseClosed()
      return subscribe(topicOf(channel as unknown as Channel<never>), handler as Handler<never>, subscribeOptions)
    },
    watch<Payload>(channel: Channel<Payload>, watcher: Watcher<Payload>, watchOptions: WatchOptions = {}) {
      refuseClosed()
      return watch(topicOf(channel as unknown as Channel<never>), watcher as Watcher<never>, watchOptions)
    },
    tap(handler) {
      refuseClosed()
      taps = [...taps, handler]
      return () => {
        taps = taps.filter((it) => it !== handler)
      }
    },
    last<Payload>(channel: Channel<Payload>, key: string) {
      return topics.get(channel.name)?.state.get(key) as Envelope<Payload> | undefined
    },
    lastAll<Payload>(channel: Channel<Payload>) {
      return [...(topics.get(channel.name)?.state.values() ?? [])] as unknown as readonly Envelope<Payload>[]
    },
    respond: (query, handler) => responders.respond(query, handler),
    ask: (query, request, askOptions) => responders.ask(query, request, askOptions),
    flush: () => undefined,
    settled() {
      if (phase === idle && inFlightCount === 0) return undefined
      if (phase !== idle) phase = busyWithMore
      return new Promise<void>((resolve) => {
        waiters.push(resolve)
      })
    },
    health() {
      const droppedCount: Record<string, number> = {}
      for (const [name, topic] of topics) if (topic.droppedCount > 0) droppedCount[name] = topic.droppedCount
      return { connected: !isClosed, droppedCount, handlerFaultCount: faultCount, deadLetterCount, queuedCount }
    },
    async close() {
      await bus.settled()
      isClosed = true
      for (const topic of topics.values()) topic.changed()
      responders.close()
      taps = []
      topics.clear()
    },
  }
  return bus
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** One line at the first fault of a channel and at each doubling: a handler that always throws must not flood the log. */
function reportTo(log: Log): (error: unknown, channel: string) => void {
  const counts = new Map<string, number>()
  return (error, channel) => {
    const count = (counts.get(channel) ?? 0) + 1
    counts.set(channel, count)
    if ((count & (count - 1)) !== 0) return
    log.error('a handler failed', { channel, count, error, stack: error instanceof Error ? error.stack : undefined })
  }
}
