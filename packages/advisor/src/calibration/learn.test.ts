import { createRandom } from '@barfinex/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { regimes } from '../regime/regime.js'
import { type CalibrationState, initialCalibration } from './calibration-state.js'
import { calibratorOf } from './calibrator.js'
import { fitMaps } from './fit-maps.js'
import { type CalibrationOutcome, defaultLearningPolicy, learn } from './learn.js'
import { applyMap, identityMap } from './logistic-map.js'
import { sigmoid } from './metrics.js'
import { restoreCalibration, storeCalibration } from './stored-calibration.js'
import { hitRateOf, tablePrior } from './track-record.js'

const calibrated = initialCalibration({ modelId: 'model', baseRate: 0.4, map: { ...identityMap, sampleCount: 2_000 } })
const blank = initialCalibration({ modelId: 'model', baseRate: 0.4, map: null })

function outcomes(count: number, { slope = 1, intercept = 0, seed = 1 } = {}): CalibrationOutcome[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, (_, i) => {
    const logit = random.normal()
    const won = random.next() < sigmoid(slope * logit + intercept)
    return { strategyId: 'pullback', logit, won, regime: regimes[random.integer(4)]!, resolvedAt: i * 60_000 }
  })
}

const learnAll = (state: CalibrationState, all: readonly CalibrationOutcome[]) =>
  all.reduce((next, outcome) => learn(next, outcome), state)

describe('learning', () => {
  test('below 50 outcomes the base rate answers, whatever the logit', () => {
    const calibrator = calibratorOf(learnAll(blank, outcomes(49, { intercept: -3 })))
    const one = calibrator.calibrate(-2, 'quietTrend')
    expect(one.serving).toBe('prior')
    expect(one.probability).toBe(calibrator.calibrate(2, 'volatileRange').probability)
    expect(one.probability).toBeLessThan(0.4)
    expect(calibratorOf(blank).calibrate(0, 'quietTrend').probability).toBeCloseTo(0.4, 12)
  })

  test('a blank calibrator finds the true map and ranks by it', () => {
    const state = learnAll(blank, outcomes(3_000, { slope: 0.5, intercept: -0.4 }))
    expect(state.serving).toBe('online')
    const calibrator = calibratorOf(state)
    for (const z of [-1, 0, 1]) {
      const { probability, low, high } = calibrator.calibrate(z, 'quietRange')
      expect(Math.abs(probability - sigmoid(0.5 * z - 0.4))).toBeLessThan(0.06)
      expect(low).toBeLessThanOrEqual(probability)
      expect(high).toBeGreaterThanOrEqual(probability)
    }
  })

  test('the shipped map keeps serving while it is right', () => {
    expect(learnAll(calibrated, outcomes(2_500)).serving).toBe('static')
  })

  test('the challenger takes over when the world has changed, and gives way when it changes back', () => {
    const moved = learnAll(calibrated, outcomes(1_500, { slope: 0.3, intercept: -1 }))
    expect(moved.serving).toBe('online')
    const back = outcomes(1_500, { seed: 9 })
    expect(learnAll(moved, back).serving).toBe('static')
  })

  test('the maps by regime answer only where regimes differ', () => {
    const alike = learnAll(blank, outcomes(2_000, { slope: 0.5 }))
    expect(alike.byRegime).toBe(false)
    const random = createRandom(7)
    const apart = outcomes(3_000).map((o) => {
      const volatile = o.regime.startsWith('volatile')
      return { ...o, won: random.next() < sigmoid((volatile ? -0.8 : 0.8) + 0.3 * (o.logit ?? 0)) }
    })
    const state = learnAll(blank, apart)
    expect(state.byRegime).toBe(true)
    const calibrator = calibratorOf(state)
    const quiet = calibrator.calibrate(0, 'quietTrend').probability
    expect(quiet - calibrator.calibrate(0, 'volatileTrend').probability).toBeGreaterThan(0.2)
  })

  test.each([
    { truth: 'the same truth', few: {}, within: 0.01 },
    { truth: 'quite another truth', few: { slope: 0, intercept: -2 }, within: 0.03 },
  ])('with twenty outcomes of $truth a regime keeps the global map within $within', ({ few, within }) => {
    const rows = [
      ...outcomes(2_000).filter((o) => o.regime !== 'volatileTrend'),
      ...outcomes(20, { ...few, seed: 4 }).map((o) => ({ ...o, regime: 'volatileTrend' as const })),
    ]
    const maps = fitMaps({
      logits: rows.map((o) => o.logit ?? 0),
      won: rows.map((o) => (o.won ? 1 : 0)),
      regimes: rows.map((o) => regimes.indexOf(o.regime)),
      weights: rows.map(() => 1),
    })
    for (const z of [-1, 0, 1]) {
      expect(Math.abs(applyMap(maps.regimes.volatileTrend, z) - applyMap(maps.global, z))).toBeLessThan(within)
    }
  })

  test('is pure: the given state is untouched and the same outcomes give the same hash', () => {
    const before = storeCalibration(calibrated).hash
    const first = storeCalibration(learnAll(calibrated, outcomes(120)))
    const second = storeCalibration(learnAll(calibrated, outcomes(120)))
    expect(first.hash).toBe(second.hash)
    expect(storeCalibration(calibrated).hash).toBe(before)
    expect(first.hash).not.toBe(before)
  })

  test('refits every 50 outcomes or after a day', () => {
    const policy = { ...defaultLearningPolicy, minOutcomes: 5 }
    const [first] = outcomes(1)
    let state = blank
    for (let i = 0; i < 10; i += 1) state = learn(state, { ...first!, resolvedAt: 1_000 + i }, policy)
    expect(state.online).toBeNull()
    state = learn(state, { ...first!, resolvedAt: 1_000 + 86_400_000 }, policy)
    expect(state.online).not.toBeNull()
    expect(state.refit).toEqual({ pendingCount: 0, at: 1_000 + 86_400_000 })
  })

  test('forgets what is older than its window', () => {
    const policy = { ...defaultLearningPolicy, windowCount: 60, duelCount: 30 }
    const state = outcomes(200).reduce((next, outcome) => learn(next, outcome, policy), calibrated)
    expect(state.window.logits).toHaveLength(60)
    expect(state.duels.online).toHaveLength((200 - 50) % 30)
    expect(state.outcomeCount).toBe(200)
  })
})

