import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import type { CheckpointOptions } from '../journal/checkpointing.js'
import { createFileJournal, type FileJournal, type FileJournalOptions } from '../journal/file-journal.js'
import type { Journal } from '../journal/journal.js'
import { BarfinexError } from '../runtime/error.js'
import type { Lease } from '../service/lease.js'
import type { Carry } from './carry.js'
import { DaemonPast } from './daemon-past.js'

/** A start reads at most one file and what was kept of those before it: some tenths of a second. */
const segmentBytes = 16_777_216

export interface DaemonJournalOptions extends Pick<FileJournalOptions, 'directory' | 'fsync' | 'segmentBytes'> {
  /** Names under which this daemon writes. */
  readonly sources: ReadonlySet<string>
  /** What its service has to know of the journal when it starts. */
  readonly carry: Carry
  readonly onTrouble?: NonNullable<CheckpointOptions['onTrouble']>
}

/**
 * A daemon's own journal: each message once, by its id, whether it was written here, read, or delivered again after a crash.
 *
 * It stands for the right to act, too: while the lease is not held, `fault` is set and `flush` rejects, so that whoever writes
 * before acting does not act.
 */
export class DaemonJournal implements Journal {
  private lease: Lease | null = null
  private isRecalled = false

  private constructor(
    /** The files themselves. */
    readonly file: FileJournal,
    private readonly known: DaemonPast,
  ) {}

  /** Opens the files from the newest checkpoint, and makes checkpoints from then on. */
  static async open(options: DaemonJournalOptions): Promise<DaemonJournal> {
    const { sources, carry, onTrouble, ...rest } = options
    const past = new DaemonPast(sources, carry)
    const fresh = () => new DaemonPast(sources, carry)
    const checkpoints = { past, fresh, ...(onTrouble === undefined ? {} : { onTrouble }) }
    return new DaemonJournal(await createFileJournal({ segmentBytes, ...rest, checkpoints }), past)
  }

  /** Of what this daemon wrote before this start: the next one is higher. */
  get highestEpoch(): number {
    return this.known.highestEpoch
  }

  /** Only while this lease is held may anything be done. */
  guardBy(lease: Lease): void {
    this.lease = lease
  }

  /** What this daemon wrote last before this start, oldest first: some of it may never have got out. */
  get lastWritten(): readonly Envelope[] {
    return this.known.lastWritten
  }

  append(envelope: Envelope, channel: Channel<never>): void {
    if (this.known.seen.add(envelope.id)) this.file.append(envelope, channel)
  }

  flush(): Promise<void> | undefined {
    const { fault } = this
    return fault === null ? this.file.flush() : Promise.reject(fault)
  }

  get fault(): Error | null {
    if (this.file.fault !== null) return this.file.fault
    return this.lease === null || this.lease.isHeld() ? null : leaseLost(this.lease)
  }

  get count(): number {
    return this.file.count
  }

  hash(): string {
    return this.file.hash()
  }

  read(): AsyncIterable<Envelope> {
    return this.file.read()
  }

  async *past(): AsyncIterable<Envelope> {
    if (this.isRecalled) {
      yield* this.read()
      return
    }
    yield* this.known.carried
    yield* this.file.readNew()
  }

  /** The service has started: what was kept for that is let go. */
  recalled(): void {
    this.isRecalled = true
    this.known.forget()
  }

  /** Ends the writing; the file is whole. */
  close(): Promise<void> {
    return this.file.close()
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
