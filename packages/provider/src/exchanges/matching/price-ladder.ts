import type { WorkingOrder } from './working-order.js'

/** All orders at one price, in the order in which they came. */
export class PriceLevel {
  first: WorkingOrder | null = null
  last: WorkingOrder | null = null

  constructor(readonly ticks: number) {}
}

/**
 * Orders by price, then by time. `best` is the highest price for bids and for triggers that a falling market meets,
 * the lowest for asks and for triggers that a rising market meets.
 *
 * Levels are kept sorted with the best one at the end, where books change most; within a level orders are linked,
 * so that taking one away costs the same wherever it stands.
 */
export class PriceLadder {
  private readonly levels: PriceLevel[] = []

  constructor(private readonly isHighBest: boolean) {}

  best(): PriceLevel | undefined {
    const { levels } = this
    // Reading index -1 of an empty array costs more than everything else here.
    return levels.length === 0 ? undefined : levels[levels.length - 1]
  }

  /** Levels from the best on. */
  *fromBest(): Generator<PriceLevel> {
    for (let index = this.levels.length - 1; index >= 0; index -= 1) yield this.levels[index] as PriceLevel
  }

  add(ticks: number, order: WorkingOrder): void {
    const index = this.search(ticks)
    let level = this.levels[index]
    if (level === undefined || level.ticks !== ticks) {
      level = new PriceLevel(ticks)
      this.levels.splice(index, 0, level)
    }
    order.ladder = this
    order.level = level
    order.previous = level.last
    order.next = null
    if (level.last === null) level.first = order
    else level.last.next = order
    level.last = order
  }

  remove(order: WorkingOrder): void {
    const { level, previous, next } = order
    if (level === null) return
    if (previous === null) level.first = next
    else previous.next = next
    if (next === null) level.last = previous
    else next.previous = previous
    if (level.first === null) this.levels.splice(this.search(level.ticks), 1)
    order.ladder = null
    order.level = null
    order.previous = null
    order.next = null
  }

  /** Index of the level with this price, or where it would have to stand. */
  private search(ticks: number): number {
    const { levels, isHighBest } = this
    let low = 0
    let high = levels.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = (levels[middle] as PriceLevel).ticks
      if (isHighBest ? other < ticks : other > ticks) low = middle + 1
      else high = middle
    }
    return low
  }
}
