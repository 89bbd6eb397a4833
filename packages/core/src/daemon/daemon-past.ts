import type { Envelope } from '../bus/envelope.js'
import { RememberedIds } from '../bus/remembered-ids.js'
import type { PastKeeper } from '../journal/past-keeper.js'
import type { Carry } from './carry.js'

/** What came before, by id, so that what is delivered again is not written again. */
const rememberedIds = 200_000
/** Of what it wrote last, so much is said again after a start. */
const resentCount = 4_096
/** Ids in one value of a checkpoint. */
const idsAtOnce = 1_000

type Saved =
  | { readonly ids: readonly string[] }
  | { readonly highestEpoch: number }
  | { readonly written: Envelope }
  | { readonly carried: Envelope }

/** What a daemon has to know of its journal when it starts: ids, what it wrote last, and what its service carries on. */
export class DaemonPast implements PastKeeper {
  /** Ids of the newest messages, oldest first. */
  readonly seen = new RememberedIds(rememberedIds)
  /** Of what this daemon wrote: a later start has a higher one. */
  highestEpoch = 0
  private written: Envelope[] = []
  private kept: readonly Envelope[] = []
  private fresh: Envelope[] = []

  /** `sources` are the names under which this daemon writes. */
  constructor(
    private readonly sources: ReadonlySet<string>,
    private readonly carry: Carry,
  ) {}

  get version(): number {
    return this.carry.version
  }

  /** What this daemon wrote last, oldest first: some of it may never have got out. */
  get lastWritten(): readonly Envelope[] {
    return this.written.slice(-resentCount)
  }

  /** What the service has to know, oldest first. */
  get carried(): readonly Envelope[] {
    return [...this.kept, ...this.fresh]
  }

  learn(envelope: Envelope): void {
    this.seen.add(envelope.id)
    if (this.carry.wants(envelope)) this.fresh.push(envelope)
    if (!this.sources.has(envelope.source)) return
    this.highestEpoch = Math.max(this.highestEpoch, envelope.epoch)
    this.written.push(envelope)
    if (this.written.length >= 2 * resentCount) this.written = this.written.slice(-resentCount)
  }

  /** The start is over: lets go of everything but the ids. */
  forget(): void {
    this.kept = []
    this.fresh = []
    this.written = []
  }

  settle(): void {
    this.kept = this.carry.prune(this.carried)
    this.fresh = []
  }

  *save(): Iterable<Saved> {
    yield { highestEpoch: this.highestEpoch }
    const ids = [...this.seen]
    for (let index = 0; index < ids.length; index += idsAtOnce) yield { ids: ids.slice(index, index + idsAtOnce) }
    for (const written of this.lastWritten) yield { written }
    for (const carried of this.carried) yield { carried }
  }

  load(values: readonly unknown[]): void {
    this.seen.clear()
    this.highestEpoch = 0
    this.written = []
    this.fresh = []
    const kept: Envelope[] = []
    for (const value of values as readonly Saved[]) {
      if ('ids' in value) for (const id of value.ids) this.seen.add(id)
      else if ('written' in value) this.written.push(value.written)
      else if ('carried' in value) kept.push(value.carried)
      else this.highestEpoch = value.highestEpoch
    }
    this.kept = kept
  }
}
