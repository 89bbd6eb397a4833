/**
 * Mean and population variance of the last `period` numbers, in constant amortised time and without drift.
 *
 * Blocks as in `WindowSum`, so nothing is subtracted from a sum. The sums are taken of distances from an anchor, the last
 * number of the previous block. That number is itself in the window, so the mean cannot be further from it than
 * `sqrt(period)` standard deviations: the difference of squares loses at most a factor `period` of precision,
 * wherever the price level is. A window of equal numbers has a variance of exactly 0.
 *
 * Defined from `period` numbers on; before that, counts the missing ones as if they were 0 and must not be read.
 */
export class WindowMoments {
  /**
   * Mean of the window, its population variance, and the newest number less the mean. The last is taken from the anchor, not
   * from the mean: it stays exact where numbers differ in their last digits only.
   */
  readonly moments = new Float64Array(3)
  private readonly first: Float64Array
  private readonly second: Float64Array
  /** Running sum, running sum of squares, anchor. */
  private readonly state = new Float64Array(3)
  private readonly period: number
  private readonly share: number
  private index = 0

  constructor(period: number) {
    this.period = period
    this.share = 1 / period
    this.first = new Float64Array(period)
    this.second = new Float64Array(period)
  }

  /** Takes a finite number. */
  push(value: number): void {
    const { first, state, index } = this
    const next = index + 1
    first[index] = value
    if (next === this.period) {
      this.turn()
      return
    }
    const newest = value - state[2]!
    const runningSum = state[0]! + newest
    const runningSquares = state[1]! + newest * newest
    state[0] = runningSum
    state[1] = runningSquares
    this.index = next
    const offset = (runningSum + first[next]!) * this.share
    const moments = this.moments
    moments[0] = state[2]! + offset
    moments[1] = Math.max((runningSquares + this.second[next]!) * this.share - offset * offset, 0)
    moments[2] = newest - offset
  }

  reset(): void {
    this.first.fill(0)
    this.second.fill(0)
    this.state.fill(0)
    this.moments.fill(0)
    this.index = 0
  }

  /** The block is complete: it becomes the last one, as the sums of its ends around a new anchor. */
  private turn(): void {
    const { first, second, state, moments } = this
    const anchor = first[this.period - 1]!
    let sum = 0
    let squares = 0
    for (let slot = this.period - 1; slot >= 0; slot--) {
      const distance = first[slot]! - anchor
      sum += distance
      squares += distance * distance
      first[slot] = sum
      second[slot] = squares
    }
    state[0] = 0
    state[1] = 0
    state[2] = anchor
    this.index = 0
    const offset = sum * this.share
    moments[0] = anchor + offset
    moments[1] = Math.max(squares * this.share - offset * offset, 0)
    moments[2] = -offset
  }
}
