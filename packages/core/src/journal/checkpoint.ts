import { createHash } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { open, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { nextTurn } from '../runtime/next-turn.js'
import type { FactChainState } from './fact-chain.js'
import { frameRecord, readRecord } from './journal-record.js'

/** A place between two segments: everything before it is covered. */
export interface Boundary {
  /** The segment that begins there. */
  readonly segment: number
  /** The seal that ends the segment before: what ties a checkpoint to this journal and no other. */
  readonly after: string
  readonly recordCount: number
  readonly chain: FactChainState
}

/** A boundary, and what a start has to know of what came before it. */
export interface Checkpoint {
  readonly boundary: Boundary
  readonly values: readonly unknown[]
}

const checkpointName = /^checkpoint-(\d{6})\.log$/
const unfinished = 'checkpoint.tmp'
const format = 1
/** After so many bytes other work gets its turn: checkpoints are made beside a desk that trades. */
const pieceBytes = 262_144
/** The newest may have been spoiled: then the one before it counts. */
const keptCount = 2

/** The checkpoints of a journal directory by name, newest first. */
export function checkpointsOf(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => checkpointName.test(name))
    .sort()
    .reverse()
}

/**
 * Writes a checkpoint beside the journal: under another name first, which becomes its own when the disk has all of it. So there is
 * either a whole one or none, wherever the process dies. Older ones but one are taken away. Returns its name.
 */
export async function writeCheckpoint(
  directory: string,
  version: number,
  boundary: Boundary,
  values: Iterable<unknown>,
): Promise<string> {
  const path = join(directory, unfinished)
  const name = `checkpoint-${String(boundary.segment).padStart(6, '0')}.log`
  try {
    await writeWhole(path, { format, version, ...boundary }, values)
    await rename(path, join(directory, name))
  } catch (error) {
    // A disk that is full needs its room.
    await unlink(path).catch(() => {})
    throw error
  }
  const own = await open(directory, 'r')
  await own.sync().finally(() => own.close())
  for (const old of checkpointsOf(directory).slice(keptCount)) rmSync(join(directory, old), { force: true })
  return name
}

async function writeWhole(path: string, header: object, values: Iterable<unknown>): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    const seal = createHash('sha256')
    const put = async (frame: Buffer) => {
      seal.update(frame)
      await file.writeFile(frame)
    }
    await put(frameOf(header))
    for (const value of values) await put(frameOf({ value }))
    await file.writeFile(frameOf({ seal: seal.digest('hex') }))
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Reads a checkpoint; `null` when it is not whole, not as it was written, of another format, or of a keeper of another version: then it is
 * as if it were not there. Rejects when the disk does not give it.
 */
export async function readCheckpoint(directory: string, name: string, version: number): Promise<Checkpoint | null> {
  const bytes = await readFile(join(directory, name))
  const seal = createHash('sha256')
  const values: unknown[] = []
  let boundary: Boundary | null = null
  let turnAt = pieceBytes
  for (let offset = 0; offset < bytes.length; ) {
    if (offset >= turnAt) {
      turnAt = offset + pieceBytes
      await nextTurn()
    }
    const read = readRecord(bytes, offset, true)
    if (read.type !== 'record') return null
    const content = parsed(read.content)
    if (content === null) return null
    if ('seal' in content) {
      const isWhole = read.end === bytes.length && content['seal'] === seal.digest('hex')
      return isWhole && boundary !== null ? { boundary, values } : null
    }
    seal.update(bytes.subarray(offset, read.end))
    offset = read.end
    if (boundary !== null) values.push(content['value'])
    else {
      if (content['format'] !== format || content['version'] !== version) return null
      boundary = content as unknown as Boundary
      if (boundary.segment !== Number(checkpointName.exec(name)?.[1])) return null
    }
  }
  return null
}

function frameOf(content: object): Buffer {
  return frameRecord(Buffer.from(JSON.stringify(content)))
}

function parsed(content: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(content.toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null
  } catch {
    return null
  }
}
