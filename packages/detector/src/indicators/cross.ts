/**
 * Tells when one series passes another.
 *
 * Touching is not passing: from above to equal and back above is no cross, from above over equal to below is one, told when
 * it gets below. While either number is not finite there is no cross and the side stays as it was, so a cross that
 * happened meanwhile is told as soon as both are known again.
 *
 * @example
 * const cross = new Cross()
 * cross.update(1, 2) // => 0
 * cross.update(2, 2) // => 0
 * cross.update(3, 2) // => 1
 * cross.update(1, 2) // => -1
 */
export class Cross {
  /** 1: the first series was above when they last differed, -1: below, 0: not known. */
  private last = 0

  /** Which series was above when they last differed: 1 the first, -1 the second, 0 not known yet. */
  get side(): number {
    return this.last
  }

  /** Takes both series; returns 1 when the first just passed above the second, -1 below, else 0. */
  update(first: number, second: number): number {
    const side = first > second ? 1 : first < second ? -1 : 0
    if (side === 0 || side === this.last || !Number.isFinite(first - second)) return 0
    const cross = this.last === 0 ? 0 : side
    this.last = side
    return cross
  }

  reset(): void {
    this.last = 0
  }
}
