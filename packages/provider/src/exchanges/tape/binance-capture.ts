import { createHash } from 'node:crypto'
import { BarfinexError } from '@barfinex/core'
import { readLines } from './read-chunks.js'
import type { EventTape, TapeEvent } from './tape.js'
import { tapeFault } from './tape-fault.js'
import { type CaptureSidecar, instrumentOf } from './tape-sidecar.js'

type Level = readonly [price: string, quantity: string]

interface Frame {
  readonly stream?: string
  readonly data?: {
    readonly s?: string
    readonly E?: number
    readonly T?: number
    readonly t?: number
    readonly p?: string
    readonly q?: string
    readonly m?: boolean
    readonly U?: number
    readonly u?: number
    readonly b?: string | readonly Level[]
    readonly a?: string | readonly Level[]
    readonly B?: string
    readonly A?: string
  }
  readonly lastUpdateId?: number
  readonly bids?: readonly Level[]
  readonly asks?: readonly Level[]
}

/** Turns the lines of a capture into events; keeps what it has to remember from line to line. */
export interface CaptureDecoder {
  /** Events of one line, in order; none for lines that cannot be used. */
  decode(line: string): readonly TapeEvent[]
  /** Lines of other streams, book changes before or older than the snapshot, and crossed quotes. */
  readonly skippedCount: number
}

/**
 * Decodes Binance's combined stream as captured: `local time in nanoseconds, JSON`. Events carry the exchange's time; best
 * bid and ask have none of their own and get that of the newest event before them. A REST snapshot begins the book, and
 * changes chain on it as the exchange's rule says.
 *
 * @throws Error with a sentence about the line, when it is not what such a capture holds.
 */
export function createCaptureDecoder(symbol: string, exchangeSymbol: string): CaptureDecoder {
  let at = Number.NaN
  let lastSequence = -1
  let skippedCount = 0
  /** Quotes that came before anything told the time. */
  let held: TapeEvent[] = []

  function timed(time: number | undefined, make: (at: number) => TapeEvent): readonly TapeEvent[] {
    if (time !== undefined) {
      if (!Number.isSafeInteger(time)) throw new Error(`it has the time ${time}`)
      at = Number.isNaN(at) ? time : Math.max(at, time)
    }
    if (Number.isNaN(at)) {
      held.push(make(0))
      return []
    }
    const earlier = held
    held = []
    return [...earlier.map((event) => restamp(event, at)), make(at)]
  }

  function levelsOf(levels: unknown): [number, number][] {
    if (!Array.isArray(levels)) throw new Error('it has no levels')
    return levels.map(([price, quantity]: Level) => [positive(price), nonNegative(quantity)])
  }

  function decodeBook(firstId: number, lastId: number, frame: NonNullable<Frame['data']>): readonly TapeEvent[] {
    if (lastSequence < 0 || lastId <= lastSequence) {
      skippedCount += 1
      return []
    }
    const firstSequence = Math.max(firstId, lastSequence + 1)
    lastSequence = lastId
    const bids = levelsOf(frame.b)
    const asks = levelsOf(frame.a)
    return timed(frame.E, (occurredAt) => ({
      type: 'book',
      at: occurredAt,
      change: { symbol, kind: 'update', firstSequence, lastSequence: lastId, bids, asks, occurredAt },
    }))
  }

  return {
    decode(line) {
      const blank = line.indexOf(' ')
      const frame = JSON.parse(line.slice(blank + 1)) as Frame
      if (frame.lastUpdateId !== undefined) {
        const sequence = frame.lastUpdateId
        lastSequence = sequence
        const bids = levelsOf(frame.bids)
        const asks = levelsOf(frame.asks)
        return timed(undefined, (occurredAt) => ({
          type: 'book',
          at: occurredAt,
          change: { symbol, kind: 'snapshot', firstSequence: sequence, lastSequence: sequence, bids, asks, occurredAt },
        }))
      }
      const { data } = frame
      const [, kind = ''] = (frame.stream ?? '').split('@')
      if (data === undefined) throw new Error('it is neither a frame of a combined stream nor a snapshot')
      if (data.s !== undefined && data.s !== exchangeSymbol)
        throw new Error(`it is of ${data.s}, not ${exchangeSymbol}`)
      if (kind === 'trade') {
        return timed(data.T, (occurredAt) => ({
          type: 'trade',
          at: occurredAt,
          trade: {
            symbol,
            tradeId: String(data.t),
            price: positive(data.p),
            quantity: positive(data.q),
            takerSide: data.m === true ? 'sell' : 'buy',
            occurredAt: data.T ?? occurredAt,
          },
        }))
      }
      if (kind === 'depth') return decodeBook(data.U ?? Number.NaN, data.u ?? Number.NaN, data)
      if (kind === 'bookTicker') {
        const bid = positive(data.b)
        const ask = positive(data.a)
        if (bid < ask) {
          const sizes = { bidQuantity: nonNegative(data.B), askQuantity: nonNegative(data.A) }
          return timed(undefined, (occurredAt) => ({
            type: 'quote',
            at: occurredAt,
            quote: { symbol, bid, ask, ...sizes, occurredAt },
          }))
        }
      }
      skippedCount += 1
      return []
    },
    get skippedCount() {
      return skippedCount
    },
  }
}

