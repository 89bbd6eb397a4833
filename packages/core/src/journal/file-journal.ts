import { createHash } from 'node:crypto'
import { closeSync, fdatasync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Envelope, plainEnvelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { channels } from '../flow/map.js'
import type { CancelTask } from '../runtime/clock.js'
import { BarfinexError } from '../runtime/error.js'
import { createWallTimer } from '../runtime/wall-timer.js'
import { createFactChain, type FactChain } from './fact-chain.js'
import type { Journal } from './journal.js'
import { frameRecord, headerBytes, readRecord } from './journal-record.js'

export interface FileJournalOptions {
  /** Made when it is not there. One journal, and one process at a time, per directory. */
  readonly directory: string
  /**
   * When written messages reach the disk itself. `always`: `flush` resolves after the disk has them: nothing acknowledged is
   * lost, not even with the power. `interval` (default): within a second; a killed process loses nothing, a power failure up to
   * that second. `never`: when the operating system likes; for backtests.
   */
  readonly fsync?: 'always' | 'interval' | 'never'
  /** A file is closed and the next one begun after so many bytes. */
  readonly segmentBytes?: number
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

const blockBytes = 65_536
const segmentName = /^journal-(\d{6})\.log$/
const genesis = '0'.repeat(64)
const byName = new Map<string, Channel<never>>(channels.map((it) => [it.name, it as unknown as Channel<never>]))

/**
 * Opens a journal directory for appending, after having read and checked all of it.
 *
 * Records are framed with length and checksum; after every block of 64 kB stands a seal, the SHA-256 of the seal before and
 * of the block, so a change anywhere is found, also one that mended its checksum. A torn end is cut off and reported in
 * `repair`; anything else that does not check is `journal.damaged` with the file and the place.
 *
 * @example
 * const journal = await createFileJournal({ directory: 'state/journal', fsync: 'always' })
 */
export async function createFileJournal(options: FileJournalOptions): Promise<FileJournal> {
  mkdirSync(options.directory, { recursive: true })
  const chain = createFactChain()
  const opened = openDirectory(options.directory, chain)
  return new OpenFileJournal(options, chain, opened)
}

interface OpenedDirectory {
  readonly segment: number
  readonly descriptor: number
  readonly segmentSize: number
  readonly seal: string
  readonly unsealed: Buffer[]
  readonly unsealedBytes: number
  readonly repair: JournalRepair
}

class OpenFileJournal implements FileJournal {
  fault: Error | null = null
  readonly repair: JournalRepair
  private total: number
  private segment: number
  private descriptor: number
  private segmentSize: number
  private seal: string
  private unsealed: Buffer[]
  private unsealedBytes: number
  private buffer: Buffer[] = []
  private bufferedBytes = 0
  private isDirty = false
  private syncing: Promise<void> | null = null
  private readonly stopInterval: CancelTask

  constructor(
    private readonly options: FileJournalOptions,
    private readonly chain: FactChain,
    opened: OpenedDirectory,
  ) {
    this.repair = opened.repair
    this.total = opened.repair.recordCount
    this.segment = opened.segment
    this.descriptor = opened.descriptor
    this.segmentSize = opened.segmentSize
    this.seal = opened.seal
    this.unsealed = opened.unsealed
    this.unsealedBytes = opened.unsealedBytes
    const isInterval = (options.fsync ?? 'interval') === 'interval'
    this.stopInterval = isInterval
      ? createWallTimer().every(1_000, () => {
          this.write()
          void this.sync()?.catch(() => {})
        })
      : () => {}
  }

  get count(): number {
    return this.total
  }

  append(envelope: Envelope, channel: Channel<never>): void {
    if (this.fault !== null) return
    this.total += 1
    this.chain.add(envelope, channel)
    this.put(Buffer.from(JSON.stringify(plainEnvelope(envelope))))
    if (this.bufferedBytes >= blockBytes) this.write()
  }

  flush(): Promise<void> | undefined {
    this.write()
    if (this.fault !== null) return Promise.reject(this.fault)
    return this.options.fsync === 'always' ? this.sync() : undefined
  }

  hash(): string {
    return this.chain.hash()
  }

  async *read(): AsyncIterable<Envelope> {
    this.write()
    if (this.fault !== null) throw this.fault
    for (const name of segmentsOf(this.options.directory)) {
      const bytes = readFileSync(join(this.options.directory, name))
      for (let offset = 0; offset < bytes.length; ) {
        const read = readRecord(bytes, offset)
        if (read.type !== 'record') throw damaged(name, offset, read.type === 'torn' ? 'it is cut short' : read.what)
        offset = read.end
        const envelope = messageOf(read.content)
        if (envelope !== null) yield envelope
      }
    }
  }

  async close(): Promise<void> {
    this.stopInterval()
    if (this.descriptor < 0) return
    this.write()
    if (this.options.fsync !== 'never') await this.sync()
    closeSync(this.descriptor)
    this.descriptor = -1
    if (this.fault !== null) throw this.fault
  }

  private put(content: Buffer): void {
    const frame = frameRecord(content)
    this.buffer.push(frame)
    this.bufferedBytes += frame.length
    this.unsealed.push(frame)
    this.unsealedBytes += frame.length
    if (this.unsealedBytes >= blockBytes) this.sealBlock()
  }

  private sealBlock(): void {
    this.seal = sealOf(this.seal, this.unsealed)
    this.unsealed = []
    this.unsealedBytes = 0
    const frame = frameRecord(Buffer.from(JSON.stringify({ seal: this.seal })))
    this.buffer.push(frame)
    this.bufferedBytes += frame.length
  }

  /** Hands what is buffered to the operating system. A failure is kept: nothing is written after it. */
  private write(): void {
    if (this.buffer.length === 0 || this.fault !== null || this.descriptor < 0) return
    const bytes = Buffer.concat(this.buffer)
    try {
      if (this.segmentSize > 0 && this.segmentSize + bytes.length > (this.options.segmentBytes ?? 67_108_864))
        this.nextSegment()
      for (let done = 0; done < bytes.length; ) done += writeSync(this.descriptor, bytes, done)
      this.segmentSize += bytes.length
      this.buffer = []
      this.bufferedBytes = 0
      this.isDirty = true
    } catch (cause) {
      this.fail(cause)
    }
  }

  private sync(): Promise<void> | undefined {
    if (this.syncing !== null) {
      // What was written after the running sync began is not covered by it.
      return this.isDirty ? this.syncing.then(() => this.sync()) : this.syncing
    }
    if (!this.isDirty || this.descriptor < 0) return undefined
    this.isDirty = false
    this.syncing = new Promise<void>((resolve, reject) => {
      fdatasync(this.descriptor, (cause) => {
        this.syncing = null
        if (cause === null || cause === undefined) resolve()
        else reject(this.fail(cause))
      })
    })
    return this.syncing
  }

  private nextSegment(): void {
    closeSync(this.descriptor)
    this.segment += 1
    this.descriptor = openSync(join(this.options.directory, nameOf(this.segment)), 'a+', 0o600)
    this.segmentSize = 0
  }

  private fail(cause: unknown): Error {
    const what = cause instanceof Error ? cause.message : String(cause)
    this.fault ??= new BarfinexError(
      'journal.write-failed',
      `The journal in ${this.options.directory} cannot be written: ${what}. Nothing is sent from now on. Free the disk and start again.`,
      { cause },
    )
    return this.fault
  }
}

function openDirectory(directory: string, chain: FactChain): OpenedDirectory {
  const names = segmentsOf(directory)
  let seal = genesis
  let unsealed: Buffer[] = []
  let recordCount = 0
  let tornBytes = 0
  let size = 0
  names.forEach((name, index) => {
    const bytes = readFileSync(join(directory, name))
    size = bytes.length
    for (let offset = 0; offset < bytes.length; ) {
      const read = readRecord(bytes, offset)
      if (read.type === 'torn' && index === names.length - 1) {
        tornBytes = bytes.length - offset
        size = offset
        break
      }
      if (read.type !== 'record') throw damaged(name, offset, read.type === 'torn' ? 'it is cut short' : read.what)
      const found = sealIn(read.content)
      if (found === null) {
        const envelope = messageOf(read.content)
        if (envelope === null) throw damaged(name, offset, 'it is no message')
        recordCount += 1
        const channel = byName.get(envelope.type)
        if (channel !== undefined) chain.add(envelope, channel)
        unsealed.push(bytes.subarray(offset, read.end))
      } else {
        if (found !== sealOf(seal, unsealed))
          throw damaged(name, offset, 'its seal does not match the records before it')
        seal = found
        unsealed = []
      }
      offset = read.end
    }
  })
  const segment = names.length === 0 ? 1 : Number(segmentName.exec(names.at(-1) as string)?.[1])
  const descriptor = openSync(join(directory, nameOf(segment)), 'a+', 0o600)
  if (tornBytes > 0) ftruncateSync(descriptor, size)
  return {
    segment,
    descriptor,
    segmentSize: size,
    seal,
    unsealed,
    unsealedBytes: unsealed.reduce((sum, it) => sum + it.length, 0),
    repair: { tornBytes, recordCount },
  }
}

function segmentsOf(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => segmentName.test(name))
    .sort()
}

function nameOf(segment: number): string {
  return `journal-${String(segment).padStart(6, '0')}.log`
}

function sealOf(previous: string, frames: readonly Buffer[]): string {
  const hash = createHash('sha256').update(previous)
  for (const frame of frames) hash.update(frame)
  return hash.digest('hex')
}

/** The seal in a record, or `null` when it is a message. */
function sealIn(content: Buffer): string | null {
  if (content.length > 100) return null
  const value = parse(content)
  return typeof value === 'object' && value !== null && 'seal' in value ? String(value.seal) : null
}

/** The message in a record, or `null` when it is a seal or no message at all. */
function messageOf(content: Buffer): Envelope | null {
  const value = parse(content)
  return typeof value === 'object' && value !== null && 'type' in value ? (value as Envelope) : null
}

function parse(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'))
  } catch {
    return null
  }
}

function damaged(name: string, offset: number, what: string): BarfinexError {
  return new BarfinexError(
    'journal.damaged',
    `The record at byte ${offset} of ${name} is damaged: ${what}. Restore the journal from a copy; nothing was changed.`,
    { details: { file: name, offset, headerBytes } },
  )
}
