import { createRandom } from '@barfinex/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { vennAbers } from './venn-abers.js'
import { wilsonInterval } from './wilson.js'

/** Isotonic regression by its min-max formula: slow, and obviously right. */
function isotonicByDefinition(score: readonly number[], y: readonly number[], at: number): number {
  let best = Number.POSITIVE_INFINITY
  for (const upper of score.filter((s) => s >= at)) {
    let worst = Number.NEGATIVE_INFINITY
    for (const lower of score.filter((s) => s <= at)) {
      const inside = y.filter((_, i) => score[i]! >= lower && score[i]! <= upper)
      worst = Math.max(worst, inside.reduce((sum, value) => sum + value, 0) / inside.length)
    }
    best = Math.min(best, worst)
  }
  return best
}

test('both bounds equal isotonic regression by definition, ties included', () => {
  const row = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 1 }))
  fc.assert(
    fc.property(fc.array(row, { maxLength: 14 }), fc.integer({ min: -1, max: 9 }), (rows, at) => {
      const score = rows.map(([s]) => s)
      const y = rows.map(([, value]) => value)
      const { low, high } = vennAbers(score, y)(at)
      expect(low).toBeCloseTo(isotonicByDefinition([...score, at], [...y, 0], at), 12)
      expect(high).toBeCloseTo(isotonicByDefinition([...score, at], [...y, 1], at), 12)
    }),
    { numRuns: 300 },
  )
})

test('the interval is narrow where outcomes are many', () => {
  const random = createRandom(5)
  const p = Array.from({ length: 1_000 }, () => 0.3 + 0.3 * random.next())
  const { low, high } = vennAbers(
    p,
    p.map((value) => (random.next() < value ? 1 : 0)),
  )(0.45)
  expect(high - low).toBeLessThan(0.1)
  expect(high).toBeGreaterThan(0.35)
  expect(low).toBeLessThan(0.55)
})

test('Wilson: known value, and everything is possible before the first outcome', () => {
  const { low, high } = wilsonInterval(0.4, 100, 1.96)
  expect(low).toBeCloseTo(0.3094, 3)
  expect(high).toBeCloseTo(0.498, 3)
  expect(wilsonInterval(0.4, 0, 1.96)).toEqual({ low: 0, high: 1 })
})
