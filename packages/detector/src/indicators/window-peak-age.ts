/**
 * How many numbers ago the highest of the last `period` came (0: it is the newest), in constant amortised time.
 *
 * Of equal highs the newest counts. For the age of the lowest, push the negated series.
 * Blocks as in `WindowSum`, with the place of each maximum beside it.
 */
export class WindowPeakAge {
  private readonly block: Float64Array
  /** Per slot not reached yet: the slot of the maximum from there to the end of the last block. */
  private readonly place: Int32Array
  private readonly running = new Float64Array(1)
  private readonly period: number
  private runningPlace = 0
  private index = 0

  constructor(period: number) {
    this.period = period
    this.block = new Float64Array(period)
    this.place = new Int32Array(period)
    this.reset()
  }

  /** Takes a finite number; returns the age of the highest of the last `period` ones, or of all while there are fewer. */
  push(value: number): number {
    const { block, index } = this
    const next = index + 1
    block[index] = value
    if (value >= this.running[0]!) {
      this.running[0] = value
      this.runningPlace = index
    }
    this.index = next
    const age = index - this.runningPlace
    if (next === this.period) {
      this.turn()
      return age
    }
    return block[next]! > this.running[0]! ? index + this.period - this.place[next]! : age
  }

  reset(): void {
    this.block.fill(Number.NEGATIVE_INFINITY)
    this.place.fill(0)
    this.running[0] = Number.NEGATIVE_INFINITY
    this.runningPlace = 0
    this.index = 0
  }

  private turn(): void {
    const { block, place } = this
    const newest = this.period - 1
    let best = Number.NEGATIVE_INFINITY
    let bestPlace = newest
    for (let slot = newest; slot >= 0; slot--) {
      const candidate = block[slot]!
      if (candidate > best) {
        best = candidate
        bestPlace = slot
      }
      block[slot] = best
      place[slot] = bestPlace
    }
    this.running[0] = Number.NEGATIVE_INFINITY
    this.index = 0
  }
}
