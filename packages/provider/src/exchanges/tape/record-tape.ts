import { closeSync, openSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { BarfinexError, type Clock, type Instrument } from '@barfinex/core'
import type { MarketSink } from '../exchange.js'
import { EventEncoder } from './btape-codec.js'
import type { TapeEvent } from './tape.js'

/**
 * `.btape`, version 1: the 8 bytes `BTAPE`, 0, 0, 1, then blocks of length as uint32, CRC-32 as uint32 and content. The first
 * is the header, JSON with the instruments; the others hold records. The end is a length of 0, the CRC-32 of what follows,
 * and the number of events as float64. Little-endian throughout. A file without its end was cut off; all whole blocks before
 * that can be read.
 */
export const btapeMagic = new Uint8Array([0x42, 0x54, 0x41, 0x50, 0x45, 0, 0, 1])

const blockBytes = 1 << 16

/** Writes market events to a `.btape` file. */
export interface TapeRecorder extends MarketSink {
  /** Events written so far. */
  readonly count: number
  /** Writes the end. Harmless twice; without it the tape reads as cut off. */
  close(): void
}

export interface RecordTapeOptions {
  /** Instruments of every symbol that will come. At most 255. */
  readonly instruments: readonly Instrument[]
  /** Tells when each event became known. */
  readonly clock: Pick<Clock, 'now'>
}

/**
 * Records what an exchange's market side says: give it to `follow`, or call it beside the real sink.
 *
 * @example
 * const recorder = recordTape('today.btape', { instruments, clock })
 * exchange.follow(recorder)
 * recorder.close()
 */
export function recordTape(path: string, options: RecordTapeOptions): TapeRecorder {
  const { clock } = options
  const writer = createTapeWriter(path, options.instruments)
  return {
    trade: (trade) => writer.write({ type: 'trade', at: clock.now(), trade }),
    quote: (quote) => writer.write({ type: 'quote', at: clock.now(), quote }),
    book: (change) => writer.write({ type: 'book', at: clock.now(), change }),
    candle: (candle) => writer.write({ type: 'candle', at: clock.now(), candle }),
    feed: (feed) => writer.write({ type: 'feed', at: clock.now(), feed }),
    get count() {
      return writer.count
    },
    close: () => writer.close(),
  }
}

/** Writes events to a `.btape` file as they are, for instance to turn a CSV tape into one of ours. Returns their number. */
export function writeTape(path: string, instruments: readonly Instrument[], events: Iterable<TapeEvent>): number {
  const writer = createTapeWriter(path, instruments)
  try {
    for (const event of events) writer.write(event)
  } finally {
    writer.close()
  }
  return writer.count
}

function createTapeWriter(path: string, instruments: readonly Instrument[]) {
  if (instruments.length === 0 || instruments.length > 255) {
    throw new BarfinexError('options.invalid', `A tape has 1 to 255 instruments, not ${instruments.length}.`)
  }
  const encoder = new EventEncoder(instruments.map((instrument) => instrument.symbol))
  const descriptor = openSync(path, 'w')
  const header = new TextEncoder().encode(JSON.stringify({ instruments }))
  writeSync(descriptor, btapeMagic)
  writeBlock(header.length, header)
  let count = 0
  let isOpen = true

  function flush(): void {
    const block = encoder.take()
    if (block.length > 0) writeBlock(block.length, block)
  }

  function writeBlock(blockLength: number, content: Uint8Array): void {
    const frame = new Uint8Array(8 + content.length)
    const view = new DataView(frame.buffer)
    view.setUint32(0, blockLength, true)
    view.setUint32(4, crc32(content), true)
    frame.set(content, 8)
    writeSync(descriptor, frame)
  }

  return {
    get count() {
      return count
    },
    write(event: TapeEvent): void {
      if (!isOpen) return
      encoder.write(event)
      count += 1
      if (encoder.byteLength >= blockBytes) flush()
    },
    close(): void {
      if (!isOpen) return
      isOpen = false
      flush()
      const end = new Uint8Array(8)
      new DataView(end.buffer).setFloat64(0, count, true)
      writeBlock(0, end)
      closeSync(descriptor)
    },
  }
}
