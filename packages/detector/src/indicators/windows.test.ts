import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RunningTotal } from './running-total.js'
import { WindowMax, WindowMin } from './window-extremes.js'
import { WindowMoments } from './window-moments.js'
import { WindowPeakAge } from './window-peak-age.js'
import { WindowSum } from './window-sum.js'

/** Numbers of very different size, so that a sum which subtracts would show. */
const wild = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
  fc.constantFrom(1e15, -1e15, 1e-12),
)
const series = fc.array(wild, { minLength: 1, maxLength: 80, size: 'max' })
const period = fc.integer({ min: 1, max: 12 })
const windowAt = (xs: readonly number[], at: number, n: number) => xs.slice(Math.max(0, at - n + 1), at + 1)
const sum = (xs: readonly number[]) => xs.reduce((total, x) => total + x, 0)

describe('windows', () => {
  it('sum only what is inside, to the last digits of what is inside', () => {
    fc.assert(
      fc.property(series, period, (xs, n) => {
        const window = new WindowSum(n)
        for (const [at, x] of xs.entries()) {
          const inside = windowAt(xs, at, n)
          const error = Math.abs(window.push(x) - sum(inside))
          expect(error).toBeLessThanOrEqual(sum(inside.map(Math.abs)) * n * Number.EPSILON)
        }
      }),
    )
  })

  it('know the extremes and how old the highest is', () => {
    fc.assert(
      fc.property(series, period, (xs, n) => {
        const [top, bottom, age] = [new WindowMax(n), new WindowMin(n), new WindowPeakAge(n)]
        for (const [at, x] of xs.entries()) {
          const inside = windowAt(xs, at, n)
          expect(top.push(x)).toBe(Math.max(...inside))
          expect(bottom.push(x)).toBe(Math.min(...inside))
          expect(age.push(x)).toBe(inside.length - 1 - inside.lastIndexOf(Math.max(...inside)))
        }
      }),
    )
  })

  it('find a variance at any level, and exactly none where all numbers are equal', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 30, maxLength: 90 }), period, (xs, n) => {
        const [ground, high] = [new WindowMoments(n), new WindowMoments(n)]
        const level = 2 ** 40
        for (const [at, x] of xs.entries()) {
          ground.push(x)
          high.push(level + x)
          if (at + 1 < n) continue
          const inside = windowAt(xs, at, n)
          const mean = sum(inside) / n
          const variance = sum(inside.map((it) => (it - mean) ** 2)) / n
          expect(Math.abs(ground.moments[1]! - variance)).toBeLessThanOrEqual(1e-12 * (variance + 1))
          expect(high.moments[1]!).toBeCloseTo(ground.moments[1]!, 9)
          expect(high.moments[2]!).toBeCloseTo(x - mean, 9)
          if (inside.every((it) => it === inside[0])) expect(high.moments[1]!).toBe(0)
        }
      }),
    )
  })

  it('forget an absurd number when it leaves', () => {
    const window = new WindowMoments(4)
    for (const x of [1, 2, 1e200, 3, 4, 5, 6]) window.push(x)
    expect(window.moments[0]).toBe(4.5)
    expect(window.moments[1]).toBe(1.25)
  })

  it('total a million tenths without an error', () => {
    const total = new RunningTotal()
    let last = 0
    for (let count = 0; count < 1_000_000; count++) last = total.add(0.1)
    expect(last).toBe(100_000)
  })
})
