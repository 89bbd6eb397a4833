import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Cross } from './cross.js'

const crosses = (pairs: readonly (readonly [number, number])[]) => {
  const cross = new Cross()
  return pairs.map(([first, second]) => cross.update(first, second))
}

describe('cross', () => {
  it('tells when the first passes above and when it passes below', () => {
    const pairs = [
      [1, 2],
      [3, 2],
      [4, 2],
      [1, 2],
    ] as const
    expect(crosses(pairs)).toEqual([0, 1, 0, -1])
  })

  it('does not call touching passing', () => {
    const touched = [
      [3, 2],
      [2, 2],
      [3, 2],
    ] as const
    expect(crosses(touched)).toEqual([0, 0, 0])
    const passed = [
      [3, 2],
      [2, 2],
      [1, 2],
    ] as const
    expect(crosses(passed)).toEqual([0, 0, -1])
  })

  it('keeps the side while a number is unknown', () => {
    const pairs = [
      [1, 2],
      [Number.NaN, 2],
      [3, Number.POSITIVE_INFINITY],
      [3, 2],
    ] as const
    expect(crosses(pairs)).toEqual([0, 0, 0, 1])
  })

  it('alternates, whatever the series do, and ends on the side it tells', () => {
    const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(Number.NaN))
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number)), (pairs) => {
        const cross = new Cross()
        const told = pairs.map(([first, second]) => cross.update(first, second)).filter((it) => it !== 0)
        for (const [at, side] of told.entries()) expect(side).not.toBe(told[at - 1])
        const known = pairs.filter(([first, second]) => first < second || first > second)
        const last = known.at(-1)
        expect(cross.side).toBe(last === undefined ? 0 : Math.sign(last[0] - last[1]))
        cross.reset()
        expect(cross.side).toBe(0)
      }),
    )
  })
})
