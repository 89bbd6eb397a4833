import { readdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { readRecord } from './journal-record.js'

const segmentName = /^journal-(\d{6})\.log$/

/** The files of a journal directory, oldest first. */
export function segmentsOf(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => segmentName.test(name))
    .sort()
}

export function segmentNameOf(number: number): string {
  return `journal-${String(number).padStart(6, '0')}.log`
}

export function segmentNumberOf(name: string): number {
  return Number(segmentName.exec(name)?.[1])
}

/** What stands at a place of a segment. */
export type SegmentRead =
  | {
      readonly type: 'record'
      readonly content: Buffer
      readonly frame: Buffer
      readonly offset: number
      readonly end: number
    }
  | { readonly type: 'torn'; readonly offset: number }
  | { readonly type: 'damaged'; readonly offset: number; readonly what: string }

const pieceBytes = 262_144

/**
 * Reads a segment record by record, holding a piece of it at a time. Ends after the first place that is torn or damaged.
 * Reads no further than `size`, so a file may be read while it grows; begins at `from`, where a record has to begin.
 */
export async function* readSegment(
  directory: string,
  name: string,
  size: number,
  from = 0,
): AsyncGenerator<SegmentRead> {
  const file = await open(join(directory, name), 'r')
  try {
    let piece = Buffer.alloc(0)
    let pieceAt = from
    let offset = 0
    while (pieceAt + offset < size) {
      const isEnd = pieceAt + piece.length >= size
      const read = readRecord(piece, offset, isEnd)
      if (read.type === 'record') {
        const frame = piece.subarray(offset, read.end)
        yield { type: 'record', content: read.content, frame, offset: pieceAt + offset, end: pieceAt + read.end }
        offset = read.end
      } else if (read.type === 'more') {
        pieceAt += offset
        const wanted = Math.min(Math.max(read.wantedBytes, pieceBytes), size - pieceAt)
        piece = Buffer.allocUnsafe(wanted)
        offset = 0
        let filled = 0
        while (filled < wanted) {
          const { bytesRead } = await file.read(piece, filled, wanted - filled, pieceAt + filled)
          if (bytesRead === 0) break
          filled += bytesRead
        }
        if (filled < wanted) {
          yield { type: 'torn', offset: pieceAt }
          return
        }
      } else {
        const at = pieceAt + offset
        yield read.type === 'torn' ? { type: 'torn', offset: at } : { type: 'damaged', offset: at, what: read.what }
        return
      }
    }
  } finally {
    await file.close()
  }
}
