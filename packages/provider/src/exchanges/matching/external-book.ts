import type { Side } from '@barfinex/core'
import type { InstrumentGrid } from './instrument-grid.js'

/** Levels of one side of a market, best first: prices, and quantities in base. */
export interface QuotedLevels {
  readonly prices: ArrayLike<number>
  readonly quantities: ArrayLike<number>
  readonly count: number
}

class ExternalSide {
  private readonly ticks: number[] = []
  private readonly steps: number[] = []
  private count = 0
  private head = 0

  /** `isBid` decides where a price between two ticks goes: always to our disadvantage. */
  constructor(private readonly isBid: boolean) {}

  replace(grid: InstrumentGrid, levels: QuotedLevels): void {
    this.clear()
    for (let index = 0; index < levels.count; index += 1) {
      const price = levels.prices[index] as number
      this.push(
        this.isBid ? grid.ticksBelow(price) : grid.ticksAbove(price),
        grid.stepsBelow(levels.quantities[index] as number),
      )
    }
  }

  clear(): void {
    this.head = 0
    this.count = 0
  }

  /** Adds a level behind the others; levels that fall on one tick become one. */
  push(ticks: number, steps: number): void {
    if (steps <= 0) return
    if (this.count > 0 && this.ticks[this.count - 1] === ticks) {
      this.steps[this.count - 1] = (this.steps[this.count - 1] as number) + steps
      return
    }
    this.ticks[this.count] = ticks
    this.steps[this.count] = steps
    this.count += 1
  }

  /** Best price that still has quantity; `NaN` when there is none. */
  get bestTicks(): number {
    return this.head < this.count ? (this.ticks[this.head] as number) : Number.NaN
  }

  /** Quantity left at the best price. */
  get bestSteps(): number {
    return this.head < this.count ? (this.steps[this.head] as number) : 0
  }

  take(steps: number): void {
    const left = (this.steps[this.head] as number) - steps
    this.steps[this.head] = left
    if (left <= 0) this.head += 1
  }

  /** Displayed quantity at a price: 0 before the best, -1 behind the last level, where nobody has told. */
  stepsAt(ticks: number): number {
    for (let index = this.head; index < this.count; index += 1) {
      const level = this.ticks[index] as number
      if (level === ticks) return this.steps[index] as number
      if (this.isBid ? level < ticks : level > ticks) return 0
    }
    return -1
  }

  /** Reads the levels without taking anything. */
  *levels(): Generator<{ readonly ticks: number; readonly steps: number }> {
    for (let index = this.head; index < this.count; index += 1) {
      yield { ticks: this.ticks[index] as number, steps: this.steps[index] as number }
    }
  }
}

/** What everybody else offers: levels that our orders may use up until the market shows new ones. */
export class ExternalBook {
  readonly bids = new ExternalSide(true)
  readonly asks = new ExternalSide(false)

  /** The side that an order of `side` takes from. */
  facing(side: Side): ExternalSide {
    return side === 'buy' ? this.asks : this.bids
  }

  /** The side that an order of `side` rests on. */
  beside(side: Side): ExternalSide {
    return side === 'buy' ? this.bids : this.asks
  }
}
