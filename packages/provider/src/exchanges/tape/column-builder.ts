/** A column of numbers that grows as it is filled. */
export class ColumnBuilder {
  private values = new Float64Array(4_096)
  private length = 0

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Float64Array(this.length * 2)
      larger.set(this.values)
      this.values = larger
    }
    this.values[this.length] = value
    this.length += 1
  }

  /** What has been filled so far; later additions do not show in it. */
  column(): Float64Array {
    return this.values.slice(0, this.length)
  }
}
