import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { BarfinexError, closeTimeOf, type Instrument, schemas, type Timeframe, timeframeMs } from '@barfinex/core'
import { z } from 'zod'
import { decodeEvents } from './btape-codec.js'
import { type CandleColumns, candleEvents } from './candle-columns.js'
import { ColumnBuilder } from './column-builder.js'
import { readChunks } from './read-chunks.js'
import { btapeMagic } from './record-tape.js'
import type { Tape, TapeEvent, TapeGaps } from './tape.js'
import { tapeFault } from './tape-fault.js'

const header = z.object({ instruments: z.array(schemas.instrument).min(1).max(255) })
const longestBlock = 1 << 28

/** True for the paths of our own format. */
export function isBtape(path: string): boolean {
  return path.endsWith('.btape') || path.endsWith('.btape.gz')
}

/** Opens a tape of ours. One that holds nothing but the candles of one symbol and timeframe becomes a candle tape. */
export function readBtape(path: string): Tape {
  const hash = createHash('sha256')
  const reader = new BtapeReader(path)
  const candles = new CandleCollector()
  const has = { trades: false, quotes: false, book: false }
  const candleTimeframes = new Set<Timeframe>()
  let count = 0
  let startAt = Number.NaN
  let endAt = Number.NaN
  for (const event of reader.events((stored) => hash.update(stored))) {
    if (count === 0) startAt = event.at
    if (event.at < endAt) {
      throw tapeFault({ path, row: count + 1 }, 'the event is earlier than the one before', 'Record the tape again.')
    }
    endAt = event.at
    count += 1
    if (event.type === 'trade') has.trades = true
    else if (event.type === 'quote') has.quotes = true
    else if (event.type === 'book') has.book = true
    else if (event.type === 'candle') candleTimeframes.add(event.candle.timeframe)
    candles.add(event)
  }
  if (count === 0) throw tapeFault({ path }, 'it holds no event', 'Record something first.')
  const { instruments, isComplete } = reader
  const facts = { path, instruments, contentHash: hash.digest('hex'), count, isComplete }
  const columns = candles.columns()
  if (columns !== null) {
    return {
      ...facts,
      kind: 'candles',
      symbols: [columns.symbol],
      instruments: instruments.filter((instrument) => instrument.symbol === columns.symbol),
      startAt: columns.openTime[0]!,
      endAt: closeTimeOf(columns.timeframe, columns.openTime[count - 1]!),
      timeframe: columns.timeframe,
      columns,
      volumeUnit: 'base',
      gaps: gapsOf(columns),
      offGridCount: 0,
      events: () => candleEvents(columns),
    }
  }
  return {
    ...facts,
    kind: 'events',
    symbols: instruments.map((instrument) => instrument.symbol),
    startAt,
    endAt: endAt + 1,
    timeframe: null,
    has,
    candleTimeframes: [...candleTimeframes],
    skippedCount: 0,
    events: () => new BtapeReader(path).events(),
  }
}

/** Instruments of a tape of ours, without reading its events. */
export function readBtapeHeader(path: string): readonly Instrument[] {
  const reader = new BtapeReader(path)
  const first = reader.events()
  first.next()
  first.return(undefined)
  return reader.instruments
}

class BtapeReader {
  instruments: readonly Instrument[] = []
  isComplete = false

  constructor(private readonly path: string) {}

  *events(watch?: (stored: Uint8Array) => void): Generator<TapeEvent> {
    const { path } = this
    const source = new ByteSource(readChunks(path, watch))
    const magic = source.take(btapeMagic.length)
    if (magic === null || magic.some((byte, index) => index < 7 && byte !== btapeMagic[index])) {
      throw tapeFault({ path }, 'it does not begin like a btape', 'Record it with recordTape or convert a candle file.')
    }
    if (magic[7] !== btapeMagic[7]) {
      throw tapeFault(
        { path },
        `it is of version ${magic[7]}, and this release reads version ${btapeMagic[7]}`,
        'Update.',
      )
    }
    this.readHeader(source)
    const symbols = this.instruments.map((instrument) => instrument.symbol)
    let count = 0
    for (;;) {
      const frame = source.take(8)
      if (frame === null) return
      const view = new DataView(frame.buffer, frame.byteOffset, 8)
      const length = view.getUint32(0, true)
      const content = length > longestBlock ? null : source.take(length === 0 ? 8 : length)
      if (content === null && length <= longestBlock) return
      if (content === null || crc32(content) !== view.getUint32(4, true)) {
        throw tapeFault(
          { path, row: count + 1 },
          'the block from here on is damaged',
          'Record or fetch the tape again.',
        )
      }
      if (length === 0) {
        const promised = new DataView(content.buffer, content.byteOffset, 8).getFloat64(0, true)
        if (promised !== count)
          throw tapeFault({ path }, `it holds ${count} events and not ${promised}`, 'Record it again.')
        this.isComplete = true
        return
      }
      try {
        for (const event of decodeEvents(content, symbols)) {
          count += 1
          yield event
        }
      } catch (cause) {
        if (!(cause instanceof RangeError) || BarfinexError.is(cause)) throw cause
        throw tapeFault({ path, row: count + 1 }, cause.message, 'Record or fetch the tape again.')
      }
    }
  }

