import { createRandom } from '@barfinex/core'
import { expect, test } from 'vitest'
import { applyMap, fitMap, identityMap } from './logistic-map.js'
import { sigmoid } from './metrics.js'

function sample(count: number, slope: number, intercept: number, seed = 3) {
  const random = createRandom(seed)
  const z = Float64Array.from({ length: count }, () => random.normal())
  const y = Float64Array.from(z, (value) => (random.next() < sigmoid(slope * value + intercept) ? 1 : 0))
  return { z, y, weight: new Float64Array(count).fill(1) }
}

test('many outcomes give the true map back', () => {
  const map = fitMap(sample(40_000, 0.4, -0.3), identityMap, 50)
  expect(map.slope).toBeCloseTo(0.4, 1)
  expect(map.intercept).toBeCloseTo(-0.3, 1)
  expect(map.sampleCount).toBeCloseTo(40_000, 6)
})

test('the gradient vanishes at the fitted map', () => {
  const outcomes = sample(300, 0.7, 0.2)
  const map = fitMap(outcomes, { slope: 0.5, intercept: 0.1, sampleCount: 0 }, 0)
  let gradientA = 0
  let gradientB = 0
  outcomes.z.forEach((z, i) => {
    gradientA += (applyMap(map, z) - outcomes.y[i]!) * z
    gradientB += applyMap(map, z) - outcomes.y[i]!
  })
  expect(Math.abs(gradientA)).toBeLessThan(1e-4)
  expect(Math.abs(gradientB)).toBeLessThan(1e-4)
})

test('no outcome, one class or one single score leave a finite map near its anchor', () => {
  const anchor = { slope: 0.8, intercept: -0.1, sampleCount: 900 }
  expect(fitMap(sample(0, 1, 0), anchor, 400)).toEqual({ ...anchor, sampleCount: 0 })
  const allWon = { z: Float64Array.of(0.1, 0.2, 0.3), y: Float64Array.of(1, 1, 1), weight: Float64Array.of(1, 1, 1) }
  const oneScore = { z: Float64Array.of(0.5, 0.5), y: Float64Array.of(1, 0), weight: Float64Array.of(1, 1) }
  for (const outcomes of [allWon, oneScore]) {
    const map = fitMap(outcomes, anchor, 400)
    expect(Number.isFinite(map.slope) && Number.isFinite(map.intercept)).toBe(true)
    expect(Math.abs(applyMap(map, 0.3) - applyMap(anchor, 0.3))).toBeLessThan(0.05)
  }
})

test('old outcomes count less in the effective number', () => {
  const outcomes = sample(1_000, 1, 0)
  const weight = Float64Array.from({ length: 1_000 }, (_, i) => 0.5 ** ((999 - i) / 100))
  expect(fitMap({ ...outcomes, weight }, identityMap, 50).sampleCount).toBeLessThan(320)
})

test('a ranking that was turned over leaves the intercept alone', () => {
  const outcomes = sample(4_000, -0.8, -0.4)
  const map = fitMap(outcomes, identityMap, 50)
  expect(map.slope).toBe(0)
  const rate = outcomes.y.reduce((sum, y) => sum + y, 0) / outcomes.y.length
  expect(applyMap(map, 3)).toBeCloseTo(rate, 2)
})
