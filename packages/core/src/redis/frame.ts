import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { BarfinexError } from '../runtime/error.js'
import { decodeCandles, encodeCandles, isCandleChannel } from './candle-codec.js'
import { envelopeOfRow, rowOf } from './row.js'

/** Characters of the name that a bus gives itself at its start. */
export const instanceLength = 16
/** Longest frame that is read: nothing of ours comes near, and a stranger's text must not fill the memory. */
const longestFrame = 64 * 1_024 * 1_024

/** Messages of one channel that travel together, and which bus wrote them. */
export interface Frame {
  readonly instance: string
  readonly envelopes: readonly Envelope<never>[]
}

/** A frame as it is sent: text where it is text, so that it is made into bytes once, in the place from which it leaves. */
export type Encoded = string | Buffer

/** Writes messages of one channel as one frame: settled data as records where they fit, everything else as JSON. */
export function encodeFrame(channel: Channel<never>, instance: string, envelopes: readonly Envelope<never>[]): Encoded {
  const records = isCandleChannel(channel) ? encodeCandles(envelopes) : null
  if (records !== null) return Buffer.concat([Buffer.from(`C${instance}`), records])
  return `J${instance}${JSON.stringify(envelopes.map(rowOf))}`
}

/** Which bus wrote a frame; cheap, for a reader that passes over its own. */
export function instanceOf(frame: Buffer): string {
  return frame.toString('latin1', 1, 1 + instanceLength)
}

/** Reads a frame that came from outside; `message.invalid` says what is wrong with it. */
export function decodeFrame(channel: Channel<never>, frame: Buffer): Frame {
  if (frame.length > longestFrame || frame.length < 1 + instanceLength) refuse(channel, `${frame.length} bytes long`)
  const form = String.fromCharCode(frame[0] ?? 0)
  if (form === 'C' && isCandleChannel(channel)) {
    return { instance: instanceOf(frame), envelopes: decodeCandles(channel, frame.subarray(1 + instanceLength)) }
  }
  if (form !== 'J') refuse(channel, 'in a form that this version does not know')
  const rows = parseRows(channel, frame.toString('utf8', 1 + instanceLength))
  return { instance: instanceOf(frame), envelopes: rows.map((row) => envelopeOfRow(channel, row)) }
}

function parseRows(channel: Channel<never>, text: string): readonly unknown[] {
  let rows: unknown
  try {
    // A name that reaches into the prototype of what it is copied to, written out or in escapes, is nobody's honest member.
    rows = text.includes('__proto__') || text.includes('\\u00') ? JSON.parse(text, refusePrototype) : JSON.parse(text)
  } catch (cause) {
    refuse(channel, cause instanceof Error ? `not to be read (${cause.message})` : 'not to be read')
  }
  if (!Array.isArray(rows)) refuse(channel, 'no list')
  return rows as readonly unknown[]
}

function refusePrototype(name: string, value: unknown): unknown {
  if (name === '__proto__') throw new Error('it names __proto__')
  return value
}

function refuse(channel: Channel<never>, why: string): never {
  throw new BarfinexError('message.invalid', `A frame of ${channel.name} is ${why}. Mend its writer.`)
}
