import type { Bus, Handler, Publisher, SubscribeOptions, Unsubscribe, Watcher, WatchOptions } from '../bus/bus.js'
import { refuseClosed } from '../bus/delivery.js'
import type { Envelope } from '../bus/envelope.js'
import { reportTo } from '../bus/memory-bus.js'
import type { Query } from '../bus/query.js'
import { createResponders } from '../bus/responders.js'
import type { Channel } from '../flow/channel.js'
import { channels } from '../flow/map.js'
import { entropy } from '../runtime/entropy.js'
import { BarfinexError } from '../runtime/error.js'
import { createLog } from '../runtime/log.js'
import { createWallTimer } from '../runtime/wall-timer.js'
import { addressesOf } from './address.js'
import { alarmTo } from './alarm.js'
import { type ChannelWires, deliver, type WiringOptions, wire, wireGroup } from './channel-wires.js'
import { isAway } from './connection.js'
import { createKernel } from './kernel.js'
import { keysOf } from './keys.js'
import { Link } from './link.js'
import { parseRedisBusOptions, type RedisBusOptions } from './options.js'
import { Outbox } from './outbox.js'
import type { Outgoing } from './outgoing.js'
import { PlainReader, refuseSlowReader } from './plain-reader.js'
import { healthOf } from './redis-health.js'
import { createRedisPublisher } from './redis-publisher.js'
import { parsedAs, RedisQueries } from './redis-queries.js'
import { ServerMemory } from './server-memory.js'
import { Settling } from './settling.js'
import type { RedisTopic } from './topic.js'

/**
 * The bus of several processes, on one Redis server (7 or newer). What is durable (commands, facts, settled data) is in a stream
 * before it is handled, takes effect once per group, and is caught up with after every break; live data is pushed and its gaps
 * are counted; the last values of state are at hand from the start. While the server is away what is durable waits here, up
 * to a limit, and then the writer is refused; nothing waits for ever.
 *
 * Rejects with `bus.unavailable` when the server cannot be reached.
 *
 * @example
 * const bus = await createRedisBus({ url: 'redis://127.0.0.1:6379', member: 'detector@main' })
 */
