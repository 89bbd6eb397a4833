import type { QuotedLevels } from '../matching/external-book.js'

const depth = 10

class Levels implements QuotedLevels {
  readonly prices = new Float64Array(depth)
  readonly quantities = new Float64Array(depth)
  count = 0
}

/**
 * A book made from best bid and ask alone: ten levels a side, one spread apart, each as much larger than the best as it is
 * levels away from it. So a large order pays for its size instead of finding nobody.
 */
export class QuoteLadder {
  readonly bids = new Levels()
  readonly asks = new Levels()

  /** Prices are kept within `low` and `high`: where a bar's range is known nothing may trade outside it. */
  set(
    bid: number,
    ask: number,
    bidQuantity: number,
    askQuantity: number,
    gap: number,
    low = 0,
    high = Number.POSITIVE_INFINITY,
  ): this {
    const { bids, asks } = this
    bids.count = depth
    asks.count = depth
    for (let level = 0; level < depth; level += 1) {
      bids.prices[level] = Math.min(high, Math.max(low, bid - level * gap))
      asks.prices[level] = Math.min(high, Math.max(low, ask + level * gap))
      bids.quantities[level] = bidQuantity * (level + 1)
      asks.quantities[level] = askQuantity * (level + 1)
    }
    while (bids.count > 0 && !(bids.prices[bids.count - 1]! > 0)) bids.count -= 1
    return this
  }
}
