/** A total of any number of terms, compensated (Neumaier), so that a million terms round like one. */
export class RunningTotal {
  /** Sum, and what rounding has withheld from it. */
  private readonly state = new Float64Array(2)

  /** Adds a finite term; returns the total. */
  add(term: number): number {
    const state = this.state
    const sum = state[0]!
    const next = sum + term
    state[1] = state[1]! + (Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum)
    state[0] = next
    return next + state[1]!
  }

  reset(): void {
    this.state.fill(0)
  }
}
