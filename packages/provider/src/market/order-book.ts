import type { BookChange } from '@barfinex/core'

/** Levels looked through one by one from the touch before a binary search takes over: most changes are near it. */
const near = 32

/** One side of a book: prices sorted so that the best is last, quantities beside them. */
class Ladder {
  private prices = new Float64Array(1_024)
  private quantities = new Float64Array(1_024)
  length = 0

  /** `sign` is 1 for bids and -1 for asks: keys ascend towards the best on both sides. */
  constructor(private readonly sign: 1 | -1) {}

  clear(): void {
    this.length = 0
  }

  /** Sets a level; quantity 0 takes it away. */
  set(price: number, quantity: number): void {
    const key = this.sign * price
    const at = this.floorOf(key)
    const { prices, quantities } = this
    if (at >= 0 && prices[at] === key) {
      if (quantity !== 0) {
        quantities[at] = quantity
        return
      }
      this.length -= 1
      for (let index = at; index < this.length; index += 1) {
        prices[index] = prices[index + 1]!
        quantities[index] = quantities[index + 1]!
      }
      return
    }
    if (quantity !== 0) this.insert(at + 1, key, quantity)
  }

  /** Price of the level `depth` steps behind the best; `NaN` where there is none. */
  price(depth: number): number {
    return depth < this.length ? this.sign * this.prices[this.length - 1 - depth]! : Number.NaN
  }

  quantity(depth: number): number {
    return depth < this.length ? this.quantities[this.length - 1 - depth]! : 0
  }

  /** Index of the greatest key that is not above `key`; -1 when all are. */
  private floorOf(key: number): number {
    const { prices } = this
    let index = this.length - 1
    if (index < near || prices[index - near]! <= key) {
      while (index >= 0 && prices[index]! > key) index -= 1
      return index
    }
    let low = 0
    let high = index - near
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (prices[middle]! <= key) low = middle
      else high = middle - 1
    }
    return prices[low]! <= key ? low : low - 1
  }

  private insert(at: number, key: number, quantity: number): void {
    if (this.length === this.prices.length) this.grow()
    const { prices, quantities } = this
    for (let index = this.length; index > at; index -= 1) {
      prices[index] = prices[index - 1]!
      quantities[index] = quantities[index - 1]!
    }
    prices[at] = key
    quantities[at] = quantity
    this.length += 1
  }

  private grow(): void {
    const prices = new Float64Array(this.prices.length * 2)
    const quantities = new Float64Array(this.prices.length * 2)
    prices.set(this.prices)
    quantities.set(this.quantities)
    this.prices = prices
    this.quantities = quantities
  }
}

/** Price levels of both sides. It knows nothing of sequences: see `BookFollower`. */
export class OrderBook {
  private readonly bids = new Ladder(1)
  private readonly asks = new Ladder(-1)

  apply(change: BookChange): void {
    if (change.kind === 'snapshot') this.clear()
    for (const level of change.bids) this.bids.set(level[0], level[1])
    for (const level of change.asks) this.asks.set(level[0], level[1])
  }

  clear(): void {
    this.bids.clear()
    this.asks.clear()
  }

  /** Best bid, `NaN` when there is none. */
  get bestBid(): number {
    return this.bids.price(0)
  }

  get bestAsk(): number {
    return this.asks.price(0)
  }

  get bestBidQuantity(): number {
    return this.bids.quantity(0)
  }

  get bestAskQuantity(): number {
    return this.asks.quantity(0)
  }

  /** True when the best bid is at or above the best ask: no market looks like that, so the book is wrong. */
  get isCrossed(): boolean {
    return this.bestBid >= this.bestAsk
  }

  /**
   * Writes the best `depth` levels of a side into `into` as price, quantity, price, quantity …, best first.
   * Returns how many levels there were.
   */
  top(side: 'bids' | 'asks', depth: number, into: Float64Array): number {
    const ladder = side === 'bids' ? this.bids : this.asks
    const count = Math.min(depth, ladder.length, into.length >> 1)
    for (let index = 0; index < count; index += 1) {
      into[index * 2] = ladder.price(index)
      into[index * 2 + 1] = ladder.quantity(index)
    }
    return count
  }

  /** The whole book or its best `depth` levels, as a snapshot's sides. */
  levels(depth: number): Pick<BookChange, 'bids' | 'asks'> {
    const side = (ladder: Ladder): [number, number][] =>
      Array.from({ length: Math.min(depth, ladder.length) }, (_, index) => [
        ladder.price(index),
        ladder.quantity(index),
      ])
    return { bids: side(this.bids), asks: side(this.asks) }
  }
}
