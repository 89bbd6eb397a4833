import { createRandom } from '@barfinex/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calibrationErrorFloor } from './calibration-error-floor.js'
import { areaUnderCurve, brierScore, calibrationError, logit, logLoss, reliabilityTable, sigmoid } from './metrics.js'

describe('metrics', () => {
  test('known values', () => {
    expect(brierScore([0.8, 0.3], [1, 0])).toBeCloseTo((0.04 + 0.09) / 2, 12)
    expect(logLoss([0.8, 0.3], [1, 0])).toBeCloseTo((-Math.log(0.8) - Math.log(0.7)) / 2, 12)
    expect(areaUnderCurve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).auc).toBe(0.75)
    expect(areaUnderCurve([0.5, 0.5, 0.5], [1, 0, 1]).auc).toBe(0.5)
    expect(areaUnderCurve([0.2, 0.9], [1, 1])).toEqual({ auc: 0.5, standardError: 0.5 })
    expect(calibrationError([0.2, 0.2, 0.2, 0.2, 0.9, 0.9], [0, 0, 0, 1, 1, 1], 1)).toBeCloseTo(0.5 - 2.6 / 6, 12)
  })

  test('the area under the curve is the share of pairs in the right order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean()), { minLength: 2, maxLength: 40 }),
        (rows) => {
          const winners = rows.filter(([, won]) => won)
          const losers = rows.filter(([, won]) => !won)
          fc.pre(winners.length > 0 && losers.length > 0)
          let points = 0
          for (const [a] of winners) for (const [b] of losers) points += a > b ? 1 : a === b ? 0.5 : 0
          const { auc } = areaUnderCurve(
            rows.map(([score]) => score),
            rows.map(([, won]) => (won ? 1 : 0)),
          )
          expect(auc).toBeCloseTo(points / (winners.length * losers.length), 12)
        },
      ),
    )
  })

  test('logit undoes sigmoid', () => {
    fc.assert(
      fc.property(fc.double({ min: -20, max: 20, noNaN: true }), (x) => {
        expect(logit(sigmoid(x))).toBeCloseTo(x, 5)
      }),
    )
  })

  test('a reliability table holds every outcome once', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }), (p) => {
        const table = reliabilityTable(
          p,
          p.map((_, i) => i % 2),
        )
        expect(table.reduce((sum, bin) => sum + bin.count, 0)).toBe(p.length)
        for (let i = 1; i < table.length; i += 1) {
          expect(table[i]!.meanForecast).toBeGreaterThanOrEqual(table[i - 1]!.meanForecast - 1e-12)
        }
      }),
    )
  })

  test('the floor at 500 and 10,000 outcomes is what a perfect forecaster shows', () => {
    const random = createRandom(1)
    const spread = (n: number) => Float64Array.from({ length: n }, () => 0.25 + 0.3 * random.next())
    const small = calibrationErrorFloor(spread(500), random)
    const large = calibrationErrorFloor(spread(10_000), random, { runCount: 60 })
    expect(small.mean).toBeGreaterThan(0.045)
    expect(small.mean).toBeLessThan(0.062)
    expect(large.mean).toBeGreaterThan(0.009)
    expect(large.mean).toBeLessThan(0.015)
    expect(small.p95).toBeGreaterThan(small.mean)
  })
})
