import type { Envelope } from '../bus/envelope.js'
import { RememberedIds } from '../bus/remembered-ids.js'
import type { WallTimer } from '../runtime/wall-timer.js'
import { Acknowledgements } from './acknowledgements.js'
import type { AlarmListener } from './alarm.js'
import type { Frame } from './frame.js'
import { GroupLease } from './group-lease.js'
import { GroupMembers, type Member } from './group-members.js'
import type { GroupStore, Owed } from './group-store.js'
import type { Item, Work } from './group-work.js'
import type { Kernel } from './kernel.js'
import { KeyedQueues } from './keyed-queues.js'
import type { Entry } from './push.js'
import type { Place, Recipient, RedisTopic } from './topic.js'
import { attempts, type Failure, type TryOptions, tryHandler } from './try-handler.js'

export interface GroupReaderOptions {
  readonly store: GroupStore
  readonly topic: RedisTopic
  readonly kernel: Kernel
  readonly timer: WallTimer
  readonly instance: string
  readonly leaseMs: number
  readonly queueLimit: number
  readonly from: 'now' | 'earliest'
  /** Messages of this process are handed over by itself, before the server has them. */
  readonly isLocal: boolean
  readonly decode: (entry: Entry) => Frame
  /** Shows a message to the taps, once. */
  readonly onSight: (envelope: Envelope<never>) => void
  readonly onAlarm: AlarmListener
}

const rememberedIds = 131_072

/**
 * A durable reader with a name. One process is its active member, by a lease; the others stand by. It is acknowledged after its
 * handler has ended well; after five failures the message is set aside, with an alarm. What a process had read and not ended
 * is taken over by the next one.
 */
export class GroupReader implements Recipient {
  private readonly members = new GroupMembers()
  private readonly acknowledgements: Acknowledgements
  private readonly queues: KeyedQueues<Item>
  /** Entries being handled or waiting here, by their place. */
  private readonly works = new Map<string, Work>()
  /** Messages of this process that were handed over before the server had them: being handled, or done. */
  private readonly early = new Map<string, Item | 'done'>()
  private readonly seen = new RememberedIds(rememberedIds)
  /** Messages that were in the stream when this process became the active member: said again, they are not handed over early. */
  private known: ReadonlySet<string> = new Set()
  private readonly lease: GroupLease
  private readonly trying: TryOptions
  private readonly remembersIds: boolean
  private isCreated = false
  private wasCreated = false
  /** When the group was first wanted and could not be made at once. */
  private wantedAt: number | null = null
  private isRecovered = false
  private isRunning = false
  /** Times that what was read had to be given up, to be read again in its order. */
  private upheavals = 0
  /** There is more in the stream than there is room for here. */
  private isStarved = false
  private runAgain = false
  private work: Promise<void> = Promise.resolve()

  constructor(private readonly options: GroupReaderOptions) {
    const { kernel, queueLimit, store, timer, leaseMs } = options
    this.lease = new GroupLease(store, timer, leaseMs)
    const { name, idOf, class: kind } = options.topic.channel
    this.trying = { kernel, timer, onFault: (error) => kernel.fault(error, name) }
    // Settled data comes at least once; its frames have ids, and those are what the server knows again.
    this.remembersIds = idOf !== null && (kind !== 'settled' || options.isLocal)
    this.acknowledgements = new Acknowledgements((ids) => store.acknowledge(ids))
    const onSpace = () => {
      if (this.isAway) this.letGo()
      else if (this.queues.waitingCount === 0 && this.isStarved) this.look()
    }
    this.queues = new KeyedQueues(kernel, queueLimit, 'refuse', (item) => this.handle(item), undefined, onSpace)
  }

  get isAway(): boolean {
    return this.members.isEmpty
  }

  /** True when nothing is being read, or another process does the work. */
  get isIdle(): boolean {
    return !this.isRunning && this.acknowledgements.isIdle
  }

  /** True when a message of this process can be handed over at once, or another process does the work. */
  get isReady(): boolean {
    return this.isAway || (this.isActive ? this.isRecovered : !this.isRunning)
  }

  /** True while no other process can be the active member. */
  get isActive(): boolean {
    return this.lease.isHeld
  }

  /** True when its lease should be renewed before much more happens. */
  get isLeaseLow(): boolean {
    return !this.isAway && this.lease.isLow
  }

  /** Resolves when it has read what there is. */
  idle(): Promise<void> {
    return Promise.all([this.work, this.acknowledgements.sent()]).then(() => {})
  }

  join(member: Member): void {
    if (this.isAway) this.isRecovered = false
    this.members.add(member)
    this.look()
  }

