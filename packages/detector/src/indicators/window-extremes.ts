/**
 * The highest of the last `period` numbers, in constant amortised time.
 *
 * Blocks as in `WindowSum`: the present block keeps a running maximum, and slots it has not reached yet hold the maximum
 * from there to the end of the last block.
 */
export class WindowMax {
  private readonly block: Float64Array
  private readonly running = new Float64Array(1)
  private readonly period: number
  private index = 0

  constructor(period: number) {
    this.period = period
    this.block = new Float64Array(period)
    this.reset()
  }

  /** Takes a finite number; returns the highest of the last `period` ones, or of all while there are fewer. */
  push(value: number): number {
    const { block, index } = this
    const next = index + 1
    block[index] = value
    const best = Math.max(this.running[0]!, value)
    this.running[0] = best
    this.index = next
    if (next < this.period) return Math.max(best, block[next]!)
    this.turn()
    return best
  }

  reset(): void {
    this.block.fill(Number.NEGATIVE_INFINITY)
    this.running[0] = Number.NEGATIVE_INFINITY
    this.index = 0
  }

  private turn(): void {
    const block = this.block
    let best = Number.NEGATIVE_INFINITY
    for (let slot = this.period - 1; slot >= 0; slot--) {
      best = Math.max(best, block[slot]!)
      block[slot] = best
    }
    this.running[0] = Number.NEGATIVE_INFINITY
    this.index = 0
  }
}

/** The lowest of the last `period` numbers; see {@link WindowMax}. */
export class WindowMin {
  private readonly block: Float64Array
  private readonly running = new Float64Array(1)
  private readonly period: number
  private index = 0

  constructor(period: number) {
    this.period = period
    this.block = new Float64Array(period)
    this.reset()
  }

  /** Takes a finite number; returns the lowest of the last `period` ones, or of all while there are fewer. */
  push(value: number): number {
    const { block, index } = this
    const next = index + 1
    block[index] = value
    const best = Math.min(this.running[0]!, value)
    this.running[0] = best
    this.index = next
    if (next < this.period) return Math.min(best, block[next]!)
    this.turn()
    return best
  }

  reset(): void {
    this.block.fill(Number.POSITIVE_INFINITY)
    this.running[0] = Number.POSITIVE_INFINITY
    this.index = 0
  }

  private turn(): void {
    const block = this.block
    let best = Number.POSITIVE_INFINITY
    for (let slot = this.period - 1; slot >= 0; slot--) {
      best = Math.min(best, block[slot]!)
      block[slot] = best
    }
    this.running[0] = Number.POSITIVE_INFINITY
    this.index = 0
  }
}
