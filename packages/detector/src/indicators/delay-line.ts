/** The number pushed `delay` pushes ago; NaN while there is none. */
export class DelayLine {
  private readonly ring: Float64Array
  private index = 0

  constructor(delay: number) {
    this.ring = new Float64Array(delay).fill(Number.NaN)
  }

  /** Takes a number; returns the one from `delay` pushes before. */
  push(value: number): number {
    const ring = this.ring
    const index = this.index
    const delayed = ring[index]!
    ring[index] = value
    this.index = index + 1 === ring.length ? 0 : index + 1
    return delayed
  }

  reset(): void {
    this.ring.fill(Number.NaN)
    this.index = 0
  }
}