  leave(member: Member): void {
    this.members.remove(member)
    if (!this.isAway) return
    this.abandon()
    this.letGo()
  }

  /** Leaves for good; what is not ended is the next one's. */
  async close(): Promise<void> {
    this.members.clear()
    this.abandon()
    await this.idle()
    await this.lease.leave()
  }

  /** Somebody has said something, a lease is due, a connection is back: see what there is. */
  look(): void {
    if (this.isAway) return
    if (this.isRunning) {
      this.runAgain = true
      return
    }
    this.isRunning = true
    this.work = this.run()
      .catch((error: unknown) => this.failed(error))
      .then(() => {
        this.isRunning = false
        if (!this.runAgain) return
        this.runAgain = false
        this.look()
        return this.work
      })
  }

  /** Something was said. Who stands by looks with the next tick. */
  news(): void {
    if (this.isActive) this.look()
  }

  /** Called every third of a lease. */
  tick(): void {
    this.acknowledgements.send()
    this.look()
  }

  /** The connections are back: what was acknowledged meanwhile may not have arrived, and the server may be another. */
  reconnected(): void {
    this.isRecovered = false
    this.upheavals += 1
    this.look()
  }

  offer(envelope: Envelope<never>, place: Place | null): void {
    const isReady = this.isActive && this.isRecovered && !this.isAway
    if (place !== null || !isReady || this.early.has(envelope.id)) return
    if (this.isSeen(envelope.id) || this.known.has(envelope.id)) return
    const item: Item = { envelope, entry: null, isForeign: false }
    this.early.set(envelope.id, item)
    if (!this.queues.offer(envelope.key, item)) this.queues.force(envelope.key, item)
  }

  private async run(): Promise<void> {
    const { store, timer } = this.options
    if (!this.isCreated) {
      // A group that was there and is gone: the server has lost its memory, and what it holds now nobody has had. One that had
      // to wait for the server begins where it wanted to.
      const isFromStart = this.options.from === 'earliest' || this.wasCreated
      const agoMs = this.wantedAt === null ? 0 : timer.now() - this.wantedAt
      this.wantedAt ??= timer.now()
      await store.create(isFromStart ? 'earliest' : { agoMs })
      this.isCreated = true
      this.wasCreated = true
    }
    // Another process may have been active meanwhile.
    if (!this.isActive) this.isRecovered = false
    if (!(await this.lease.hold())) {
      this.abandon()
      return
    }
    while (!this.isAway && this.isActive) {
      if (!this.isRecovered) {
        await this.recover()
        continue
      }
      this.isStarved = this.queues.waitingCount >= this.options.queueLimit
      if (this.isStarved) return
      const { upheavals } = this
      const entries = await store.read()
      // Read and not begun: they are found among what is owed, after what was given up meanwhile.
      if (upheavals !== this.upheavals) continue
      if (entries.length === 0) return
      this.options.kernel.turn(() => {
        for (const entry of entries) this.begin(entry, false)
      })
    }
  }

  /** Takes up what was read for the group and not ended, by whomever, from the oldest on: nothing that is newer may wait here. */
  private async recover(): Promise<void> {
    const { store, isLocal } = this.options
    this.abandon()
    const { upheavals } = this
    if (isLocal) this.known = new Set(await store.knownIds())
    for (let after = ''; ; ) {
      const owed = await store.owed(after)
      const last = owed.at(-1)
      if (last === undefined) break
      after = last.id
      for (const one of owed) {
        await this.resume(one)
        if (upheavals !== this.upheavals) return
      }
    }
    await store.forgetOthers()
    this.isRecovered = upheavals === this.upheavals
  }

  private async resume({ id, entry, isForeign, deliveredCount }: Owed): Promise<void> {
    if (this.works.has(id)) return
    if (this.acknowledgements.has(id)) this.acknowledgements.add(id)
    else if (entry === null) {
      const text = `An entry of ${this.channel} was removed before group`
      this.alarm('entries-lost', `${text} "${this.options.store.name}" had it.`)
      this.acknowledgements.add(id)
    } else if (deliveredCount > attempts) {
      await this.bury(id, entry.frame, `It was begun ${attempts} times and never ended.`)
      this.acknowledgements.add(id)
    } else this.options.kernel.turn(() => this.begin(entry, isForeign))
  }

