import { createHash, type Hash } from 'node:crypto'
import { closeSync, fdatasync, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { CancelTask } from '../runtime/clock.js'
import { BarfinexError } from '../runtime/error.js'
import { nextTurn } from '../runtime/next-turn.js'
import { createWallTimer } from '../runtime/wall-timer.js'
import { frameRecord, longestContent } from './journal-record.js'
import { segmentNameOf } from './segments.js'

export type FsyncPolicy = 'always' | 'interval' | 'never'

/** Where the last writer stopped. */
export interface WritePoint {
  readonly segment: number
  /** Bytes of that segment that are whole; 0 for a segment without its first record. */
  readonly size: number
  /** Bytes after them, from a write that was cut short. */
  readonly tornBytes: number
  readonly seal: string
  /** The block since that seal. */
  readonly block: Hash
  readonly blockBytes: number
}

export interface WriterOptions {
  readonly directory: string
  readonly fsync: FsyncPolicy
  readonly segmentBytes: number
  /** A segment is whole and on the disk; `next` has been begun. */
  readonly onSegment?: (next: number) => void
}

/** A seal stands at the latest after so many bytes. */
const sealEvery = 65_536
const intervalMs = 1_000
export const genesis = '0'.repeat(64)

export function newBlock(seal: string): Hash {
  return createHash('sha256').update(seal)
}

/**
 * Appends records to the segments of a journal, seals them by block and brings them to the disk.
 *
 * Bytes go to the operating system at the end of the turn of the event loop, or at once when somebody flushes: a copy into its
 * cache, in the order of appending. Only the wait for the disk itself is asynchronous. The first failure is the last act.
 */
export class SegmentWriter {
  fault: BarfinexError | null = null
  private readonly timer = createWallTimer()
  private descriptor: number
  private segment: number
  private size: number
  private seal: string
  private block: Hash
  private blockBytes: number
  private waiting: Buffer[] = []
  private waitingBytes = 0
  private isTurnAsked = false
  private isClosed = false
  private isDirty = false
  private syncing: Promise<void> | null = null
  private cancelSync: CancelTask | null = null

  constructor(
    private readonly options: WriterOptions,
    point: WritePoint,
  ) {
    this.segment = point.segment
    this.size = point.size
    this.seal = point.seal
    this.block = point.block
    this.blockBytes = point.blockBytes
    this.descriptor = openSync(join(options.directory, segmentNameOf(point.segment)), 'a', 0o600)
    if (point.tornBytes > 0) ftruncateSync(this.descriptor, point.size)
    if (point.size === 0) this.begin()
  }

  /** Where reading may go: what has been handed to the operating system. */
  get end(): { readonly segment: number; readonly size: number } {
    return { segment: this.segment, size: this.size }
  }

  append(content: Buffer): void {
    if (this.isClosed) this.fail('it is closed')
    if (this.fault !== null) return
    if (content.length > longestContent) this.fail(`a message of ${content.length} bytes is too long`)
    else this.take(content)
  }

  private take(content: Buffer): void {
    this.put(frameRecord(content))
    if (this.blockBytes >= sealEvery) this.putSeal()
    if (this.waitingBytes >= sealEvery) this.write()
    else this.askForTurn()
  }

  /** Hands everything to the operating system now. */
  write(): void {
    if (this.waitingBytes === 0 || this.fault !== null) return
    try {
      this.handOver()
      if (this.size >= this.options.segmentBytes) this.nextSegment()
    } catch (cause) {
      this.fail(cause)
    }
  }

  private handOver(): void {
    const bytes = this.waiting.length === 1 ? (this.waiting[0] as Buffer) : Buffer.concat(this.waiting)
    this.waiting = []
    this.waitingBytes = 0
    for (let done = 0; done < bytes.length; ) done += writeSync(this.descriptor, bytes, done)
    this.size += bytes.length
    this.isDirty = true
    if (this.options.fsync === 'interval') this.cancelSync ??= this.timer.after(intervalMs, () => this.syncLater())
  }

  /** Brings everything handed over so far to the disk; `undefined` when it is there. */
  sync(): Promise<void> | undefined {
    if (this.fault !== null) return Promise.reject(this.fault)
    // What was written after the running sync began is not covered by it.
    if (this.syncing !== null) return this.isDirty ? this.syncing.then(() => this.sync()) : this.syncing
    if (!this.isDirty) return undefined
    this.isDirty = false
    this.syncing = new Promise<void>((resolve, reject) => {
      fdatasync(this.descriptor, (cause) => {
        this.syncing = null
        if (cause === null) resolve()
        else reject(this.fail(cause))
      })
    })
    return this.syncing
  }

  /** Seals and writes the rest, waits for the disk where that was promised, and lets go of the file. Rejects with `fault`. */
  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    this.cancelSync?.()
    if (this.blockBytes > 0 && this.fault === null) this.putSeal()
    this.write()
    try {
      if (this.options.fsync !== 'never') await this.sync()
    } finally {
      closeSync(this.descriptor)
    }
    if (this.fault !== null) throw this.fault
  }

  private put(frame: Buffer): void {
    this.waiting.push(frame)
    this.waitingBytes += frame.length
    this.block.update(frame)
    this.blockBytes += frame.length
  }

  /** The seal covers the one before it and every byte since. It is not part of a block itself. */
  private putSeal(): void {
    this.seal = this.block.digest('hex')
    this.block = newBlock(this.seal)
    this.blockBytes = 0
    const frame = frameRecord(Buffer.from(JSON.stringify({ seal: this.seal })))
    this.waiting.push(frame)
    this.waitingBytes += frame.length
  }

  private askForTurn(): void {
    if (this.isTurnAsked) return
    this.isTurnAsked = true
    void nextTurn().then(() => {
      this.isTurnAsked = false
      this.write()
    })
  }

  private syncLater(): void {
    this.cancelSync = null
    // Its failure is kept in `fault`, for whoever flushes next.
    this.sync()?.catch(() => {})
  }

  /** The first record of a segment says where it belongs, so a missing or moved file is found. */
  private begin(): void {
    this.put(frameRecord(Buffer.from(JSON.stringify({ segment: this.segment, after: this.seal }))))
    this.write()
    if (this.fault !== null) throw this.fault
    if (this.options.fsync === 'never') return
    // A file is on the disk only when its directory is.
    fdatasyncSync(this.descriptor)
    const directory = openSync(this.options.directory, 'r')
    fsyncSync(directory)
    closeSync(directory)
  }

  private nextSegment(): void {
    if (this.blockBytes > 0) {
      this.putSeal()
      this.handOver()
    }
    // An older file that ends too early could not be told from a damaged one.
    if (this.options.fsync !== 'never') fdatasyncSync(this.descriptor)
    const before = this.descriptor
    this.descriptor = openSync(join(this.options.directory, segmentNameOf(this.segment + 1)), 'a', 0o600)
    this.segment += 1
    this.size = 0
    const release = () => closeSync(before)
    if (this.syncing === null) release()
    else this.syncing.then(release, release)
    if (fstatSync(this.descriptor).size > 0) throw new Error(`${segmentNameOf(this.segment)} is there already`)
    this.begin()
    this.options.onSegment?.(this.segment)
  }

  private fail(cause: unknown): BarfinexError {
    const what = cause instanceof Error ? cause.message : String(cause)
    this.fault ??= new BarfinexError(
      'journal.write-failed',
      `The journal in ${this.options.directory} cannot be written: ${what}. Nothing is sent from now on. Free the disk and start again.`,
      { cause },
    )
    return this.fault
  }
}
