import type { Quote } from '@barfinex/core'
import { InstrumentGrid, ledgerDigits } from '../matching/instrument-grid.js'
import type { CandleTape } from '../tape/tape.js'

/** How a market is imagined around bare candles. */
export interface BarQuoteOptions {
  /** Whole spread around a price where the tape has no bid and ask. At least a tick. */
  readonly spreadBps: number
  /** Share of the traded volume that our orders may have. */
  readonly participation: number
}

/** Bars whose mean volume stands for what is on offer at a quote. */
const volumeBars = 20
/** Where the tape counts no volume, liquidity is so many smallest orders. */
const unknownLiquidity = 1_000_000

/** The quote around one price of a bar: real where the tape has both sides, else the stated spread. */
export class BarQuote {
  bid = 0
  ask = 0
  /** Price that a trade at this moment would have. */
  price = 0
  /** On offer at the best bid, and at the best ask, in base. */
  quantity = 0
  private readonly grid: InstrumentGrid
  private readonly tick: number
  private readonly unknown: number

  constructor(
    private readonly tape: CandleTape,
    private readonly options: BarQuoteOptions,
  ) {
    const instrument = tape.instruments[0] as CandleTape['instruments'][number]
    const digits = ledgerDigits([instrument])
    this.grid = new InstrumentGrid(instrument, digits.get(instrument.quote) ?? 8, digits.get(instrument.base) ?? 8)
    this.tick = Number(instrument.tickSize)
    this.unknown = unknownLiquidity * Math.max(Number(instrument.minQuantity), Number(instrument.stepSize))
  }

  /** Distance between the levels of a book around this quote. */
  get gap(): number {
    return Math.max(this.tick, this.ask - this.bid)
  }

  atOpen(index: number): void {
    const { columns } = this.tape
    const { sides } = columns
    this.quantity = this.liquidityBefore(index)
    if (sides === null) this.around(columns.open[index]!)
    else this.between(sides.bidOpen[index]!, sides.askOpen[index]!)
  }

  atClose(index: number): void {
    const { columns } = this.tape
    const { sides } = columns
    this.quantity = this.liquidityBefore(index + 1)
    if (sides === null) this.around(columns.close[index]!)
    else this.between(sides.bidClose[index]!, sides.askClose[index]!)
  }

  halfSpreadAt(price: number): number {
    return (price * this.options.spreadBps) / 20_000
  }

  /** Lowest and highest price of the grid at which a bar traded; the nearest one where it traded between two ticks. */
  boundsOf(index: number): { readonly low: number; readonly high: number } {
    const { grid } = this
    const { columns } = this.tape
    const { sides } = columns
    const low = sides === null ? columns.low[index]! : sides.bidLow[index]!
    const high = sides === null ? columns.high[index]! : sides.askHigh[index]!
    const lowTicks = grid.ticksAbove(low)
    const highTicks = grid.ticksBelow(high)
    if (lowTicks <= highTicks) return { low: grid.price(lowTicks), high: grid.price(highTicks) }
    const nearest = grid.price(grid.ticksNear(low))
    return { low: nearest, high: nearest }
  }

  /** What our orders may trade inside a bar. */
  barLiquidity(index: number): number {
    return this.tape.volumeUnit === 'none'
      ? this.unknown
      : this.options.participation * this.tape.columns.volume[index]!
  }

  /** As a message: at least a tick wide, on the tick grid. */
  message(occurredAt: number): Quote {
    const { grid, quantity } = this
    const bidTicks = grid.ticksBelow(this.bid)
    const askTicks = Math.max(bidTicks + 1, grid.ticksAbove(this.ask))
    return {
      symbol: grid.symbol,
      bid: grid.price(bidTicks),
      ask: grid.price(askTicks),
      bidQuantity: quantity,
      askQuantity: quantity,
      occurredAt,
    }
  }

  private around(price: number): void {
    const half = this.halfSpreadAt(price)
    this.price = price
    this.bid = price - half
    this.ask = price + half
  }

  private between(bid: number, ask: number): void {
    this.price = (bid + ask) / 2
    this.bid = bid
    this.ask = ask
  }

  /** Share of the mean volume of the bars before an index: the coming bar's own is not known yet. */
  private liquidityBefore(index: number): number {
    const { tape } = this
    if (tape.volumeUnit === 'none') return this.unknown
    const { volume } = tape.columns
    const from = Math.max(0, index - volumeBars)
    if (from === index) return this.options.participation * volume[0]!
    let sum = 0
    for (let bar = from; bar < index; bar += 1) sum += volume[bar]!
    return (this.options.participation * sum) / (index - from)
  }
}