  private begin(entry: Entry, isForeign: boolean): void {
    let frame: Frame
    try {
      frame = this.options.decode(entry)
    } catch (error) {
      void this.bury(entry.id, entry.frame, String(error)).then(
        () => this.acknowledgements.add(entry.id),
        () => {},
      )
      return
    }
    const work: Work = { id: entry.id, frame: entry.frame, openCount: frame.envelopes.length, claiming: null }
    if (work.openCount === 0) {
      this.acknowledgements.add(entry.id)
      return
    }
    this.works.set(entry.id, work)
    const isOwn = this.options.isLocal && frame.instance === this.options.instance
    for (const envelope of frame.envelopes) {
      const early = isOwn ? this.early.get(envelope.id) : undefined
      if (early === 'done') {
        this.early.delete(envelope.id)
        this.closeOne(work)
      } else if (early !== undefined) early.entry = work
      else {
        this.options.onSight(envelope)
        const item: Item = { envelope, entry: work, isForeign }
        if (!this.queues.offer(envelope.key, item)) this.queues.force(envelope.key, item)
      }
    }
  }

  private handle(item: Item): Promise<unknown> | undefined {
    const { envelope } = item
    // Somebody else may be at it by now: what is not begun is left to the active member.
    if (!this.isActive || this.isAway) {
      this.giveUp(item)
      return undefined
    }
    const member = this.members.of(envelope.key)
    if (member === undefined || (this.isSeen(envelope.id) && !this.early.has(envelope.id))) {
      this.ended(item)
      return undefined
    }
    if (item.isForeign && item.entry !== null) return this.claimThenTry(item, member, item.entry)
    return this.attempt(item, member)
  }

  private async claimThenTry(item: Item, member: Member, work: Work): Promise<void> {
    try {
      work.claiming ??= this.options.store.claim(work.id)
      await work.claiming
    } catch {
      // The server is away: this and all that is newer is taken up again when it is back.
      this.giveUp(item)
      return
    }
    await this.attempt(item, member)
  }

  private attempt(item: Item, member: Member): Promise<void> | undefined {
    const trying = tryHandler(member.handler, item.envelope, this.trying)
    if (trying !== undefined) return trying.then((failure) => this.tried(item, failure))
    this.ended(item)
    return undefined
  }

  private async tried(item: Item, failure: Failure | null): Promise<void> {
    const { entry, envelope } = item
    try {
      if (failure !== null) await this.bury(entry?.id ?? envelope.id, entry?.frame ?? null, failure.why)
      this.ended(item)
    } catch {
      // The server is away and could not keep it: it is tried again when it is back.
      this.giveUp(item)
    }
  }

  private async bury(id: string, frame: Buffer | null, why: string): Promise<void> {
    const { store, kernel } = this.options
    await store.bury(id, frame, why)
    kernel.counts.deadLetters += 1
    const text = `A message of ${this.channel} was set aside by group "${store.name}"`
    this.alarm('dead-letter', `${text}: ${why.slice(0, 300)}`)
  }

  private ended({ envelope, entry }: Item): void {
    if (this.remembersIds) this.seen.add(envelope.id)
    if (entry === null) this.early.set(envelope.id, 'done')
    else {
      if (this.options.isLocal) this.early.delete(envelope.id)
      this.closeOne(entry)
    }
  }

  /** What was not begun is read again when this process is the active member the next time. */
  private forget({ envelope, entry }: Item): void {
    this.early.delete(envelope.id)
    if (entry !== null) this.works.delete(entry.id)
  }

  private giveUp(item: Item): void {
    this.forget(item)
    this.abandon()
  }

  private closeOne(work: Work): void {
    work.openCount -= 1
    if (work.openCount > 0) return
    this.works.delete(work.id)
    this.acknowledgements.add(work.id)
  }

  private abandon(): void {
    // What is running goes on to its end; everything else belongs to whoever is active next.
    this.queues.clear((item) => this.forget(item))
    this.isRecovered = false
    this.upheavals += 1
  }

  /** Lets another process do the work, once nothing is running here. */
  private letGo(): void {
    if (this.queues.isBusy || !this.isActive) return
    this.work = this.work.then(async () => {
      if (this.isAway && !this.queues.isBusy) await this.lease.leave()
    })
  }

  private failed(error: unknown): void {
    // A read whose answer was lost: what it read is owed.
    this.isRecovered = false
    this.upheavals += 1
    if (String(error).includes('NOGROUP')) {
      this.isCreated = false
      this.runAgain = true
    }
  }

  private isSeen(id: string): boolean {
    return this.remembersIds && this.seen.has(id)
  }

  private get channel(): string {
    return this.options.topic.channel.name
  }

  private alarm(kind: 'dead-letter' | 'entries-lost', message: string): void {
    this.options.onAlarm({ kind, channel: this.channel, message })
  }
}
