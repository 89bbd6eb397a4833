import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { BarfinexError } from '../runtime/error.js'
import type { WallTimer } from '../runtime/wall-timer.js'
import { addressOf } from './address.js'
import type { AlarmListener } from './alarm.js'
import { decodeFrame, type Frame } from './frame.js'
import { GroupReader } from './group-reader.js'
import { GroupStore } from './group-store.js'
import type { Kernel } from './kernel.js'
import type { Keys } from './keys.js'
import type { Link } from './link.js'
import type { RedisBusSettings } from './options.js'
import type { Outbox } from './outbox.js'
import type { PlainReader } from './plain-reader.js'
import { type Entry, parsePush } from './push.js'
import { StateFeed } from './state-feed.js'
import { StreamFeed } from './stream-feed.js'
import { type Place, RedisTopic } from './topic.js'

/** A channel with everything that moves its messages in this process. */
export interface ChannelWires {
  readonly topic: RedisTopic
  readonly stream: StreamFeed | null
  readonly state: StateFeed | null
  readonly groups: Map<string, GroupReader>
  /** Takes what came on the topic of one of the channel's addresses. */
  push(push: Buffer, address: string): void
}

export interface WiringOptions {
  readonly settings: RedisBusSettings
  readonly keys: Keys
  readonly instance: string
  readonly kernel: Kernel
  readonly timer: WallTimer
  readonly onAlarm: AlarmListener
  readonly link: () => Link
  readonly outbox: () => Outbox
  readonly tap: (envelope: Envelope<never>, channel: Channel<never>) => void
  readonly onMemoryLost: (channel: string) => void
}

/** Hands a message to every reader of its channel, in this process. */
export function deliver(topic: RedisTopic, envelope: Envelope<never>, place: Place | null): void {
  if (topic.isState) topic.state.set(envelope.key, envelope)
  for (const reader of topic.readers) reader.offer(envelope, place)
}

/** Makes the wires of one channel. */
export function wire(channel: Channel<never>, options: WiringOptions): ChannelWires {
  const { settings, keys, instance, kernel, onAlarm } = options
  const isLocal = settings.delivery === 'local'
  const topic = new RedisTopic(channel)
  const groups = new Map<string, GroupReader>()
  const redis = options.link().work
  const isOwn = (frame: Frame) => isLocal && frame.instance === instance
  let invalidCount = 0

  function sight(envelope: Envelope<never>): void {
    if (channel.journalled && topic.isFirstSight(envelope.id)) options.tap(envelope, channel)
  }

  /** What nobody can read is counted and told at each doubling: a writer that sends nothing else must not flood the log. */
  function readable(frame: Buffer): Frame | null {
    try {
      return decodeFrame(channel, frame)
    } catch (error) {
      unreadable(error)
      return null
    }
  }

  /** A frame whose messages are all the word of the one who may write at this address. */
  function heardAt(address: string, frame: Buffer): Frame | null {
    const read = readable(frame)
    if (read === null || channel.speakerOf === null) return read
    const stray = read.envelopes.find(({ payload }) => addressOf(channel, payload) !== address)
    if (stray === undefined) return read
    unreadable(`${stray.key} was said as ${address}`)
    return null
  }

  function unreadable(error: unknown): void {
    invalidCount += 1
    kernel.counts.deadLetters += 1
    if ((invalidCount & (invalidCount - 1)) !== 0) return
    const text = BarfinexError.is(error) ? error.message : String(error)
    const message = `${invalidCount} messages of ${channel.name} could not be read: ${text.slice(0, 300)}`
    onAlarm({ kind: 'dead-letter', channel: channel.name, message })
  }

  const stream = topic.isDurable
    ? new StreamFeed({
        redis,
        keys,
        topic,
        onEntry(entry, before) {
          if (topic.readers.length === 0) return
          const frame = readable(entry.frame)
          if (frame === null || isOwn(frame)) return
          kernel.post(() => {
            for (const [index, envelope] of frame.envelopes.entries()) {
              sight(envelope)
              deliver(topic, envelope, { before, index })
            }
          })
        },
        onEntryFor: (reader, entry, before) => handTo(reader, entry, before),
        whenSaid: () =>
          isLocal && options.outbox().waitingCount > 0 ? options.outbox().flush(settings.patienceMs) : undefined,
        onNews() {
          for (const group of groups.values()) group.news()
        },
        onGap() {
          kernel.counts.gaps += 1
        },
        onTrimmed: () => lost('Entries of it were removed before they were read here'),
        onForgotten: () => options.onMemoryLost(channel.name),
      })
    : null

  function handTo(reader: PlainReader, entry: Entry, before: string): boolean {
    const from = reader.place?.before === before ? reader.place.index : 0
    const frame = readable(entry.frame)
    let isTaken = true
    kernel.turn(() => {
      for (const [index, envelope] of (frame?.envelopes ?? []).entries()) {
        if (isTaken && index >= from) isTaken = reader.accept(envelope, { before, index })
      }
    })
    return isTaken
  }

  function lost(why: string): void {
    topic.droppedCount += 1
    onAlarm({ kind: 'entries-lost', channel: channel.name, message: `${channel.name}: ${why}.` })
  }

  const state = topic.isState
    ? new StateFeed({
        redis,
        keys,
        topic,
        decode: heardAt,
        isOwn,
        onValue: (envelope) =>
          kernel.post(() => {
            sight(envelope)
            deliver(topic, envelope, null)
          }),
      })
    : null

  function live(text: Buffer, address: string): void {
    if (topic.readers.length === 0) return
    const frame = heardAt(address, text)
    if (frame === null || isOwn(frame)) return
    kernel.post(() => {
      for (const envelope of frame.envelopes) {
        if (frame.instance !== instance) topic.droppedCount += topic.missingBefore(frame.instance, envelope)
        deliver(topic, envelope, null)
      }
    })
  }

  return {
    topic,
    stream,
    state,
    groups,
    push(text, address) {
      try {
        const push = parsePush(text)
        if (push.kind === 'entries') stream?.push(push)
        else if (push.kind === 'news') stream?.news(push.newest)
        else if (push.kind === 'state') state?.push(push.frames, address)
        else live(push.frame, address)
      } catch (error) {
        unreadable(error)
      }
    },
  }
}

/** Makes a group's reader in this process. */
export function wireGroup(
  { topic }: ChannelWires,
  name: string,
  from: 'now' | 'earliest',
  options: WiringOptions,
): GroupReader {
  const { settings, keys, instance, kernel, timer, onAlarm } = options
  const { channel } = topic
  const consumer = `${settings.member}:${instance}`
  return new GroupReader({
    store: new GroupStore(options.link().work, keys, channel.name, name, consumer, settings.leaseMs),
    topic,
    kernel,
    timer,
    instance,
    leaseMs: settings.leaseMs,
    queueLimit: settings.queueLimit,
    from,
    isLocal: settings.delivery === 'local',
    decode: ({ frame }) => decodeFrame(channel, frame),
    onSight(envelope) {
      if (channel.journalled && topic.isFirstSight(envelope.id)) options.tap(envelope, channel)
    },
    onAlarm,
  })
}
