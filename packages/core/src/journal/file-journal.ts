import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type Envelope, plainEnvelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { channels } from '../flow/map.js'
import { BarfinexError } from '../runtime/error.js'
import { createFactChain, type FactChain } from './fact-chain.js'
import type { Journal } from './journal.js'
import { lockDirectory, type Unlock } from './journal-lock.js'
import { makeDirectory } from './make-directory.js'
import { genesis, newBlock, SegmentWriter, type WritePoint } from './segment-writer.js'
import { readSegment, segmentNumberOf, segmentsOf } from './segments.js'

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
}

const byName = new Map<string, Channel<never>>(channels.map((it) => [it.name, it as unknown as Channel<never>]))

/**
 * Opens a journal directory for appending, after having read and checked all of it.
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
  const chain = createFactChain()
  if (readOnly && statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new BarfinexError(
      'options.invalid',
      `There is no journal in ${directory}. Give the directory of an existing one.`,
    )
  }
  if (readOnly) return new OpenFileJournal(directory, fsync, chain, await check(directory, chain), null, () => {})
  makeDirectory(directory)
  const unlock = lockDirectory(directory)
  try {
    const checked = await check(directory, chain)
    const writer = new SegmentWriter({ directory, fsync, segmentBytes }, checked.point)
    return new OpenFileJournal(directory, fsync, chain, checked, writer, unlock)
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
    private readonly chain: FactChain,
    private readonly checked: CheckedDirectory,
    private readonly writer: SegmentWriter | null,
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
    this.chain.add(envelope, channel)
    this.writer.append(content)
  }

  flush(): Promise<void> | undefined {
    if (this.writer === null) return undefined
    this.writer.write()
    if (this.writer.fault !== null) return Promise.reject(this.writer.fault)
    return this.fsync === 'always' ? this.writer.sync() : undefined
  }

  hash(): string {
    return this.chain.hash()
  }

  async *read(): AsyncIterable<Envelope> {
    this.writer?.write()
    const end = this.writer?.end ?? this.checked.point
    for (const name of segmentsOf(this.directory)) {
      const number = segmentNumberOf(name)
      if (number > end.segment) return
      const size = number === end.segment ? end.size : statSync(join(this.directory, name)).size
      for await (const read of readSegment(this.directory, name, size)) {
        if (read.type !== 'record') throw damaged(name, read.offset, null, read.type === 'torn' ? cutShort : read.what)
        const envelope = contentOf(read.content)
        if ('type' in envelope) yield envelope
      }
    }
  }

  async close(): Promise<void> {
    try {
      await this.writer?.close()
    } finally {
      this.unlock()
    }
  }
}

interface CheckedDirectory {
  readonly point: WritePoint
  readonly recordCount: number
}

const cutShort = 'it is cut short'

/** Reads everything once: frames, checksums, the place of each file, and every seal. */
async function check(directory: string, chain: FactChain): Promise<CheckedDirectory> {
  const names = segmentsOf(directory)
  let seal = genesis
  let block = newBlock(seal)
  let blockBytes = 0
  let recordCount = 0
  let tornBytes = 0
  let size = 0
  for (const [index, name] of names.entries()) {
    const fileSize = statSync(join(directory, name)).size
    size = 0
    for await (const read of readSegment(directory, name, fileSize)) {
      if (read.type === 'torn' && index === names.length - 1) {
        tornBytes = fileSize - read.offset
        break
      }
      if (read.type !== 'record') {
        throw damaged(name, read.offset, recordCount, read.type === 'torn' ? cutShort : read.what)
      }
      const content = contentOf(read.content)
      const isFirst = size === 0
      if (isFirst && !('segment' in content))
        throw damaged(name, 0, recordCount, 'its first record does not say where it belongs')
      if ('segment' in content) {
        const isHere = isFirst && content.segment === segmentNumberOf(name) && content.after === seal
        if (!isHere) throw damaged(name, read.offset, recordCount, 'it does not follow the file before it')
      }
      if ('seal' in content) {
        const found = block.digest('hex')
        if (content.seal !== found) {
          throw damaged(name, read.offset, recordCount, 'its seal does not match the records before it')
        }
        seal = found
        block = newBlock(seal)
        blockBytes = 0
      } else {
        block.update(read.frame)
        blockBytes += read.frame.length
      }
      if ('type' in content) {
        const channel = byName.get(content.type)
        if (channel !== undefined) chain.add(content, channel)
        recordCount += 1
      }
      if (!('type' in content || 'seal' in content || 'segment' in content)) {
        throw damaged(name, read.offset, recordCount, 'it is no message')
      }
      size = read.end
    }
  }
  const segment = names.length === 0 ? 1 : segmentNumberOf(names.at(-1) as string)
  return { point: { segment, size, tornBytes, seal, block, blockBytes }, recordCount }
}

type Content = Envelope | { readonly seal: string } | { readonly segment: number; readonly after: string }

function contentOf(bytes: Buffer): Content {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Content) : ({} as Content)
  } catch {
    return {} as Content
  }
}

function damaged(name: string, offset: number, record: number | null, what: string): BarfinexError {
  const which = record === null ? 'The record' : `Record ${record}`
  return new BarfinexError(
    'journal.damaged',
    `${which} at byte ${offset} of ${name} is damaged: ${what}. Restore the journal from a copy; nothing was changed.`,
    { details: { file: name, offset, ...(record === null ? {} : { record }) } },
  )
}
