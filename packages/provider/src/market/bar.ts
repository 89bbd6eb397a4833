import { type Candle, closeTimeOf, openTimeOf, type Timeframe } from '@barfinex/core'

/** What a lower bar hands to a higher one: its numbers, or that nothing was traded in it. */
export type Parcel = Pick<
  Candle,
  'openTime' | 'closeTime' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'tradeCount' | 'provenance'
>

const OPEN = 0
const HIGH = 1
const LOW = 2
const CLOSE = 3
const VOLUME = 4
const COUNT = 5
/** Exchange times of the first and the last trade inside: an earlier trade that comes later still sets the open. */
const FIRST = 6
const LAST = 7

/** One timeframe's bar while it is being built, with the bars that are built from it. */
export class Bar {
  openTime = -1
  closeTime = -1
  /** True once something was traded inside. */
  isTraded = false
  /** False when part of the slot was not seen: such a bar is never given out as final. */
  isWhole = false
  /** False for a bar that only serves as material for higher ones. */
  isPublished = false
  /** Everything since this instant has been seen. */
  coveredFrom = 0
  /** Bars fed by this one when it closes, shortest first. */
  readonly dependents: Bar[] = []
  private provenance: Candle['provenance'] = 'live'
  // Numbers that change with every trade live in one typed array: as plain fields each write would allocate a double.
  private readonly values = new Float64Array(8)

  constructor(
    readonly symbol: string,
    readonly timeframe: Timeframe,
  ) {}

  /** Begins the slot that contains `at`; it is whole when all of it has been seen. */
  begin(at: number): void {
    this.openTime = openTimeOf(this.timeframe, at)
    this.closeTime = closeTimeOf(this.timeframe, this.openTime)
    this.isWhole = this.openTime >= this.coveredFrom
    this.isTraded = false
  }

  /** Goes on with the slot after this one. */
  next(): void {
    this.openTime = this.closeTime
    this.closeTime = closeTimeOf(this.timeframe, this.openTime)
    this.isWhole = true
    this.isTraded = false
  }

  trade(price: number, quantity: number, at: number): void {
    const { values } = this
    if (!this.isTraded) {
      this.isTraded = true
      values[OPEN] = price
      values[HIGH] = price
      values[LOW] = price
      values[CLOSE] = price
      values[VOLUME] = quantity
      values[COUNT] = 1
      values[FIRST] = at
      values[LAST] = at
      return
    }
    if (price > values[HIGH]!) values[HIGH] = price
    else if (price < values[LOW]!) values[LOW] = price
    if (at >= values[LAST]!) {
      values[CLOSE] = price
      values[LAST] = at
    } else if (at < values[FIRST]!) {
      values[OPEN] = price
      values[FIRST] = at
    }
    values[VOLUME]! += quantity
    values[COUNT]! += 1
  }

  /** Adds a closed lower bar. One without trades adds nothing: a slot opens with its first trade. */
  add(parcel: Parcel): void {
    if (parcel.provenance === 'synthetic') return
    const { values } = this
    if (!this.isTraded) {
      this.isTraded = true
      values[OPEN] = parcel.open
      values[HIGH] = parcel.high
      values[LOW] = parcel.low
      values[CLOSE] = parcel.close
      values[VOLUME] = parcel.volume
      values[COUNT] = parcel.tradeCount
      this.provenance = parcel.provenance
      return
    }
    if (parcel.provenance === 'repaired') this.provenance = 'repaired'
    if (parcel.high > values[HIGH]!) values[HIGH] = parcel.high
    if (parcel.low < values[LOW]!) values[LOW] = parcel.low
    values[CLOSE] = parcel.close
    values[VOLUME]! += parcel.volume
    values[COUNT]! += parcel.tradeCount
  }

  get lastPrice(): number {
    return this.values[CLOSE]!
  }

  /** The candle as it stands. Ask only when something was traded inside. */
  candle(isFinal: boolean): Candle {
    const { values } = this
    return {
      symbol: this.symbol,
      timeframe: this.timeframe,
      openTime: this.openTime,
      closeTime: this.closeTime,
      open: values[OPEN]!,
      high: values[HIGH]!,
      low: values[LOW]!,
      close: values[CLOSE]!,
      volume: values[VOLUME]!,
      tradeCount: values[COUNT]!,
      isFinal,
      provenance: this.provenance,
      revision: 0,
    }
  }

  /** The closed candle of a slot in which nothing was traded: it repeats the last price. */
  quietCandle(price: number): Candle {
    return {
      symbol: this.symbol,
      timeframe: this.timeframe,
      openTime: this.openTime,
      closeTime: this.closeTime,
      open: price,
      high: price,
      low: price,
      close: price,
      volume: 0,
      tradeCount: 0,
      isFinal: true,
      provenance: 'synthetic',
      revision: 0,
    }
  }
}
