/**
 * Plain and linearly weighted sum of the last `period` numbers around an anchor, in constant amortised time and without
 * drift: what weighted means and straight lines are made of.
 *
 * Blocks and anchor as in `WindowMoments`. The weighted sum gives the oldest number weight 1 and the newest
 * weight `period`. Seen from the end of the last block, one slot further back adds 1 to every weight, that is, the plain
 * sum once more; seen from the present block, every weight is its place in the block plus the count of older numbers.
 *
 * Defined from `period` numbers on; must not be read before.
 */
export class WindowTrend {
  /** Of the distances from the anchor: sum, and sum weighted 1 (oldest) to `period` (newest); then the anchor. */
  readonly sums = new Float64Array(3)
  private readonly plain: Float64Array
  private readonly weighted: Float64Array
  /** Running plain and weighted sum of the present block, anchor. */
  private readonly state = new Float64Array(3)
  private readonly period: number
  private index = 0

  constructor(period: number) {
    this.period = period
    this.plain = new Float64Array(period)
    this.weighted = new Float64Array(period)
  }

  /** Takes a finite number. */
  push(value: number): void {
    const { plain, state, sums, index } = this
    const next = index + 1
    plain[index] = value
    if (next === this.period) {
      this.turn()
      return
    }
    const distance = value - state[2]!
    const sum = state[0]! + distance
    const weightedSum = state[1]! + distance * next
    state[0] = sum
    state[1] = weightedSum
    this.index = next
    sums[0] = plain[next]! + sum
    sums[1] = this.weighted[next]! + weightedSum + sum * (this.period - next)
    sums[2] = state[2]!
  }

  reset(): void {
    this.plain.fill(0)
    this.weighted.fill(0)
    this.state.fill(0)
    this.sums.fill(0)
    this.index = 0
  }

  /** The block is complete: it becomes the last one, as the sums of its ends around a new anchor. */
  private turn(): void {
    const { plain, weighted, state, sums } = this
    const anchor = plain[this.period - 1]!
    let sum = 0
    let weightedSum = 0
    for (let slot = this.period - 1; slot >= 0; slot--) {
      sum += plain[slot]! - anchor
      weightedSum += sum
      plain[slot] = sum
      weighted[slot] = weightedSum
    }
    state.fill(0)
    state[2] = anchor
    this.index = 0
    sums[0] = sum
    sums[1] = weightedSum
    sums[2] = anchor
  }
}
