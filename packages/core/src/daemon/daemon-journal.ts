import type { Envelope } from '../bus/envelope.js'
import { RememberedIds } from '../bus/remembered-ids.js'
import type { Channel } from '../flow/channel.js'
import type { FileJournal } from '../journal/file-journal.js'
import type { Journal } from '../journal/journal.js'
import { BarfinexError } from '../runtime/error.js'
import type { Lease } from '../service/lease.js'

/** What came before, by id, so that what is delivered again is not written again. */
const rememberedIds = 200_000
/** Of what it wrote last, so much is said again after a start. */
const resentCount = 4_096

/**
 * A daemon's own journal: each message once, by its id, whether it was written here, read, or delivered again after a crash.
 *
 * It stands for the right to act, too: while the lease is not held, `fault` is set and `flush` rejects, so that whoever writes
 * before acting does not act.
 */
export class DaemonJournal implements Journal {
  private constructor(
    private readonly inner: FileJournal,
    private readonly seen: RememberedIds,
    private readonly written: readonly Envelope[],
    /** Of what this daemon wrote: a later start has a higher one. */
    readonly highestEpoch: number,
    private lease: Lease | null,
  ) {}

  /** Reads what is there. `sources` are the names under which this daemon writes. */
  static async open(inner: FileJournal, sources: ReadonlySet<string>): Promise<DaemonJournal> {
    const seen = new RememberedIds(rememberedIds)
    let written: Envelope[] = []
    let highestEpoch = 0
    for await (const envelope of inner.read()) {
      seen.add(envelope.id)
      if (!sources.has(envelope.source)) continue
      highestEpoch = Math.max(highestEpoch, envelope.epoch)
      written.push(envelope)
      if (written.length >= 2 * resentCount) written = written.slice(-resentCount)
    }
    return new DaemonJournal(inner, seen, written.slice(-resentCount), highestEpoch, null)
  }

  /** Only while this lease is held may anything be done. */
  guardBy(lease: Lease): void {
    this.lease = lease
  }

  /** What this daemon wrote last before this start, oldest first: some of it may never have got out. */
  get lastWritten(): readonly Envelope[] {
    return this.written
  }

  append(envelope: Envelope, channel: Channel<never>): void {
    if (this.seen.add(envelope.id)) this.inner.append(envelope, channel)
  }

  flush(): Promise<void> | undefined {
    const { fault } = this
    return fault === null ? this.inner.flush() : Promise.reject(fault)
  }

  get fault(): Error | null {
    if (this.inner.fault !== null) return this.inner.fault
    return this.lease === null || this.lease.isHeld() ? null : leaseLost(this.lease)
  }

  get count(): number {
    return this.inner.count
  }

  hash(): string {
    return this.inner.hash()
  }

  read(): AsyncIterable<Envelope> {
    return this.inner.read()
  }

  /** Ends the writing; the file is whole. */
  close(): Promise<void> {
    return this.inner.close()
  }
}

/** What is thrown and shown when the lease is gone. */
export function leaseLost({ name, epoch }: Pick<Lease, 'name' | 'epoch'>): BarfinexError {
  return new BarfinexError(
    'lease.lost',
    `The lease "${name}" is no longer ours. This process has stopped acting; its supervisor may start it again.`,
    { details: { name, epoch } },
  )
}
