import type { Channel } from '../flow/channel.js'
import { BarfinexError } from '../runtime/error.js'
import { createLog, type Log } from '../runtime/log.js'
import type { Bus, Handler, SubscribeOptions, Unsubscribe, Watcher, WatchOptions } from './bus.js'
import { canGenerateCode } from './call-list.js'
import { createDelivery, refuseClosed } from './delivery.js'
import type { Envelope } from './envelope.js'
import { createPublisher } from './memory-publisher.js'
import { type Member, ReaderGroup } from './reader-group.js'
import { createResponders } from './responders.js'
import { RetainedLog } from './retained-log.js'
import { Reader, Topic } from './route.js'

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
  const isDebug = options.debug ?? false
  const topics = new Map<string, Topic>()
  const responders = createResponders(isDebug)
  const delivery = createDelivery({
    queueLimit: options.queueLimit ?? 10_000,
    isDebug,
    isCompiling: (options.generateCode ?? true) && canGenerateCode(),
    onHandlerFault: options.onHandlerFault ?? reportTo(options.log ?? createLog()),
  })

  function topicOf(channel: Channel<never>): Topic {
    let topic = topics.get(channel.name)
    if (topic === undefined) {
      topic = new Topic(channel)
      if (channel.class === 'command' || channel.class === 'fact') topic.log = new RetainedLog(retainedCount)
      topics.set(channel.name, topic)
    }
    return topic
  }

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
    delivery.turn(() => {
      for (const envelope of first) {
        if (!reader.isClosed && reader.wants(envelope.key))
          delivery.offer(topic.routeOf(envelope.key), reader, envelope)
      }
      if (!reader.isClosed) topic.add(reader)
    })
    return () => {
      if (reader.isClosed) return
      reader.isClosed = true
      topic.remove(reader)
      delivery.discardQueues(topic, reader)
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
      delivery.fault(
        new BarfinexError('bus.overflow', `${text} Restore from the journal or raise retainedCount.`),
        topic.channel.name,
      )
    }
    const missed = log.from(group.position)
    let position = log.end - missed.length
    reader.isClosed = false
    delivery.turn(() => {
      for (const route of topic.routes.values()) {
        const chain = route.chains?.get(reader)
        if (chain !== undefined && !chain.isBusy) delivery.work(route, reader, chain)
      }
      for (const envelope of missed) {
        if (reader.isClosed) break
        delivery.offer(topic.routeOf(envelope.key), reader, envelope)
        position += 1
        group.position = position
      }
      if (!reader.isClosed) topic.add(reader)
    })
  }

  const bus: Bus = {
    kind: 'memory',
    publisher: (channel, source, epoch = 0) =>
      createPublisher(channel, source, epoch, topicOf(channel as unknown as Channel<never>), delivery),
    subscribe<Payload>(channel: Channel<Payload>, handler: Handler<Payload>, subscribeOptions: SubscribeOptions = {}) {
      if (delivery.isClosed) refuseClosed()
      return subscribe(topicOf(channel as unknown as Channel<never>), handler as Handler<never>, subscribeOptions)
    },
    watch<Payload>(channel: Channel<Payload>, watcher: Watcher<Payload>, watchOptions: WatchOptions = {}) {
      if (delivery.isClosed) refuseClosed()
      return watch(topicOf(channel as unknown as Channel<never>), watcher as Watcher<never>, watchOptions)
    },
    tap(handler) {
      if (delivery.isClosed) refuseClosed()
      delivery.taps = [...delivery.taps, handler]
      return () => {
        delivery.taps = delivery.taps.filter((it) => it !== handler)
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
    settled: () => delivery.settled(),
    health() {
      const droppedCount: Record<string, number> = {}
      for (const [name, topic] of topics) if (topic.droppedCount > 0) droppedCount[name] = topic.droppedCount
      return { connected: !delivery.isClosed, droppedCount, memoryLossCount: 0, ...delivery.counts() }
    },
    async close() {
      await bus.settled()
      delivery.close()
      for (const topic of topics.values()) topic.changed()
      responders.close()
      topics.clear()
    },
  }
  return bus
}

/** One line at the first fault of a channel and at each doubling: a handler that always throws must not flood the log. */
export function reportTo(log: Log): (error: unknown, channel: string) => void {
  const counts = new Map<string, number>()
  return (error, channel) => {
    const count = (counts.get(channel) ?? 0) + 1
    counts.set(channel, count)
    if ((count & (count - 1)) !== 0) return
    log.error('a handler failed', { channel, count, error, stack: error instanceof Error ? error.stack : undefined })
  }
}
