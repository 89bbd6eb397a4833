/** The newest values of one number, newest at `ago` 0. NaN where there is none yet. */
export class Series {
  private readonly values: Float64Array
  private readonly mask: number
  private head = 0

  /** Keeps at least `depth + 1` values, so that `at(depth)` can be read. */
  constructor(depth: number) {
    let room = 1
    while (room < depth + 1) room *= 2
    this.values = new Float64Array(room).fill(Number.NaN)
    this.mask = room - 1
  }

  push(value: number): void {
    this.head = (this.head + 1) & this.mask
    this.values[this.head] = value
  }

  at(ago: number): number {
    return this.values[(this.head - ago) & this.mask] as number
  }
}