/** Opens a capture: reads it once to check and count it, then again each time it is played. */
export function readBinanceCapture(path: string, sidecar: CaptureSidecar): EventTape {
  const { symbol } = sidecar
  const exchangeSymbol = `${sidecar.instrument.base}${sidecar.instrument.quote}`
  const hash = createHash('sha256')
  const has = { trades: false, quotes: false, book: false }
  let count = 0
  let startAt = Number.NaN
  let endAt = Number.NaN
  let skippedCount = 0

  function* events(watch?: (stored: Uint8Array) => void): Generator<TapeEvent> {
    const decoder = createCaptureDecoder(symbol, exchangeSymbol)
    let row = 0
    for (const line of readLines(path, watch)) {
      row += 1
      let decoded: readonly TapeEvent[]
      try {
        decoded = decoder.decode(line)
      } catch (cause) {
        if (BarfinexError.is(cause)) throw cause
        const wrong = cause instanceof Error ? cause.message : String(cause)
        throw tapeFault({ path, row }, wrong, 'A capture holds lines of "local time in nanoseconds, JSON frame".')
      }
      yield* decoded
    }
    skippedCount = decoder.skippedCount
  }

  for (const event of events((stored) => hash.update(stored))) {
    if (count === 0) startAt = event.at
    endAt = event.at
    count += 1
    if (event.type === 'trade') has.trades = true
    else if (event.type === 'quote') has.quotes = true
    else has.book = true
  }
  if (count === 0)
    throw tapeFault({ path }, 'it holds no event', 'Give a capture of trade, bookTicker or depth streams.')
  return {
    kind: 'events',
    path,
    symbols: [symbol],
    instruments: [instrumentOf(sidecar)],
    contentHash: hash.digest('hex'),
    startAt,
    endAt: endAt + 1,
    count,
    isComplete: true,
    timeframe: null,
    has,
    candleTimeframes: [],
    skippedCount,
    events: () => events(),
  }
}

function restamp(event: TapeEvent, at: number): TapeEvent {
  if (event.type === 'quote') return { ...event, at, quote: { ...event.quote, occurredAt: at } }
  if (event.type === 'book') return { ...event, at, change: { ...event.change, occurredAt: at } }
  return { ...event, at }
}

function positive(value: unknown): number {
  const number = nonNegative(value)
  if (number > 0) return number
  throw new Error(`it has "${String(value)}" where a number above 0 belongs`)
}

function nonNegative(value: unknown): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : Number.NaN
  if (Number.isFinite(number) && number >= 0) return number
  throw new Error(`it has "${String(value)}" where a number belongs`)
}