  private readHeader(source: ByteSource): void {
    const { path } = this
    const frame = source.take(8)
    const view = frame === null ? null : new DataView(frame.buffer, frame.byteOffset, 8)
    const length = view?.getUint32(0, true) ?? 0
    const stored = length === 0 || length > longestBlock ? null : source.take(length)
    const content = stored !== null && crc32(stored) === view?.getUint32(4, true) ? stored : null
    let parsed: unknown = null
    try {
      if (content !== null) parsed = JSON.parse(new TextDecoder().decode(content))
    } catch {
      // Falls through to the same refusal as a header that says the wrong things.
    }
    const checked = header.safeParse(parsed)
    if (!checked.success) throw tapeFault({ path }, 'its header is damaged', 'Record or fetch the tape again.')
    this.instruments = checked.data.instruments
  }
}

/** Takes exact numbers of bytes from pieces of any length. */
class ByteSource {
  private piece = new Uint8Array(0)

  constructor(private readonly pieces: Iterator<Uint8Array>) {}

  /** The next `count` bytes, or `null` when fewer are left. */
  take(count: number): Uint8Array | null {
    while (this.piece.length < count) {
      const next = this.pieces.next()
      if (next.done === true) return null
      const joined = new Uint8Array(this.piece.length + next.value.length)
      joined.set(this.piece)
      joined.set(next.value, this.piece.length)
      this.piece = joined
    }
    const taken = this.piece.slice(0, count)
    this.piece = this.piece.subarray(count)
    return taken
  }
}

/** Gathers columns as long as everything is a candle of one symbol and timeframe, in order and not revised. */
class CandleCollector {
  private first: { readonly symbol: string; readonly timeframe: Timeframe } | null = null
  private isUniform = true
  private newest = Number.NEGATIVE_INFINITY
  private count = 0
  private readonly builders = Array.from({ length: 7 }, () => new ColumnBuilder())

  add(event: TapeEvent): void {
    if (!this.isUniform) return
    if (event.type !== 'candle') {
      this.isUniform = false
      return
    }
    const { candle } = event
    this.first ??= { symbol: candle.symbol, timeframe: candle.timeframe }
    const { symbol, timeframe, openTime } = candle
    if (symbol !== this.first.symbol || timeframe !== this.first.timeframe || openTime <= this.newest) {
      this.isUniform = false
      return
    }
    this.newest = openTime
    this.count += 1
    const values = [openTime, candle.open, candle.high, candle.low, candle.close, candle.volume, candle.tradeCount]
    for (const [index, value] of values.entries()) this.builders[index]?.push(value)
  }

  columns(): CandleColumns | null {
    if (!this.isUniform || this.first === null) return null
    const [openTime, open, high, low, close, volume, tradeCount] = this.builders.map((it) => it.column()) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    return { ...this.first, count: this.count, openTime, open, high, low, close, volume, tradeCount, sides: null }
  }
}

function gapsOf({ openTime, count, timeframe }: CandleColumns): TapeGaps {
  const gaps = { count: 0, missing: 0, longestMs: 0 }
  for (let index = 1; index < count; index += 1) {
    const holeMs = openTime[index]! - closeTimeOf(timeframe, openTime[index - 1]!)
    if (holeMs <= 0) continue
    gaps.count += 1
    gaps.missing += Math.round(holeMs / timeframeMs(timeframe))
    gaps.longestMs = Math.max(gaps.longestMs, holeMs)
  }
  return gaps
}
