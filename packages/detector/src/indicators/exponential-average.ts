/**
 * An average of which every new number replaces the same share, begun with the plain mean of the first `seedCount` numbers.
 *
 * A number that is not finite gives NaN and is not counted: so averages can be chained without further thought, each
 * waits until the one before it is seeded.
 */
export class ExponentialAverage {
  /** Average (while seeding: sum), the share of it that is kept, the share that is replaced. */
  private readonly cells = new Float64Array(3)
  private readonly seedCount: number
  private count = 0
  private isSeeded = false

  constructor(seedCount: number, weight: number) {
    this.seedCount = seedCount
    // Adding up to exactly 1, so that equal numbers keep their level. In this form the next average waits for one product only.
    this.cells[1] = 1 - weight
    this.cells[2] = 1 - this.cells[1]!
  }

  /** Takes the next number; returns the average, NaN until it is seeded. */
  push(value: number): number {
    let average = Number.NaN
    if (Number.isFinite(value)) {
      const cells = this.cells
      if (this.isSeeded) {
        average = cells[0]! * cells[1]! + value * cells[2]!
        cells[0] = average
      } else {
        cells[0] = cells[0]! + value
        this.seed()
        if (this.isSeeded) average = cells[0]!
      }
    }
    return average
  }

  reset(): void {
    this.cells[0] = 0
    this.count = 0
    this.isSeeded = false
  }

  /** Apart from `push`, which so stays small enough to be inlined, and without a result, which would be boxed. */
  private seed(): void {
    this.count++
    if (this.count < this.seedCount) return
    this.cells[0] = this.cells[0]! / this.seedCount
    this.isSeeded = true
  }
}

/** Weight of the newest number in the usual exponential average: its numbers are as old in the mean as in a window of `period`. */
export function emaOf(period: number): ExponentialAverage {
  return new ExponentialAverage(period, 2 / (period + 1))
}

/** Wilder's slower average. */
export function rmaOf(period: number): ExponentialAverage {
  return new ExponentialAverage(period, 1 / period)
}