export async function createRedisBus(options: RedisBusOptions): Promise<Bus> {
  const { settings, parts } = parseRedisBusOptions(options)
  const { url, member, commandTimeoutMs, patienceMs, queueLimit, outgoingLimit, leaseMs } = settings
  const isLocal = settings.delivery === 'local'
  const log = parts.log ?? createLog()
  const timer = parts.timer ?? createWallTimer()
  const onAlarm = alarmTo(log, parts.onAlarm)
  const instance = Buffer.from(entropy(8)).toString('hex')
  const keys = keysOf(settings.namespace)
  const kernel = createKernel(parts.onHandlerFault ?? reportTo(log))
  const wires = new Map<string, ChannelWires>()
  const byTopic = new Map<string, (push: Buffer) => void>()
  const asked = new Map<string, Query<unknown, unknown>>()
  const responders = createResponders(false)
  let taps: readonly ((envelope: Envelope, channel: Channel<never>) => void)[] = []
  let saidCount = 0
  let isClosed = false
  let closing: Promise<void> | null = null

  const link = new Link(
    { url, member, instance, keys, commandTimeoutMs, log, timer },
    {
      async onOutReady() {
        await memory.check()
        outbox.connected()
      },
      onOutLost: () => outbox.disconnected(),
      onInReady: () => everythingMayHaveChanged(),
      onInLost() {
        for (const { state } of wires.values()) state?.stale()
      },
      onWorkReady: () => tick(),
      onPush: (topic, push) => byTopic.get(topic)?.(push),
      onOtherMemory: () => memory.lost(null),
    },
  )
  const outbox = new Outbox({
    redis: link.out,
    keys,
    instance,
    outgoingLimit,
    timer,
    onDrop({ channel }) {
      wiresOf(channel).topic.droppedCount += 1
    },
    onPlaced: (channel, streamId, count) => memory.placed(channel, streamId, count),
    onRefused({ channel }, error) {
      const message = `Redis does not let "${member}" write ${channel.name}: ${error.message.slice(0, 200)}`
      onAlarm({ kind: 'refused', channel: channel.name, message })
    },
    beforeSend: parts.beforeSend ?? (() => undefined),
    onUnprepared(error) {
      log.error('nothing is sent: what has to be done before has failed', { error })
      // The next connection tries again.
      timer.after(100, () => link.renew(link.out))
    },
    onLate: () => link.renew(link.out),
  })
  const memory = new ServerMemory({
    out: link.out,
    work: link.work,
    keys,
    kernel,
    onAlarm,
    retainedCount: settings.retainedCount,
    say: (message) => outbox.add(message),
  })
  const queries = new RedisQueries(
    { redis: link.work, keys, instance, timer, subscribe: (topic) => link.subscribe(topic) },
    (name, request) => {
      const query = asked.get(name)
      if (query === undefined) return undefined
      const parsed = () => parsedAs(query.request, request, `The question ${name}`)
      return { schema: query.reply, running: Promise.resolve().then(() => responders.ask(query, parsed())) }
    },
  )
  byTopic.set(queries.answersTopic, (text) => queries.onAnswer(text))

  const wiring: WiringOptions = {
    settings,
    keys,
    instance,
    kernel,
    timer,
    onAlarm,
    link: () => link,
    outbox: () => outbox,
    tap,
    onMemoryLost: (channel) => memory.lost(channel),
  }
  const settling = new Settling({
    link,
    outbox,
    kernel,
    timer,
    patienceMs,
    isLocal,
    wires: () => wires.values(),
    saidCount: () => saidCount,
  })

  /** After a break of the way in: what was pushed meanwhile is read from the server. */
  function everythingMayHaveChanged(): void {
    for (const { state, stream, groups } of wires.values()) {
      state?.stale()
      stream?.catchUp()
      for (const group of groups.values()) group.reconnected()
    }
    mend()
  }

  /** Tries again what the server did not answer. */
  function mend(): void {
    for (const { state, stream } of wires.values()) {
      stream?.mend()
      if (state?.needsLoad) settling.join(state.load())
    }
  }

  function tick(): void {
    for (const { groups } of wires.values()) for (const group of groups.values()) group.tick()
    mend()
  }

  const cancelTicks = timer.every(Math.max(1, Math.floor(leaseMs / 3)), tick)

  // Messages

  function wiresOf(channel: Channel<never>): ChannelWires {
    const known = wires.get(channel.name)
    if (known !== undefined) return known
    const found = wire(channel, wiring)
    wires.set(channel.name, found)
    for (const address of addressesOf(channel)) byTopic.set(keys.topic(address), (it) => found.push(it, address))
    return found
  }

  function tap(envelope: Envelope<never>, channel: Channel<never>): void {
    for (const handler of taps) {
      try {
        handler(envelope as Envelope, channel)
      } catch (error) {
        kernel.fault(error, channel.name)
      }
    }
  }

  function admit({ topic }: ChannelWires, key: string): void {
    if (isClosed) refuseClosed()
    if (!topic.isDurable) return
    outbox.refuseWhenFull(topic.channel.name)
    if (isLocal) refuseSlowReader(topic, key, queueLimit)
  }

  function say({ topic }: ChannelWires, envelope: Envelope<never>): void {
    saidCount += 1
    const message: Outgoing = { channel: topic.channel, number: saidCount, envelope }
    if (topic.isState) memory.keep(message)
    if (!isLocal) show(topic, envelope)
    outbox.add(message)
    if (!isLocal) return
    kernel.post(() => {
      show(topic, envelope)
      deliver(topic, envelope, null)
    })
  }

  function show(topic: RedisTopic, envelope: Envelope<never>): void {
    if (!topic.channel.journalled) return
    topic.isFirstSight(envelope.id)
    tap(envelope, topic.channel)
  }

  // Readers

  /** Makes the messages of a channel come in. What is said next is not sent before they do. */
  function attach(
    { topic, stream, state }: ChannelWires,
    by: 'reader' | 'start',
    more?: () => Promise<void> | undefined,
  ): void {
    const joining = async () => {
      await Promise.all(addressesOf(topic.channel).map((address) => link.subscribe(keys.topic(address))))
      await stream?.begin()
      await state?.load()
      await more?.()
    }
    const joined = joining().catch((error: unknown) => {
      stream?.stale()
      if (isAway(error) || by === 'start') return
      const { name } = topic.channel
      const message = `Redis does not let "${member}" read ${name}. Give its user the channel in the access list.`
      onAlarm({ kind: 'refused', channel: name, message })
    })
    outbox.holdFor(joined)
    // Who hands over by itself need not wait for a reader of what comes next.
    if (!isLocal || by === 'start' || more !== undefined) settling.join(joined)
  }

  function admitReader(own: ChannelWires, reader: PlainReader, from: SubscribeOptions['from']): Unsubscribe {
    const { topic, stream } = own
    if (stream !== null && from === 'earliest') reader.place = { before: '0-0', index: 0 }
    kernel.turn(() => {
      if (topic.isState) for (const envelope of [...topic.state.values()]) reader.offer(envelope, null)
      if (!reader.isClosed) topic.add(reader)
    })
    attach(own, 'reader', reader.place === null ? undefined : async () => stream?.feed(reader))
    return () => {
      if (reader.isClosed) return
      reader.close()
      topic.remove(reader)
    }
  }

  function plainReader(
    own: ChannelWires,
    take: (it: Envelope<never>) => unknown,
    keysWanted?: readonly string[],
  ): PlainReader {
    return new PlainReader({
      topic: own.topic,
      kernel,
      queueLimit,
      keys: keysWanted === undefined ? null : new Set(keysWanted),
      take,
      onHungry: (reader) => own.stream?.feed(reader),
    })
  }

  function joinGroup(own: ChannelWires, name: string, handler: Handler<never>, wanted: SubscribeOptions): Unsubscribe {
    const { channel } = own.topic
    if (own.stream === null) {
      const hint = 'Leave the group out: only commands, facts and settled data have readers that come back.'
      throw new BarfinexError('options.invalid', `${channel.name} is ${channel.class} data. ${hint}`)
    }
    let group = own.groups.get(name)
    if (group === undefined) {
      group = wireGroup(own, name, wanted.from ?? 'now', wiring)
      own.groups.set(name, group)
    }
    const reader = group
    const member = { handler, keys: wanted.keys === undefined ? null : new Set(wanted.keys) }
    if (isLocal && reader.isAway) own.topic.add(reader)
    // A member at once, also while the server is away; what came before its topic was subscribed is looked for afterwards.
    reader.join(member)
    attach(own, 'reader', () => {
      reader.look()
      return reader.idle()
    })
    return () => {
      reader.leave(member)
      if (reader.isAway) own.topic.remove(reader)
    }
  }

  const bus: Bus = {
    kind: 'redis',
    publisher<Payload>(channel: Channel<Payload>, source: string, epoch = 0): Publisher<Payload> {
      const own = wiresOf(channel as unknown as Channel<never>)
      return createRedisPublisher(channel, source, epoch, {
        admit: (key) => admit(own, key),
        say: (envelope) => say(own, envelope),
        isSeenHere: isLocal || channel.journalled || !(channel.class === 'live' || channel.class === 'settled'),
      })
    },
    subscribe<Payload>(channel: Channel<Payload>, handler: Handler<Payload>, wanted: SubscribeOptions = {}) {
      if (isClosed) refuseClosed()
      const own = wiresOf(channel as unknown as Channel<never>)
      if (wanted.group !== undefined) return joinGroup(own, wanted.group, handler as Handler<never>, wanted)
      return admitReader(own, plainReader(own, handler as Handler<never>, wanted.keys), wanted.from)
    },
    watch<Payload>(channel: Channel<Payload>, watcher: Watcher<Payload>, wanted: WatchOptions = {}) {
      if (isClosed) refuseClosed()
      const own = wiresOf(channel as unknown as Channel<never>)
      const watch = watcher as Watcher<never>
      return admitReader(
        own,
        plainReader(own, (it) => watch(it.payload, it.occurredAt), wanted.keys),
        'now',
      )
    },
    tap(handler) {
      if (isClosed) refuseClosed()
      taps = [...taps, handler]
      return () => {
        taps = taps.filter((it) => it !== handler)
      }
    },
    last<Payload>(channel: Channel<Payload>, key: string) {
      return wires.get(channel.name)?.topic.state.get(key) as Envelope<Payload> | undefined
    },
    lastAll<Payload>(channel: Channel<Payload>) {
      return [...(wires.get(channel.name)?.topic.state.values() ?? [])] as unknown as readonly Envelope<Payload>[]
    },
    respond<Request, Reply>(query: Query<Request, Reply>, handler: (request: Request) => Reply | Promise<Reply>) {
      const end = responders.respond(query, handler)
      const topic = keys.query(query.name)
      asked.set(query.name, query as unknown as Query<unknown, unknown>)
      byTopic.set(topic, (text) => queries.onQuestion(query.name, text))
      settling.join(link.subscribe(topic))
      return () => {
        end()
        if (asked.get(query.name) !== (query as unknown)) return
        asked.delete(query.name)
        byTopic.delete(topic)
        settling.join(link.unsubscribe(topic))
      }
    },
    async ask<Request, Reply>(
      query: Query<Request, Reply>,
      request: Request,
      { timeoutMs = patienceMs, abortSignal }: { readonly timeoutMs?: number; readonly abortSignal?: AbortSignal } = {},
    ): Promise<Reply> {
      const isHere = isClosed || asked.has(query.name)
      if (isHere) return responders.ask(query, request, abortSignal === undefined ? {} : { abortSignal })
      return queries.ask(query, request, { timeoutMs, abortSignal })
    },
    flush: () => (outbox.isQuiet ? undefined : outbox.flush(patienceMs)),
    settled: () => settling.settled(),
    health() {
      return healthOf(!isClosed && link.isConnected, wires, kernel)
    },
    close() {
      closing ??= close()
      return closing
    },
  }

  async function close(): Promise<void> {
    try {
      await settling.settledOrLate()
      await bus.flush()
    } catch (error) {
      log.warn('the bus was closed before everything had been handed on', { error })
    }
    isClosed = true
    taps = []
    cancelTicks()
    responders.close()
    queries.close()
    for (const { groups } of wires.values()) for (const group of groups.values()) await group.close()
    for (const { topic } of wires.values()) for (const reader of topic.readers) reader.close()
    outbox.close()
    link.disconnect()
  }

  try {
    await link.open()
    for (const channel of channels) {
      if (channel.class === 'state') attach(wiresOf(channel as unknown as Channel<never>), 'start')
    }
    await settling.joined()
  } catch (error) {
    cancelTicks()
    link.disconnect()
    throw error
  }
  return bus
}
