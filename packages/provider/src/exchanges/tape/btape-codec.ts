import { type Candle, type Feed, type Trade, timeframes } from '@barfinex/core'
import type { TapeEvent } from './tape.js'

/** Kinds of record. Numbers are part of the format: a new kind gets a new number. */
const kinds = { trade: 1, quote: 2, book: 3, candle: 4, feed: 5 } as const
const provenances: readonly Candle['provenance'][] = ['live', 'repaired', 'synthetic', 'tape']
const feedStates: readonly Feed['state'][] = ['starting', 'live', 'stale', 'gap', 'lost']

/** Writes events one after the other into a growing buffer. All numbers little-endian, market numbers as float64. */
export class EventEncoder {
  private bytes = new Uint8Array(1 << 16)
  private view = new DataView(this.bytes.buffer)
  private length = 0
  private readonly text = new TextEncoder()

  constructor(private readonly symbols: readonly string[]) {}

  get byteLength(): number {
    return this.length
  }

  /** Hands over what was written and begins anew. */
  take(): Uint8Array {
    const taken = this.bytes.slice(0, this.length)
    this.length = 0
    return taken
  }

  write(event: TapeEvent): void {
    switch (event.type) {
      case 'trade': {
        const { trade } = event
        this.begin(kinds.trade, trade.symbol, event.at)
        this.doubles(trade.occurredAt, trade.price, trade.quantity)
        this.byte(trade.takerSide === 'buy' ? 1 : 0)
        this.string(trade.tradeId)
        return
      }
      case 'quote': {
        const { quote } = event
        this.begin(kinds.quote, quote.symbol, event.at)
        this.doubles(quote.occurredAt, quote.bid, quote.ask, quote.bidQuantity, quote.askQuantity)
        return
      }
      case 'book': {
        const { change } = event
        this.begin(kinds.book, change.symbol, event.at)
        this.byte(change.kind === 'snapshot' ? 1 : 0)
        this.doubles(
          change.occurredAt,
          change.firstSequence,
          change.lastSequence,
          change.bids.length,
          change.asks.length,
        )
        for (const [price, quantity] of change.bids) this.doubles(price, quantity)
        for (const [price, quantity] of change.asks) this.doubles(price, quantity)
        return
      }
      case 'candle': {
        const { candle } = event
        this.begin(kinds.candle, candle.symbol, event.at)
        this.byte(timeframes.indexOf(candle.timeframe))
        this.byte(provenances.indexOf(candle.provenance))
        this.doubles(candle.openTime, candle.closeTime, candle.open, candle.high, candle.low, candle.close)
        this.doubles(candle.volume, candle.tradeCount, candle.revision)
        return
      }
      case 'feed': {
        const { feed } = event
        this.begin(kinds.feed, feed.symbol, event.at)
        this.byte(feedStates.indexOf(feed.state))
        this.string(feed.code)
        return
      }
    }
  }

  private begin(kind: number, symbol: string, at: number): void {
    const index = this.symbols.indexOf(symbol)
    if (index < 0) throw new RangeError(`The tape has no instrument ${symbol}.`)
    this.byte(kind)
    this.byte(index)
    this.doubles(at)
  }

  private doubles(...values: readonly number[]): void {
    this.reserve(values.length * 8)
    for (const value of values) {
      this.view.setFloat64(this.length, value, true)
      this.length += 8
    }
  }

  private byte(value: number): void {
    this.reserve(1)
    this.bytes[this.length] = value
    this.length += 1
  }

  private string(value: string): void {
    const encoded = this.text.encode(value)
    this.byte(encoded.length)
    this.reserve(encoded.length)
    this.bytes.set(encoded, this.length)
    this.length += encoded.length
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }
}

/** Reads what {@link EventEncoder} wrote. Throws a `RangeError` when the bytes do not hold whole records. */
export function* decodeEvents(bytes: Uint8Array, symbols: readonly string[]): Generator<TapeEvent> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = new TextDecoder()
  let offset = 0
  const byte = () => view.getUint8(offset++)
  const double = () => {
    const value = view.getFloat64(offset, true)
    offset += 8
    return value
  }
  const string = () => {
    const length = byte()
    if (offset + length > bytes.byteLength) throw new RangeError('A text is cut off.')
    const value = text.decode(bytes.subarray(offset, offset + length))
    offset += length
    return value
  }
  const named = <T>(names: readonly T[]): T => {
    const value = names[byte()]
    if (value === undefined) throw new RangeError('A record names something unknown.')
    return value
  }
  const levels = (count: number) => {
    if (!(count * 16 <= bytes.byteLength - offset)) throw new RangeError('A book change is cut off.')
    return Array.from({ length: count }, (): [number, number] => [double(), double()])
  }
  while (offset < bytes.byteLength) {
    const kind = byte()
    const symbol = named(symbols)
    const at = double()
    if (kind === kinds.trade) {
      const [occurredAt, price, quantity] = [double(), double(), double()]
      const takerSide: Trade['takerSide'] = byte() === 1 ? 'buy' : 'sell'
      yield { type: 'trade', at, trade: { symbol, tradeId: string(), price, quantity, takerSide, occurredAt } }
    } else if (kind === kinds.quote) {
      const [occurredAt, bid, ask] = [double(), double(), double()]
      yield {
        type: 'quote',
        at,
        quote: { symbol, bid, ask, bidQuantity: double(), askQuantity: double(), occurredAt },
      }
    } else if (kind === kinds.book) {
      const isSnapshot = byte() === 1
      const [occurredAt, firstSequence, lastSequence, bidCount, askCount] = [
        double(),
        double(),
        double(),
        double(),
        double(),
      ]
      const bids = levels(bidCount)
      const asks = levels(askCount)
      const change = {
        symbol,
        kind: isSnapshot ? 'snapshot' : 'update',
        firstSequence,
        lastSequence,
        bids,
        asks,
      } as const
      yield { type: 'book', at, change: { ...change, occurredAt } }
    } else if (kind === kinds.candle) {
      const timeframe = named(timeframes)
      const provenance = named(provenances)
      const [openTime, closeTime, open, high, low, close] = [double(), double(), double(), double(), double(), double()]
      const [volume, tradeCount, revision] = [double(), double(), double()]
      const prices = { open, high, low, close, volume, tradeCount }
      yield {
        type: 'candle',
        at,
        candle: { symbol, timeframe, openTime, closeTime, ...prices, isFinal: true, provenance, revision },
      }
    } else if (kind === kinds.feed) {
      yield { type: 'feed', at, feed: { symbol, state: named(feedStates), code: string() } }
    } else {
      throw new RangeError(`A record is of the unknown kind ${kind}.`)
    }
  }
}
