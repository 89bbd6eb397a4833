import type { Trade } from '@barfinex/core'

/** A public trade with its number in the exchange's unbroken count. */
export interface NumberedTrade {
  readonly number: number
  readonly trade: Trade
}

export interface TradeChainOptions {
  /** Reads trades from a number on, oldest first: at most a page. */
  readonly read: (fromNumber: number) => Promise<readonly NumberedTrade[]>
  readonly emit: (trade: Trade) => void
  /** Trades are missing, and are being fetched. */
  readonly onGap: () => void
  /** Nothing is missing any more, or it cannot be had: candles over the hole are then read from the exchange. */
  readonly onWhole: () => void
}

/** Pages read for one hole; what is left of a longer one is for the candles' own repair. */
const pageLimit = 5

/** One market's public trades, each once and by their numbers; a hole is filled from the exchange before anything after it goes on. */
export class TradeChain {
  private last: number | null = null
  /** What came while a hole is being filled; `null` when none is. */
  private held: NumberedTrade[] | null = null

  constructor(private readonly options: TradeChainOptions) {}

  take(trade: NumberedTrade): void {
    if (this.held !== null) {
      this.held.push(trade)
      return
    }
    const { last } = this
    if (last !== null && trade.number <= last) return
    if (last === null || trade.number === last + 1) {
      this.last = trade.number
      this.options.emit(trade.trade)
      return
    }
    this.held = [trade]
    this.options.onGap()
    void this.fill(last + 1, trade.number)
  }

  private async fill(from: number, until: number): Promise<void> {
    let wanted = from
    try {
      for (let page = 0; page < pageLimit && wanted < until; page += 1) {
        const found = await this.options.read(wanted)
        for (const { number, trade } of found) {
          if (number < wanted || number >= until) continue
          wanted = number + 1
          this.options.emit(trade)
        }
        if (found.length === 0) break
      }
    } catch {
      // The hole stays; the candles over it are read whole.
    }
    const held = (this.held ?? []).sort((a, b) => a.number - b.number)
    this.held = null
    this.last = until - 1
    for (const trade of held) this.take(trade)
    if (this.held === null) this.options.onWhole()
  }
}
