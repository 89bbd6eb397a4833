/**
 * The sum of the last `period` numbers, in constant amortised time and without drift.
 *
 * The usual way, adding the new number and subtracting the oldest, keeps every rounding error for ever and, after one huge
 * number passed, a wrong sum. Here nothing is subtracted. Numbers are taken in blocks of `period`; a window is always
 * the end of the last block plus the beginning of the present one. The beginning is a running sum; the sums of
 * all ends of the last block are computed once, when it is complete, in the block's own memory: slots that the present
 * block has not reached yet hold the sum from there to the end of the last one.
 */
export class WindowSum {
  private readonly block: Float64Array
  private readonly running = new Float64Array(1)
  private readonly period: number
  private index = 0

  constructor(period: number) {
    this.period = period
    this.block = new Float64Array(period)
  }

  /** Takes a finite number; returns the sum of the last `period` ones, or of all while there are fewer. */
  push(value: number): number {
    const { block, index } = this
    const next = index + 1
    block[index] = value
    const running = this.running[0]! + value
    this.running[0] = running
    this.index = next
    if (next < this.period) return running + block[next]!
    this.turn()
    return running
  }

  reset(): void {
    this.block.fill(0)
    this.running[0] = 0
    this.index = 0
  }

  /**
   * The block is complete: it becomes the last one, as the sums of its ends.
   *
   * Apart from `push`, which so stays small enough to be inlined, and without a result, which would be boxed.
   */
  private turn(): void {
    const block = this.block
    let sum = 0
    for (let slot = this.period - 1; slot >= 0; slot--) {
      sum += block[slot]!
      block[slot] = sum
    }
    this.running[0] = 0
    this.index = 0
  }
}
