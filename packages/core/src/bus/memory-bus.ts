import type { Channel } from '../flow/channel.js'
import { BarfinexError } from '../runtime/error.js'
import type { Bus, Handler, Publisher, PublishOptions, SubscribeOptions, Unsubscribe } from './bus.js'
import { type Envelope, LazyEnvelope } from './envelope.js'
import type { Query } from './query.js'

export interface MemoryBusOptions {
  /** Told of every handler that threw or rejected. */
  readonly onHandlerFault?: (error: unknown, channel: string) => void
  /** Messages of a durable channel kept for groups that come back. */
  readonly retainedCount?: number
  /** Messages that may wait for one slow reader: live data then drops its oldest, durable data refuses the writer. */
  readonly queueLimit?: number
}

interface Reader {
  readonly deliver: (envelope: Envelope<never>) => void
}

interface Topic {
  readonly channel: Channel<never>
  /** Readers of every key and of single keys, merged per key on first use and after each change. */
  readonly all: Set<Reader>
  readonly byKey: Map<string, Set<Reader>>
  readonly merged: Map<string, readonly Reader[]>
  readonly state: Map<string, Envelope<never>>
  readonly retained: Envelope<never>[]
  retainedFrom: number
  readonly groups: Map<string, { position: number; readonly seen: Set<string> }>
}

/**
 * The bus of one process. Delivery is synchronous and its order total: a message published while another is being delivered
 * waits until every reader has had the first one.
 *
 * @example
 * const bus = createMemoryBus()
 * bus.subscribe(flow.quote, (envelope) => console.log(envelope.payload.bid))
 */
