import type { Channel } from '../flow/channel.js'
import type { CallList, WatchList } from './call-list.js'
import type { Envelope } from './envelope.js'
import { Fifo } from './fifo.js'
import type { ReaderGroup } from './reader-group.js'
import type { RetainedLog } from './retained-log.js'

/** Takes a message. Anything but a promise as result is ignored. */
export type Take = (envelope: Envelope<never>) => unknown

/** The part of a message that a watcher gets. */
export type Watch = (payload: never, occurredAt: number) => unknown

/** One subscription, or all members of a group together. */
export class Reader {
  isClosed = false

  constructor(
    readonly take: Take,
    /** Ordering keys it wants; `null` for all. */
    readonly keys: ReadonlySet<string> | null,
    readonly group: ReaderGroup | null,
    /** What `take` does, for one who needs no envelope. */
    readonly watch: Watch | null = null,
  ) {}

  wants(key: string): boolean {
    return this.keys === null || this.keys.has(key)
  }
}

/** What waits for one slow reader on one key. */
export class Chain {
  isBusy = false
  readonly queue = new Fifo<Envelope<never>>()
}

/**
 * Keys of one channel that are remembered. Keys that come once, such as an act's id, would otherwise pile up; real ones (symbols
 * by timeframe) stay far below.
 */
export const rememberedKeys = 65_536

/** Everything about one channel: its readers in the order in which they came, its routes and its memory. */
export class Topic {
  readonly routes = new Map<string, Route>()
  readonly groups = new Map<string, ReaderGroup>()
  readonly state = new Map<string, Envelope<never>>()
  /** True when a message must be kept, shown to taps or checked before readers get it. */
  readonly isPlain: boolean
  readonly isState: boolean
  /** Its messages may not get lost: a full queue refuses the writer. */
  readonly isDurable: boolean
  /** Its messages are few and weigh much: nobody may change one that others are still to read. */
  readonly isFrozen: boolean
  readers: readonly Reader[] = []
  /** Changes whenever the readers do. */
  version = 0
  /** Routes with {@link Route.watches}. */
  readonly hot: Route[] = []
  /** Messages waiting for slow readers. */
  queuedCount = 0
  droppedCount = 0
  /** `null` while nobody could ask for it. */
  log: RetainedLog<Envelope<never>> | null = null

  constructor(readonly channel: Channel<never>) {
    this.isState = channel.class === 'state'
    this.isDurable = channel.class === 'command' || channel.class === 'fact' || channel.class === 'settled'
    this.isFrozen = this.isState || channel.class === 'command' || channel.class === 'fact'
    this.isPlain = !this.isState && !this.isDurable && !channel.journalled
  }

  routeOf(key: string): Route {
    const known = this.routes.get(key)
    if (known !== undefined) return known
    if (this.routes.size >= rememberedKeys) this.forgetOne()
    const route = new Route(this, key)
    this.routes.set(key, route)
    return route
  }

  /** Forgets the oldest route on which nothing waits. */
  private forgetOne(): void {
    for (const [key, route] of this.routes) {
      if (route.chains !== null) continue
      route.isEvicted = true
      route.version = -1
      this.routes.delete(key)
      return
    }
  }

  add(reader: Reader): void {
    this.readers = [...this.readers, reader]
    this.changed()
  }

  remove(reader: Reader): void {
    this.readers = this.readers.filter((it) => it !== reader)
    this.changed()
  }

  /** Makes every route look for its readers again, and hot ones at once: they do not ask for the version. */
  changed(): void {
    this.version += 1
    for (const route of this.hot) route.watches = null
    this.hot.length = 0
  }
}

/** The readers of one key of one channel, found once and used until they change. */
export class Route {
  /** The topic's version when `readers` was made; -1 makes the next message look again. */
  version = -1
  /** Forgotten by the topic because there were too many; whoever still holds it looks the key up again. */
  isEvicted = false
  readers: readonly Reader[] = []
  /** Direct calls to all readers, once the route is hot. */
  calls: CallList | null = null
  /** The same without envelopes, when everybody here watches. */
  watches: WatchList | null = null
  callCount = 0
  /** Queues of slow readers; `null` while nobody is slow. */
  chains: Map<Reader, Chain> | null = null

  constructor(
    readonly topic: Topic,
    readonly key: string,
  ) {}

  refresh(): void {
    this.version = this.topic.version
    this.readers = this.topic.readers.filter((reader) => reader.wants(this.key))
    this.calls = null
    this.watches = null
    this.callCount = 0
  }
}
