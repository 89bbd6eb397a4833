import type { Handler } from './bus.js'
import type { Envelope } from './envelope.js'
import { RememberedIds } from './remembered-ids.js'
import type { RetainedLog } from './retained-log.js'
import { Reader } from './route.js'

/** One handler among those that share a group's work. */
export interface Member {
  readonly handler: Handler<never>
  readonly keys: ReadonlySet<string> | null
}

/** A durable reader with a name: members share the work by key, and each message takes effect once by id. */
export class ReaderGroup {
  readonly reader: Reader
  /** Where it stopped: position in the channel's log after the last message that was handed to it. */
  position: number
  private members: readonly Member[] = []
  private readonly memberOf = new Map<string, Member>()
  private readonly seen: RememberedIds

  constructor(
    readonly name: string,
    private readonly log: RetainedLog<Envelope<never>>,
    /** How many ids are remembered: a message that comes again later than that takes effect again. */
    private readonly rememberedCount: number,
    private readonly hasId: boolean,
  ) {
    this.position = log.end
    this.seen = new RememberedIds(rememberedCount)
    this.reader = new Reader((envelope) => this.take(envelope), null, this)
    this.reader.isClosed = true
  }

  get isAway(): boolean {
    return this.members.length === 0
  }

  join(member: Member): void {
    this.members = [...this.members, member]
    this.memberOf.clear()
  }

  leave(member: Member): void {
    this.members = this.members.filter((it) => it !== member)
    this.memberOf.clear()
  }

  /** The newest message has reached the group: it will not be handed over again when the group comes back. */
  passed(): void {
    this.position = this.log.end
  }

  private take(envelope: Envelope<never>): unknown {
    this.passed()
    const member = this.memberFor(envelope.key)
    if (member === undefined || !this.isFirst(envelope)) return undefined
    return member.handler(envelope)
  }

  private isFirst(envelope: Envelope<never>): boolean {
    return !this.hasId || this.seen.add(envelope.id)
  }

  /** The same member for the same key as long as the members stay: keys go round among those that want them. */
  private memberFor(key: string): Member | undefined {
    const known = this.memberOf.get(key)
    if (known !== undefined) return known
    const willing = this.members.filter(({ keys }) => keys === null || keys.has(key))
    const member = willing[this.memberOf.size % Math.max(1, willing.length)]
    // Keys that come once (an act's id) must not pile up.
    if (this.memberOf.size >= this.rememberedCount) this.memberOf.clear()
    if (member !== undefined) this.memberOf.set(key, member)
    return member
  }
}