export function createMemoryBus(options: MemoryBusOptions = {}): Bus {
  const retainedCount = options.retainedCount ?? 10_000
  const queueLimit = options.queueLimit ?? 10_000
  const topics = new Map<string, Topic>()
  const taps: ((envelope: Envelope, channel: Channel<never>) => void)[] = []
  const responders = new Map<string, (request: never) => unknown>()
  const pending: (() => void)[] = []
  const dropped: Record<string, number> = {}
  let draining = false
  let faults = 0
  let queued = 0
  let inFlight = 0
  let waiters: (() => void)[] = []
  let closed = false

  function topicOf(channel: Channel<never>): Topic {
    let topic = topics.get(channel.name)
    if (topic === undefined) {
      topic = {
        channel,
        all: new Set(),
        byKey: new Map(),
        merged: new Map(),
        state: new Map(),
        retained: [],
        retainedFrom: 0,
        groups: new Map(),
      }
      topics.set(channel.name, topic)
    }
    return topic
  }

  function fault(error: unknown, channel: string): void {
    faults += 1
    options.onHandlerFault?.(error, channel)
  }

  function readersOf(topic: Topic, key: string): readonly Reader[] {
    let readers = topic.merged.get(key)
    if (readers === undefined) {
      readers = [...topic.all, ...(topic.byKey.get(key) ?? [])]
      topic.merged.set(key, readers)
    }
    return readers
  }

  function deliver(topic: Topic, envelope: Envelope<never>): void {
    const { channel } = topic
    if (channel.journalled) for (const tap of taps) tap(envelope, channel)
    if (channel.class === 'state') topic.state.set(envelope.key, envelope)
    else if (channel.class === 'command' || channel.class === 'fact') {
      topic.retained.push(envelope)
      if (topic.retained.length > retainedCount * 2) {
        topic.retained.splice(0, retainedCount)
        topic.retainedFrom += retainedCount
      }
    }
    for (const reader of readersOf(topic, envelope.key)) reader.deliver(envelope)
  }

  function drain(): void {
    draining = true
    try {
      for (let index = 0; index < pending.length; index += 1) (pending[index] as () => void)()
    } finally {
      pending.length = 0
      draining = false
    }
  }

  function makeReader<Payload>(topic: Topic, handler: Handler<Payload>, group: string | undefined): Reader {
    const { channel } = topic
    const chains = new Map<string, { busy: boolean; readonly queue: Envelope<never>[] }>()
    const isLive = channel.class === 'live' || channel.class === 'heartbeat'

    function finish(key: string): void {
      const chain = chains.get(key)
      if (chain === undefined) return
      inFlight -= 1
      chain.busy = false
      while (!chain.busy && chain.queue.length > 0) {
        queued -= 1
        call(chain.queue.shift() as Envelope<never>)
      }
      if (!chain.busy) chains.delete(key)
      if (inFlight === 0) {
        const done = waiters
        waiters = []
        for (const resolve of done) resolve()
      }
    }

    function call(envelope: Envelope<never>): void {
      let result: void | Promise<void>
      try {
        result = handler(envelope as Envelope<Payload>)
      } catch (error) {
        fault(error, channel.name)
        return
      }
      if (result === undefined) return
      const chain = chains.get(envelope.key) ?? { busy: true, queue: [] }
      chain.busy = true
      chains.set(envelope.key, chain)
      inFlight += 1
      const { key } = envelope
      result.then(
        () => finish(key),
        (error: unknown) => {
          fault(error, channel.name)
          finish(key)
        },
      )
    }

    return {
      deliver(envelope) {
        if (group !== undefined && !firstTime(topic, group, envelope)) return
        const chain = chains.size === 0 ? undefined : chains.get(envelope.key)
        if (chain === undefined || !chain.busy) {
          call(envelope)
          return
        }
        if (chain.queue.length >= queueLimit) {
          if (!isLive) {
            throw new BarfinexError(
              'bus.overflow',
              `A reader of ${channel.name} has ${queueLimit} messages waiting. Make its handler faster or raise queueLimit.`,
              { retryable: true },
            )
          }
          chain.queue.shift()
          queued -= 1
          dropped[channel.name] = (dropped[channel.name] ?? 0) + 1
        }
        chain.queue.push(envelope)
        queued += 1
      },
    }
  }

  function firstTime(topic: Topic, groupName: string, envelope: Envelope<never>): boolean {
    const group = topic.groups.get(groupName)
    if (group === undefined) return true
    const { id } = envelope
    group.position = topic.retainedFrom + topic.retained.length
    if (group.seen.has(id)) return false
    group.seen.add(id)
    if (group.seen.size > retainedCount * 2) {
      const oldest = group.seen.values().next().value
      if (oldest !== undefined) group.seen.delete(oldest)
    }
    return true
  }

  const bus: Bus = {
    kind: 'memory',
    publisher<Payload>(channel: Channel<Payload>, source: string, epoch = 0): Publisher<Payload> {
      const topic = topicOf(channel as unknown as Channel<never>)
      const sequences = new Map<string, number>()
      return {
        publish(payload, publishOptions: PublishOptions) {
          if (closed)
            throw new BarfinexError('bus.closed', 'The bus is closed. Start the desk again before publishing.')
          const key = channel.keyOf(payload)
          const seq = sequences.get(key) ?? 0
          sequences.set(key, seq + 1)
          const envelope = new LazyEnvelope(
            channel,
            source,
            key,
            seq,
            epoch,
            publishOptions.occurredAt,
            publishOptions.receivedAt,
            publishOptions.cause ?? null,
            payload,
          )
          if (draining) pending.push(() => deliver(topic, envelope as unknown as Envelope<never>))
          else {
            draining = true
            try {
              deliver(topic, envelope as unknown as Envelope<never>)
            } finally {
              draining = false
            }
            if (pending.length > 0) drain()
          }
          return envelope
        },
      }
    },
    subscribe<Payload>(
      channel: Channel<Payload>,
      handler: Handler<Payload>,
      subscribeOptions: SubscribeOptions = {},
    ): Unsubscribe {
      const topic = topicOf(channel as unknown as Channel<never>)
      const { keys, group } = subscribeOptions
      const reader = makeReader(topic, handler, group)
      const wanted = keys === undefined ? null : new Set(keys)
      const wants = (envelope: Envelope<never>) => wanted === null || wanted.has(envelope.key)
      if (channel.class === 'state') {
        for (const envelope of topic.state.values()) if (wants(envelope)) reader.deliver(envelope)
      } else if (group !== undefined) {
        const known = topic.groups.get(group)
        const position = known?.position ?? (subscribeOptions.from === 'earliest' ? 0 : Number.POSITIVE_INFINITY)
        if (known === undefined) {
          topic.groups.set(group, { position: topic.retainedFrom + topic.retained.length, seen: new Set() })
        }
        const missed = topic.retained.slice(
          Math.max(0, Math.min(position, Number.MAX_SAFE_INTEGER) - topic.retainedFrom),
        )
        for (const envelope of missed) if (wants(envelope)) reader.deliver(envelope)
      } else if (subscribeOptions.from === 'earliest') {
        for (const envelope of [...topic.retained]) if (wants(envelope)) reader.deliver(envelope)
      }
      if (wanted === null) topic.all.add(reader)
      else {
        for (const key of wanted) {
          const set = topic.byKey.get(key) ?? new Set()
          set.add(reader)
          topic.byKey.set(key, set)
        }
      }
      topic.merged.clear()
      return () => {
        topic.all.delete(reader)
        for (const set of topic.byKey.values()) set.delete(reader)
        topic.merged.clear()
      }
    },
    tap(handler) {
      taps.push(handler)
      return () => {
        const index = taps.indexOf(handler)
        if (index >= 0) taps.splice(index, 1)
      }
    },
    last<Payload>(channel: Channel<Payload>, key: string) {
      return topicOf(channel as unknown as Channel<never>).state.get(key) as Envelope<Payload> | undefined
    },
    lastAll<Payload>(channel: Channel<Payload>) {
      return [
        ...topicOf(channel as unknown as Channel<never>).state.values(),
      ] as unknown as readonly Envelope<Payload>[]
    },
    respond<Request, Reply>(query: Query<Request, Reply>, handler: (request: Request) => Reply | Promise<Reply>) {
      responders.set(query.name, handler as (request: never) => unknown)
      return () => {
        if (responders.get(query.name) === handler) responders.delete(query.name)
      }
    },
    async ask<Request, Reply>(query: Query<Request, Reply>, request: Request): Promise<Reply> {
      const responder = responders.get(query.name)
      if (responder === undefined) {
        throw new BarfinexError('bus.no-responder', `Nobody answers ${query.name}. Start the service that does.`, {
          retryable: true,
        })
      }
      try {
        return (await responder(request as never)) as Reply
      } catch (cause) {
        if (BarfinexError.is(cause)) throw cause
        throw new BarfinexError('bus.reply-failed', `The answer to ${query.name} failed.`, { cause })
      }
    },
    flush: () => undefined,
    settled() {
      if (inFlight === 0) return undefined
      return new Promise<void>((resolve) => {
        waiters.push(resolve)
      })
    },
    health: () => ({
      connected: !closed,
      droppedCount: { ...dropped },
      handlerFaultCount: faults,
      deadLetterCount: 0,
      queuedCount: queued,
    }),
    async close() {
      await bus.settled()
      closed = true
    },
  }
  return bus
}
