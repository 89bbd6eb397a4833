import { crc32 } from 'node:zlib'

/** Bytes before a record's content: its length, the length's complement, and the content's CRC-32, little-endian. */
export const headerBytes = 12
/** Bytes of content that a record may have. The largest messages have a few ten thousand. */
export const longestContent = 16_777_216

/** Frames content for the journal. */
export function frameRecord(content: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + content.length)
  frame.writeUInt32LE(content.length, 0)
  frame.writeUInt32LE(~content.length >>> 0, 4)
  frame.writeUInt32LE(crc32(content), 8)
  frame.set(content, headerBytes)
  return frame
}

export type RecordRead =
  | { readonly type: 'record'; readonly content: Buffer; readonly end: number }
  /** There is more of it in the file: so many bytes from `offset` on. */
  | { readonly type: 'more'; readonly wantedBytes: number }
  /** The write that made it was cut short: everything from here on was never acknowledged. */
  | { readonly type: 'torn' }
  | { readonly type: 'damaged'; readonly what: string }

/**
 * Reads the record at `offset` of a piece of a file; `isEnd` says that the file ends where the piece does. What was cut short is
 * told from what was changed: a torn write leaves the beginning of a record, or zeros; anything else that does not check is
 * damage, wherever it is.
 */
export function readRecord(bytes: Buffer, offset: number, isEnd: boolean): RecordRead {
  const left = bytes.length - offset
  if (left < headerBytes) return isEnd ? { type: 'torn' } : { type: 'more', wantedBytes: headerBytes }
  const length = bytes.readUInt32LE(offset)
  if (bytes.readUInt32LE(offset + 4) !== ~length >>> 0) {
    if (!isZero(bytes, offset)) return { type: 'damaged', what: 'its length does not check' }
    return isEnd ? { type: 'torn' } : { type: 'more', wantedBytes: left * 2 }
  }
  if (length > longestContent) return { type: 'damaged', what: 'it is too long' }
  const end = offset + headerBytes + length
  if (end > bytes.length) return isEnd ? { type: 'torn' } : { type: 'more', wantedBytes: end - offset }
  const content = bytes.subarray(offset + headerBytes, end)
  if (crc32(content) === bytes.readUInt32LE(offset + 8)) return { type: 'record', content, end }
  if (end === bytes.length && !isEnd) return { type: 'more', wantedBytes: left + 1 }
  // Content is JSON and never ends in a zero byte: such an end is a page that was never written.
  const isUnwritten = end === bytes.length && length > 0 && content[length - 1] === 0
  return isUnwritten ? { type: 'torn' } : { type: 'damaged', what: 'its checksum does not check' }
}

function isZero(bytes: Buffer, from: number): boolean {
  for (let index = from; index < bytes.length; index += 1) if (bytes[index] !== 0) return false
  return true
}