describe('track record', () => {
  test('a result without a logit teaches the table alone', () => {
    const lost = { strategyId: 'pullback', logit: null, regime: 'quietTrend', won: false, resolvedAt: 1 } as const
    const state = learn(learn(calibrated, lost), { ...lost, strategyId: 'breakout', won: true })
    expect(state.outcomeCount).toBe(0)
    expect(hitRateOf(state.trackRecord, 'pullback')).toEqual({ wonCount: 0, count: 1 })
    expect(tablePrior(state.trackRecord, 0.4, 'pullback', 'quietTrend')).toBeCloseTo(8 / 21, 12)
    expect(tablePrior(state.trackRecord, 0.4, 'breakout', 'quietTrend')).toBeCloseTo(9 / 21, 12)
    expect(tablePrior(state.trackRecord, 0.4, 'pullback', 'volatileTrend')).toBeCloseTo(0.4, 12)
  })

  test('the hit rate looks at the last thirty', () => {
    const state = learnAll(blank, [
      ...outcomes(30).map((outcome) => ({ ...outcome, won: true })),
      ...outcomes(12).map((outcome) => ({ ...outcome, won: false })),
    ])
    expect(hitRateOf(state.trackRecord, 'pullback')).toEqual({ wonCount: 18, count: 30 })
    expect(hitRateOf(state.trackRecord, 'unknown')).toEqual({ wonCount: 0, count: 0 })
  })
})

describe('stored state', () => {
  test('survives JSON, and learning goes on as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 60 }), (before, after) => {
        const all = outcomes(before + after)
        const straight = learnAll(calibrated, all)
        const stored = JSON.parse(JSON.stringify(storeCalibration(learnAll(calibrated, all.slice(0, before)))))
        const resumed = learnAll(restoreCalibration(stored), all.slice(before))
        expect(storeCalibration(resumed).hash).toBe(storeCalibration(straight).hash)
      }),
      { numRuns: 8 },
    )
  })

  test('an edited or foreign state is refused', () => {
    const stored = storeCalibration(learnAll(calibrated, outcomes(60)))
    const edited = { ...stored, state: { ...stored.state, baseRate: 0.9 } }
    expect(() => restoreCalibration(edited)).toThrowError(
      expect.objectContaining({ code: 'advisor.calibration-invalid' }),
    )
    expect(() => restoreCalibration({ hash: 'x' })).toThrowError(
      expect.objectContaining({ code: 'advisor.calibration-invalid' }),
    )
  })
})
