/** A price beyond so many times the one before it, or below that part of it, is a jump. */
const jump = 2
/** A second price within this share of a held one confirms it. */
const agreement = 0.1
/** After so long without a price anything may have happened, in milliseconds. */
const forgetMs = 60_000

/**
 * Holds back a price that is not believable after the one before it, until the next one says the same: a decimal mistake lasts one
 * event, a crash goes on.
 */
export class OutlierGate {
  private last = Number.NaN
  private lastAt = Number.NEGATIVE_INFINITY
  private held = Number.NaN

  /** True when the price is held back. `at` is exchange time. */
  refuses(price: number, at: number): boolean {
    const isJump = (price > this.last * jump || price * jump < this.last) && at - this.lastAt <= forgetMs
    if (isJump && !(Math.abs(price - this.held) <= this.held * agreement)) {
      this.held = price
      return true
    }
    this.held = Number.NaN
    this.last = price
    this.lastAt = at
    return false
  }
}
