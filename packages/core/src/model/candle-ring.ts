import type { Candle } from '../flow/1-market.js'
import type { Timeframe } from '../flow/primitives.js'
import { BarfinexError } from '../runtime/error.js'

/** Columns of candles, oldest first, for code that walks history. `length` bars count; what lies behind is not yours. */
export interface CandleColumns {
  readonly length: number
  readonly openTime: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

/**
 * The newest closed candles of one symbol and timeframe, as a column per field.
 *
 * Storage is twice the capacity and slides when it is full, so the newest `capacity` bars are always contiguous and a
 * {@link CandleRing.columns} view costs six subarrays and no copy. A view is good until the next push.
 *
 * @example
 * const ring = new CandleRing('BTC/USDT', '1m', 500)
 * ring.push(candle)
 * ring.columns().close[ring.length - 1] // => candle.close
 */
export class CandleRing {
  private readonly fields: Float64Array
  private readonly room: number
  private start = 0
  private end = 0

  constructor(
    readonly symbol: string,
    readonly timeframe: Timeframe,
    readonly capacity: number,
  ) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new BarfinexError('options.invalid', `A candle ring holds at least 1 candle, not ${capacity}.`)
    }
    this.room = capacity * 2
    this.fields = new Float64Array(this.room * 6)
  }

  get length(): number {
    return this.end - this.start
  }

  /** Open time of the newest candle; `null` when empty. */
  get lastOpenTime(): number | null {
    return this.length === 0 ? null : (this.fields[this.end - 1] as number)
  }

  /**
   * Adds a closed candle, or replaces the one with the same open time (a correction).
   * Returns false, and changes nothing, for one that is older than the newest and not held any more.
   */
  push(candle: Candle): boolean {
    const last = this.lastOpenTime
    if (last !== null && candle.openTime <= last) {
      const index = this.indexOf(candle.openTime)
      if (index < 0) return false
      this.write(this.start + index, candle)
      return true
    }
    if (this.end === this.room) this.slide()
    this.write(this.end, candle)
    this.end += 1
    if (this.length > this.capacity) this.start += 1
    return true
  }

  /** Position of the candle that opens at `openTime`, 0 for the oldest; -1 when it is not held. */
  indexOf(openTime: number): number {
    let low = this.start
    let high = this.end - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const value = this.fields[middle] as number
      if (value === openTime) return middle - this.start
      if (value < openTime) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  /** The newest `count` candles (all when absent) as views. */
  columns(count = this.length): CandleColumns {
    const length = Math.min(count, this.length)
    const from = this.end - length
    const column = (field: number) => this.fields.subarray(field * this.room + from, field * this.room + this.end)
    return {
      length,
      openTime: column(0),
      open: column(1),
      high: column(2),
      low: column(3),
      close: column(4),
      volume: column(5),
    }
  }

  private write(index: number, candle: Candle): void {
    const { fields, room } = this
    fields[index] = candle.openTime
    fields[room + index] = candle.open
    fields[room * 2 + index] = candle.high
    fields[room * 3 + index] = candle.low
    fields[room * 4 + index] = candle.close
    fields[room * 5 + index] = candle.volume
  }

  private slide(): void {
    for (let field = 0; field < 6; field += 1) {
      const base = field * this.room
      this.fields.copyWithin(base, base + this.start, base + this.end)
    }
    this.end -= this.start
    this.start = 0
  }
}
