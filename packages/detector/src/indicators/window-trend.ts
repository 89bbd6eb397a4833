/**
 * Plain, linearly weighted and squared sums of the last `period` numbers around an anchor, in constant amortised time
 * and without drift: what weighted means and straight-line fits are made of.
 *
 * Blocks and anchor as in `WindowMoments`. The weighted sum gives the oldest number weight 1 and the newest
 * weight `period`. Seen from the end of the last block, one slot further back adds 1 to every weight, that is, the plain
 * sum once more; seen from the present block, every weight is its place in the block plus the count of older numbers.
 *
 * Defined from `period` numbers on; must not be read before.
 */
export class WindowTrend {
  /** Of the distances from the anchor: sum, sum weighted 1 (oldest) to `period` (newest), sum of squares; then the anchor. */
  readonly sums = new Float64Array(4)
  private readonly plain: Float64Array
  private readonly weighted: Float64Array
  private readonly squared: Float64Array
  /** Running plain, weighted and squared sum of the present block, anchor. */
  private readonly state = new Float64Array(4)
  private readonly period: number
  private index = 0

  constructor(period: number) {
    this.period = period
    this.plain = new Float64Array(period)
    this.weighted = new Float64Array(period)
    this.squared = new Float64Array(period)
  }

  /** Takes a finite number. */
  push(value: number): void {
    const { plain, weighted, squared, state, sums } = this
    const index = this.index
    const next = index + 1
    plain[index] = value
    if (next === this.period) {
      let sum = 0
      let weightedSum = 0
      let squares = 0
      for (let slot = index; slot >= 0; slot--) {
        const distance = plain[slot]! - value
        sum += distance
        weightedSum += sum
        squares += distance * distance
        plain[slot] = sum
        weighted[slot] = weightedSum
        squared[slot] = squares
      }
      state[0] = 0
      state[1] = 0
      state[2] = 0
      state[3] = value
      this.index = 0
      sums[0] = sum
      sums[1] = weightedSum
      sums[2] = squares
    } else {
      const distance = value - state[3]!
      const runningSum = state[0]! + distance
      const runningWeighted = state[1]! + distance * next
      const runningSquares = state[2]! + distance * distance
      state[0] = runningSum
      state[1] = runningWeighted
      state[2] = runningSquares
      this.index = next
      const olderCount = this.period - next
      sums[0] = plain[next]! + runningSum
      sums[1] = weighted[next]! + runningWeighted + runningSum * olderCount
      sums[2] = squared[next]! + runningSquares
    }
    sums[3] = state[3]!
  }

  reset(): void {
    this.plain.fill(0)
    this.weighted.fill(0)
    this.squared.fill(0)
    this.state.fill(0)
    this.sums.fill(0)
    this.index = 0
  }
}
