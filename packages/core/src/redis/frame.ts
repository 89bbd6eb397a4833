import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { refuseTooLong } from '../journal/message-length.js'
import { BarfinexError } from '../runtime/error.js'
import { parseHonest } from './columns/parse-honest.js'
import { decodeColumns, encodeColumns } from './frame-columns.js'
import { envelopeOfRow, rowOf } from './row.js'

/** Characters of the name that a bus gives itself at its start. */
export const instanceLength = 16
/** Longest frame that is read: nothing of ours comes near, and a stranger's text must not fill the memory. */
const longestFrame = 64 * 1_024 * 1_024
/** Messages from which on columns pay (`bench/redis`); fewer stay text, which a person can read in the stream. */
const fewestInColumns = 4

/** Messages of one channel that travel together, and which bus wrote them. */
export interface Frame {
  readonly instance: string
  readonly envelopes: readonly Envelope<never>[]
}

/** A frame as it is sent: text where it is text, so that it is made into bytes once, in the place from which it leaves. */
export type Encoded = string | Buffer

/** Writes messages of one channel as one frame: many as columns, few as JSON. */
export function encodeFrame(channel: Channel<never>, instance: string, envelopes: readonly Envelope<never>[]): Encoded {
  const inColumns = envelopes.length < fewestInColumns ? null : encodeColumns(channel, `C${instance}`, envelopes)
  return inColumns ?? `J${instance}${JSON.stringify(envelopes.map(rowOf))}`
}

/** Which bus wrote a frame; cheap, for a reader that passes over its own. */
export function instanceOf(frame: Buffer): string {
  return frame.toString('latin1', 1, 1 + instanceLength)
}

/**
 * Reads a frame that came from outside; `message.invalid` says what is wrong with it. What is to be journalled and could not be is
 * `message.too-long`: it is refused here, before anybody acts upon it.
 */
export function decodeFrame(channel: Channel<never>, frame: Buffer): Frame {
  const read = readFrame(channel, frame)
  if (channel.journalled) for (const { payload } of read.envelopes) refuseTooLong(channel.name, payload)
  return read
}

function readFrame(channel: Channel<never>, frame: Buffer): Frame {
  if (frame.length > longestFrame || frame.length < 1 + instanceLength) refuse(channel, `${frame.length} bytes long`)
  const instance = instanceOf(frame)
  const form = String.fromCharCode(frame[0] ?? 0)
  if (form === 'C') return { instance, envelopes: readColumns(channel, frame.subarray(1 + instanceLength)) }
  if (form !== 'J') refuse(channel, 'in a form that this version does not know')
  const rows = parseRows(channel, frame.toString('utf8', 1 + instanceLength))
  return { instance, envelopes: rows.map((row) => envelopeOfRow(channel, row)) }
}

function readColumns(channel: Channel<never>, body: Buffer): readonly Envelope<never>[] {
  try {
    return decodeColumns(channel, body)
  } catch (cause) {
    refuse(channel, `not to be read (${cause instanceof Error ? cause.message : 'it is damaged'})`)
  }
}

function parseRows(channel: Channel<never>, text: string): readonly unknown[] {
  let rows: unknown
  try {
    rows = parseHonest(text)
  } catch (cause) {
    refuse(channel, cause instanceof Error ? `not to be read (${cause.message})` : 'not to be read')
  }
  if (!Array.isArray(rows)) refuse(channel, 'no list')
  return rows as readonly unknown[]
}

function refuse(channel: Channel<never>, why: string): never {
  throw new BarfinexError('message.invalid', `A frame of ${channel.name} is ${why}. Mend its writer.`)
}
