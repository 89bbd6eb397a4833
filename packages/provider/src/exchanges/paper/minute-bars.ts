import { minutesPerDay } from './market-path.js'

const dayMs = 86_400_000
const minuteMs = 60_000

interface DayOfBars {
  readonly known: Uint8Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
  readonly tradeCount: Float64Array
}

/** One minute's bar, as a row of {@link MinuteBars}. */
export interface MinuteBar {
  open: number
  high: number
  low: number
  close: number
  volume: number
  tradeCount: number
}

/** Minute bars that have been made once, by day: long timeframes are asked for again and again while a desk warms up. */
export class MinuteBars {
  private readonly days = new Map<number, DayOfBars>()
  private readonly bar: MinuteBar = { open: 0, high: 0, low: 0, close: 0, volume: 0, tradeCount: 0 }

  constructor(
    /** Writes the bar of the minute that begins at `openTime` into `into`. */
    private readonly make: (openTime: number, into: MinuteBar) => void,
    private readonly keptDays: number,
  ) {}

  /** The bar of a minute. The object is used again by the next call. */
  at(openTime: number): MinuteBar {
    const number = Math.floor(openTime / dayMs)
    const index = (openTime - number * dayMs) / minuteMs
    const day = this.day(number)
    const { bar } = this
    if (day.known[index] === 1) {
      bar.open = day.open[index]!
      bar.high = day.high[index]!
      bar.low = day.low[index]!
      bar.close = day.close[index]!
      bar.volume = day.volume[index]!
      bar.tradeCount = day.tradeCount[index]!
      return bar
    }
    this.make(openTime, bar)
    day.known[index] = 1
    day.open[index] = bar.open
    day.high[index] = bar.high
    day.low[index] = bar.low
    day.close[index] = bar.close
    day.volume[index] = bar.volume
    day.tradeCount[index] = bar.tradeCount
    return bar
  }

  private day(number: number): DayOfBars {
    const known = this.days.get(number)
    if (known !== undefined) return known
    const column = () => new Float64Array(minutesPerDay)
    const day: DayOfBars = {
      known: new Uint8Array(minutesPerDay),
      open: column(),
      high: column(),
      low: column(),
      close: column(),
      volume: column(),
      tradeCount: column(),
    }
    this.days.set(number, day)
    if (this.days.size > this.keptDays) this.days.delete(this.days.keys().next().value as number)
    return day
  }
}
