/**
 * The sum of one series over the sum of another, both over the last `period` pairs, in constant amortised time and
 * without drift.
 *
 * Two `WindowSum`s in one, which share their place in the block.
 */
export class WindowRatio {
  private readonly aboves: Float64Array
  private readonly belows: Float64Array
  /** Running sum above and below. */
  private readonly running = new Float64Array(2)
  private readonly period: number
  private index = 0
  private isFull = false

  constructor(period: number) {
    this.period = period
    this.aboves = new Float64Array(period)
    this.belows = new Float64Array(period)
  }

  /** Takes two finite numbers; returns the ratio of sums, `otherwise` when the lower sum is not above 0, NaN until the window is full. */
  push(above: number, below: number, otherwise: number): number {
    const { aboves, belows, running, index } = this
    const next = index + 1
    aboves[index] = above
    belows[index] = below
    let sumAbove = running[0]! + above
    let sumBelow = running[1]! + below
    running[0] = sumAbove
    running[1] = sumBelow
    this.index = next
    if (next === this.period) {
      this.turn()
    } else {
      sumAbove += aboves[next]!
      sumBelow += belows[next]!
    }
    if (!this.isFull) return Number.NaN
    return sumBelow > 0 ? sumAbove / sumBelow : otherwise
  }

  reset(): void {
    this.aboves.fill(0)
    this.belows.fill(0)
    this.running.fill(0)
    this.index = 0
    this.isFull = false
  }

  /** The block is complete: it becomes the last one, as the sums of its ends. */
  private turn(): void {
    const { aboves, belows } = this
    let sumAbove = 0
    let sumBelow = 0
    for (let slot = this.period - 1; slot >= 0; slot--) {
      sumAbove += aboves[slot]!
      sumBelow += belows[slot]!
      aboves[slot] = sumAbove
      belows[slot] = sumBelow
    }
    this.running.fill(0)
    this.index = 0
    this.isFull = true
  }
}
