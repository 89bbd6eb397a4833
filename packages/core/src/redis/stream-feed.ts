import type { Redis } from 'ioredis'
import { callFunction } from './function-call.js'
import type { Keys } from './keys.js'
import { PlainReader } from './plain-reader.js'
import type { Entry, Push } from './push.js'
import { compareStreamIds, streamStart } from './stream-id.js'
import { entriesAfter } from './stream-io.js'
import type { RedisTopic } from './topic.js'

export interface StreamFeedOptions {
  readonly redis: Redis
  readonly keys: Keys
  readonly topic: RedisTopic
  /** Hands the messages of an entry to the readers that go together. */
  readonly onEntry: (entry: Entry, before: string) => void
  /** Hands the messages of an entry to one reader that goes for itself, from `index` on; false when it has to wait again. */
  readonly onEntryFor: (reader: PlainReader, entry: Entry, before: string) => boolean
  /** Resolves when what this process has said is in the stream; `undefined` when it is, or when that does not matter. */
  readonly whenSaid: () => Promise<void> | undefined
  /** Somebody should look at the stream: groups do. */
  readonly onNews: () => void
  readonly onGap: () => void
  /** Entries between were trimmed before they were read here. */
  readonly onTrimmed: () => void
  /** The server has forgotten an entry that it had pushed. */
  readonly onForgotten: () => void
}

type Entries = Extract<Push, { kind: 'entries' }>

const entriesPerRead = 256
/** Pushes that are kept while the stream is being read; beyond it they are read from the stream as well. */
const longestWait = 256

/**
 * The readers of one stream that go together. Pushes are the fast way: each names the entry before it. When that is not the last one
 * known, and after every reconnect, what is missing is read from the stream first.
 */
export class StreamFeed {
  /** The newest entry that was handed on; `null` before the first reader. */
  position: string | null = null
  private isReading = false
  private isStale = false
  private readAgain = false
  private waiting: Entries[] = []
  private work: Promise<void> = Promise.resolve()
  private readonly hungry = new Set<PlainReader>()

  constructor(private readonly options: StreamFeedOptions) {}

  get isIdle(): boolean {
    return !this.isReading && this.hungry.size === 0
  }

  /** Resolves when nothing is being read. */
  idle(): Promise<void> {
    return this.work
  }

  /** Begins with what comes from here on. The topic must be subscribed already. */
  async begin(): Promise<void> {
    if (this.position !== null) return
    const [newest] = await this.placeOf(streamStart)
    this.position ??= newest
    this.catchUp()
  }

  /** Something was not answered: {@link mend} tries again. */
  stale(): void {
    this.isStale = true
  }

  push(push: Entries): void {
    this.options.onNews()
    if (this.position === null) return
    if (this.isReading) {
      if (this.waiting.length < longestWait) this.waiting.push(push)
      else this.readAgain = true
      return
    }
    if (this.take(push)) return
    this.options.onGap()
    this.catchUp()
  }

  /** There are entries up to this one that were not pushed. */
  news(newest: string): void {
    this.options.onNews()
    if (this.position === null) return
    if (this.isReading) this.readAgain = true
    else if (compareStreamIds(newest, this.position) > 0) {
      // Who comes later begins later.
      if (this.options.topic.readers.length === 0) this.position = newest
      else this.catchUp()
    }
  }

  /** Reads what may have been missed: after a reconnect, or a push that does not follow. */
  catchUp(): void {
    if (this.position === null) return
    if (this.isReading) {
      this.readAgain = true
      return
    }
    this.isReading = true
    this.work = this.read().then(
      () => {
        this.isReading = false
      },
      () => {
        this.isReading = false
        this.isStale = true
        this.waiting = []
      },
    )
  }

  /** Tries again what the server did not answer. */
  mend(): void {
    if (this.isStale) {
      this.isStale = false
      if (this.position === null) void this.begin().catch(() => this.stale())
      else this.catchUp()
    }
    for (const reader of this.options.topic.readers) {
      if (reader instanceof PlainReader && reader.isHungry) this.feed(reader)
    }
  }

  /** Reads on for one reader that goes for itself, until it goes with the others again or has to wait. */
  feed(reader: PlainReader): void {
    if (this.hungry.has(reader)) return
    this.hungry.add(reader)
    this.work = this.work
      .then(() => this.readFor(reader))
      .catch(() => {})
      .then(() => {
        this.hungry.delete(reader)
      })
  }

  /** False when something between is missing. */
  private take({ before, entries }: Entries): boolean {
    const last = entries.at(-1)
    if (last === undefined || compareStreamIds(last.id, this.position as string) <= 0) return true
    if (compareStreamIds(before, this.position as string) > 0) return false
    if (this.options.topic.readers.length === 0) this.position = last.id
    else for (const entry of entries) this.hand(entry)
    return true
  }

  private hand(entry: Entry): void {
    const before = this.position as string
    if (compareStreamIds(entry.id, before) <= 0) return
    this.position = entry.id
    this.options.onEntry(entry, before)
  }

  private async read(): Promise<void> {
    const [newest, fate] = await this.placeOf(this.position as string)
    if (fate === 'gone') {
      this.options.onForgotten()
      if (compareStreamIds(newest, this.position as string) < 0) this.position = newest
    } else if (fate === 'trimmed') this.options.onTrimmed()
    do {
      this.readAgain = false
      for (;;) {
        const entries = await entriesAfter(this.options.redis, this.stream, this.position as string, entriesPerRead)
        for (const entry of entries) this.hand(entry)
        if (entries.length < entriesPerRead) break
      }
      const { waiting } = this
      this.waiting = []
      for (const push of waiting) if (!this.take(push)) this.readAgain = true
    } while (this.readAgain)
    this.options.onNews()
  }

  private async readFor(reader: PlainReader): Promise<void> {
    while (reader.place !== null && !reader.isClosed) {
      const { before } = reader.place
      const entries = await entriesAfter(this.options.redis, this.stream, before, entriesPerRead)
      let last = before
      for (const entry of entries) {
        if (!this.options.onEntryFor(reader, entry, last)) return
        last = entry.id
        reader.place = { before: last, index: 0 }
      }
      // What came meanwhile was handed to the others: it is read next. From the same place on it goes with them.
      if (entries.length > 0 && compareStreamIds(last, this.position ?? streamStart) < 0) continue
      const saying = this.options.whenSaid()
      if (saying === undefined) reader.place = null
      else await saying
    }
  }

  private get stream(): string {
    return this.options.keys.stream(this.options.topic.channel.name)
  }

  private async placeOf(wanted: string): Promise<readonly [newest: string, fate: string]> {
    const { name } = this.options.topic.channel
    const keys = [this.options.keys.stream(name), this.options.keys.ids(name)]
    const [newest, fate] = (await callFunction(this.options.redis, 'place', keys, [wanted])) as [unknown, unknown]
    return [String(newest), String(fate)]
  }
}
