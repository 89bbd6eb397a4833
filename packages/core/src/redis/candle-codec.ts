import { z } from 'zod'
import type { Envelope } from '../bus/envelope.js'
import type { Candle } from '../flow/1-market.js'
import type { Channel } from '../flow/channel.js'
import { flow } from '../flow/map.js'
import { identifier, symbol, timeframe } from '../flow/primitives.js'
import { BarfinexError } from '../runtime/error.js'
import { envelopeOf } from './message.js'

/**
 * Closed candles as records of fixed length, for they are many: a head of JSON with what all candles of a writer, symbol and
 * timeframe have in common, then 88 bytes each. Reading checks everything the channel's schema does.
 */
const recordBytes = 88
const provenances = ['live', 'repaired', 'synthetic', 'tape'] as const
const longestCount = 4_294_967_295
const latestMs = 8_640_000_000_000_000

const lane = z.tuple([identifier, z.number().int().nonnegative(), symbol, timeframe])
const head = z.object({ version: z.literal(flow.candle.version), lanes: z.array(lane).max(65_536) })
type Lane = z.infer<typeof lane>

/** True for the channel that this is for. */
export function isCandleChannel(channel: Channel<never>): boolean {
  return channel.name === flow.candle.name
}

/** The records of candles, or `null` when one of them does not fit: it has a cause, or a number beyond 32 bits. */
export function encodeCandles(envelopes: readonly Envelope<never>[]): Buffer | null {
  const lanes: Lane[] = []
  const laneOf = new Map<string, number>()
  const records = Buffer.allocUnsafe(envelopes.length * recordBytes)
  let at = 0
  for (const envelope of envelopes) {
    const candle: Candle = envelope.payload
    const { source, epoch, seq, receivedAt } = envelope
    const provenance = provenances.indexOf(candle.provenance)
    if (envelope.causationId !== envelope.id || provenance < 0 || !isShort(seq)) return null
    if (!isShort(candle.tradeCount) || !isShort(candle.revision)) return null
    const name = `${source}|${epoch}|${envelope.key}`
    let index = laneOf.get(name)
    if (index === undefined) {
      index = lanes.push([source, epoch, candle.symbol, candle.timeframe]) - 1
      laneOf.set(name, index)
    }
    records.writeUInt16LE(index, at)
    records[at + 2] = (candle.isFinal ? 1 : 0) | (receivedAt === undefined ? 0 : 2)
    records[at + 3] = provenance
    records.writeUInt32LE(candle.tradeCount, at + 4)
    records.writeUInt32LE(candle.revision, at + 8)
    records.writeUInt32LE(seq, at + 12)
    const { openTime, closeTime, open, high, low, close, volume } = candle
    const numbers = [openTime, closeTime, open, high, low, close, volume, envelope.occurredAt, receivedAt ?? 0]
    for (const [place, number] of numbers.entries()) records.writeDoubleLE(number, at + 16 + place * 8)
    at += recordBytes
  }
  const text = Buffer.from(JSON.stringify({ version: flow.candle.version, lanes }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  return Buffer.concat([length, text, records])
}

/** Reads what {@link encodeCandles} wrote; `message.invalid` when it is anything else. */
export function decodeCandles(channel: Channel<never>, body: Buffer): readonly Envelope<never>[] {
  const headEnd = body.length < 4 ? 0 : 4 + body.readUInt32LE(0)
  if (headEnd < 4 || headEnd > body.length || (body.length - headEnd) % recordBytes !== 0)
    refuse('of no length that fits')
  const lanes = lanesOf(body.toString('utf8', 4, headEnd))
  const envelopes: Envelope<never>[] = []
  for (let at = headEnd; at < body.length; at += recordBytes) {
    const own = lanes[body.readUInt16LE(at)]
    if (own === undefined) refuse('of a series that it does not name')
    envelopes.push(envelopeAt(channel, own, body, at))
  }
  return envelopes
}

function envelopeAt(
  channel: Channel<never>,
  [source, epoch, name, frame]: Lane,
  body: Buffer,
  at: number,
): Envelope<never> {
  const flags = body[at + 2] ?? 0
  const provenance = provenances[body[at + 3] ?? 255]
  if (provenance === undefined || flags > 3) refuse('of no known origin')
  const receivedAt = instantAt(body, at + 80)
  const payload: Candle = {
    symbol: name,
    timeframe: frame,
    openTime: instantAt(body, at + 16),
    closeTime: instantAt(body, at + 24),
    open: priceAt(body, at + 32),
    high: priceAt(body, at + 40),
    low: priceAt(body, at + 48),
    close: priceAt(body, at + 56),
    volume: volumeAt(body, at + 64),
    tradeCount: body.readUInt32LE(at + 4),
    isFinal: (flags & 1) === 1,
    provenance,
    revision: body.readUInt32LE(at + 8),
  }
  return envelopeOf(channel, {
    source,
    epoch,
    seq: body.readUInt32LE(at + 12),
    key: channel.keyOf(payload as never),
    occurredAt: instantAt(body, at + 72),
    receivedAt: (flags & 2) === 0 ? undefined : receivedAt,
    cause: undefined,
    payload,
  })
}

function lanesOf(text: string): readonly Lane[] {
  let parsed: unknown = null
  try {
    parsed = JSON.parse(text)
  } catch {
    refuse('without a head that can be read')
  }
  const checked = head.safeParse(parsed)
  return checked.success ? checked.data.lanes : refuse('with a head of another version')
}

function instantAt(body: Buffer, at: number): number {
  const value = body.readDoubleLE(at)
  return Number.isInteger(value) && value >= 0 && value <= latestMs ? value : refuse('at no instant')
}

function priceAt(body: Buffer, at: number): number {
  const value = body.readDoubleLE(at)
  return value > 0 && value < Number.POSITIVE_INFINITY ? value : refuse('at no price')
}

function volumeAt(body: Buffer, at: number): number {
  const value = body.readDoubleLE(at)
  return value >= 0 && value < Number.POSITIVE_INFINITY ? value : refuse('of no volume')
}

function isShort(count: number): boolean {
  return Number.isInteger(count) && count >= 0 && count <= longestCount
}

function refuse(why: string): never {
  throw new BarfinexError('message.invalid', `A frame of ${flow.candle.name} holds a candle ${why}. Mend its writer.`)
}
