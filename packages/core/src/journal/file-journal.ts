import { statSync } from 'node:fs'
import { type Envelope, plainEnvelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { BarfinexError } from '../runtime/error.js'
import { type CheckedJournal, checkJournal, readMessages } from './check-journal.js'
import { Checkpointing, type CheckpointOptions } from './checkpointing.js'
import type { Journal } from './journal.js'
import { lockDirectory, type Unlock } from './journal-lock.js'
import { makeDirectory } from './make-directory.js'
import { SegmentWriter } from './segment-writer.js'

export interface FileJournalOptions {
  /** Made when it is not there. One journal per directory, and one process at a time: a second one is `journal.locked`. */
  readonly directory: string
  /**
   * When written messages reach the disk itself. `always`: `flush` resolves after the disk has them: nothing acknowledged is
   * lost, not even with the power. `interval` (default): within a second; a killed process loses at most what it did in its
   * last turn and nothing that was flushed, a power failure up to that second. `never`: when the operating system likes; for
   * backtests.
   */
  readonly fsync?: 'always' | 'interval' | 'never'
  /** A file is closed and the next one begun after so many bytes; 64 MiB when absent. */
  readonly segmentBytes?: number
  /** Only to read, also while another process writes: nothing is locked, repaired or written. */
  readonly readOnly?: boolean
  /**
   * Keeps at the end of every file what a start has to know, and starts from there; absent: a start reads and checks everything.
   * Not for `readOnly`, which always does.
   */
  readonly checkpoints?: CheckpointOptions
}

/** What opening an existing journal found and did. */
export interface JournalRepair {
  /** Bytes of a write that had been cut short, now cut off; 0 when the end was whole. */
  readonly tornBytes: number
  readonly recordCount: number
}

/** A journal in files. */
export interface FileJournal extends Journal {
  readonly repair: JournalRepair
  /** What was appended since it was opened. */
  readNew(): AsyncIterable<Envelope>
}

/**
 * Opens a journal directory for appending, after having read and checked all of it (with `checkpoints`: since the newest one).
 *
 * Records are framed with length and checksum; after every block of 64 kB and at the end of each file stands a seal, the SHA-256 of
 * the seal before and of the block, so a change anywhere before the last seal is found, also one that mended its checksum.
 * (Who can write all files can also make all seals anew: keep `hash()` elsewhere if that must be found.) A torn end is cut off
 * and reported in `repair`; anything else that does not check is `journal.damaged` with file, byte and record.
 *
 * After a failed write or sync `fault` is set, `flush` rejects with `journal.write-failed`, and nothing more is appended.
 *
 * @example
 * const journal = await createFileJournal({ directory: 'state/journal', fsync: 'always' })
 */
export async function createFileJournal(options: FileJournalOptions): Promise<FileJournal> {
  const { directory, readOnly = false, fsync = 'interval', segmentBytes = 67_108_864 } = options
  if (readOnly && statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new BarfinexError(
      'options.invalid',
      `There is no journal in ${directory}. Give the directory of an existing one.`,
    )
  }
  if (readOnly) return new OpenFileJournal(directory, fsync, await checkJournal(directory), null, null, () => {})
  makeDirectory(directory)
  const unlock = lockDirectory(directory)
  try {
    const checkpointing = options.checkpoints === undefined ? null : new Checkpointing(directory, options.checkpoints)
    const checked = await (checkpointing?.open() ?? checkJournal(directory))
    const onSegment = (next: number) => checkpointing?.cover(next)
    const writer = new SegmentWriter({ directory, fsync, segmentBytes, onSegment }, checked.point)
    return new OpenFileJournal(directory, fsync, checked, writer, checkpointing, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

class OpenFileJournal implements FileJournal {
  private total: number

  constructor(
    private readonly directory: string,
    private readonly fsync: 'always' | 'interval' | 'never',
    private readonly checked: CheckedJournal,
    private readonly writer: SegmentWriter | null,
    private readonly checkpointing: Checkpointing | null,
    private readonly unlock: Unlock,
  ) {
    this.total = checked.recordCount
  }

  get repair(): JournalRepair {
    return { tornBytes: this.writer === null ? 0 : this.checked.point.tornBytes, recordCount: this.checked.recordCount }
  }

  get fault(): Error | null {
    return this.writer?.fault ?? null
  }

  get count(): number {
    return this.total
  }

  append(envelope: Envelope, channel: Channel<never>): void {
    if (this.writer === null) {
      throw new BarfinexError('journal.write-failed', 'This journal was opened to be read. Open it without readOnly.')
    }
    if (this.writer.fault !== null) return
    const content = Buffer.from(JSON.stringify(plainEnvelope(envelope)))
    this.total += 1
    this.checked.chain.add(envelope, channel)
    this.writer.append(content)
  }

  flush(): Promise<void> | undefined {
    if (this.writer === null) return undefined
    this.writer.write()
    if (this.writer.fault !== null) return Promise.reject(this.writer.fault)
    return this.fsync === 'always' ? this.writer.sync() : undefined
  }

  hash(): string {
    return this.checked.chain.hash()
  }

  read(): AsyncIterable<Envelope> {
    return this.readFrom({ segment: 0, size: 0 })
  }

  readNew(): AsyncIterable<Envelope> {
    return this.readFrom(this.checked.point)
  }

  private readFrom(from: { readonly segment: number; readonly size: number }): AsyncIterable<Envelope> {
    this.writer?.write()
    return readMessages(this.directory, from, this.writer?.end ?? this.checked.point)
  }

  async close(): Promise<void> {
    try {
      await this.writer?.close()
      await this.checkpointing?.settled()
    } finally {
      this.unlock()
    }
  }
}
