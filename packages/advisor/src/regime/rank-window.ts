/**
 * The newest values of a stream, in order of their size, so that the rank of a value is a search and not a walk through all.
 * A walk cost more than the rest of a quiet candle's way through the advisor.
 */
export class RankWindow {
  private readonly inTime: Float64Array
  private readonly inOrder: Float64Array
  private written = 0

  constructor(private readonly size: number) {
    this.inTime = new Float64Array(size)
    this.inOrder = new Float64Array(size)
  }

  /** Takes a value in; the oldest goes when the window is full. */
  push(value: number): void {
    const { inTime, inOrder, size } = this
    const slot = this.written % size
    let count = this.count
    if (count === size) {
      const gone = this.below(inTime[slot]!, count)
      inOrder.copyWithin(gone, gone + 1, count)
      count -= 1
    }
    const at = this.below(value, count)
    inOrder.copyWithin(at + 1, at, count)
    inOrder[at] = value
    inTime[slot] = value
    this.written += 1
  }

  /** Share of the kept values below the newest, ties counting half; ½ before there are two. */
  rankOfLast(): number {
    const { inTime, inOrder, count } = this
    if (count < 2) return 0.5
    const last = inTime[(this.written - 1) % this.size]!
    const below = this.below(last, count)
    let equal = -1
    for (let at = below; at < count && inOrder[at] === last; at += 1) equal += 1
    return (below + equal / 2) / (count - 1)
  }

  private get count(): number {
    return Math.min(this.written, this.size)
  }

  /** How many of the first `count` are below a value. */
  private below(value: number, count: number): number {
    const { inOrder } = this
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (inOrder[middle]! < value) low = middle + 1
      else high = middle
    }
    return low
  }
}
