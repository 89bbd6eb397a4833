import type { Side } from '@barfinex/core'
import { ExternalBook } from './external-book.js'
import type { InstrumentGrid } from './instrument-grid.js'
import { PriceLadder } from './price-ladder.js'
import type { WorkingOrder } from './working-order.js'

/** Everything that works in one symbol: resting limits, sleeping triggers, and what others offer. */
export class SymbolMarket {
  readonly bids = new PriceLadder(true)
  readonly asks = new PriceLadder(false)
  /** Triggers that a rising price meets: buy stops and the take-profits of longs. */
  readonly rising = new PriceLadder(false)
  /** Triggers that a falling price meets: sell stops and the take-profits of shorts. */
  readonly falling = new PriceLadder(true)
  /** Trailing stops, whose triggers move. */
  readonly trailing = new Set<WorkingOrder>()
  readonly external = new ExternalBook()
  /** Price of the newest trade; `NaN` before the first. */
  lastTicks = Number.NaN
  /** Orders resting, sleeping or waiting here, of all accounts. */
  workingCount = 0
  /** False while trading rests: orders are taken but wait for the next open. */
  isOpen = true
  /** Orders that wait for the open, in the order in which they came. */
  readonly waiting = new Set<WorkingOrder>()

  constructor(readonly grid: InstrumentGrid) {}

  /** Orders that an order of `side` can trade with. */
  facing(side: Side): PriceLadder {
    return side === 'buy' ? this.asks : this.bids
  }

  beside(side: Side): PriceLadder {
    return side === 'buy' ? this.bids : this.asks
  }

  /** Price to value a position at: the middle of the external market, else the last trade; `NaN` when neither is known. */
  get markTicks(): number {
    const bid = this.external.bids.bestTicks
    const ask = this.external.asks.bestTicks
    return Number.isNaN(bid) || Number.isNaN(ask) ? this.lastTicks : Math.round((bid + ask) / 2)
  }
}
