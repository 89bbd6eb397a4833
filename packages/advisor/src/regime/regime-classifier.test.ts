import { createRandom } from '@barfinex/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RegimeReading } from './regime.js'
import { createRegimeClassifier, defaultRegimeOptions, type RegimeOptions } from './regime-classifier.js'

/** Closes of a market whose volatility clusters and whose drift comes and goes. */
function closes(count: number, seed: number): number[] {
  const random = createRandom(seed)
  let log = Math.log(100)
  let deviation = 0.002
  let drift = 0
  return Array.from({ length: count }, () => {
    if (random.next() < 0.01) drift = 0.0012 * random.normal()
    deviation = Math.exp(0.97 * Math.log(deviation) + 0.03 * Math.log(0.002) + 0.15 * random.normal())
    log += drift + deviation * random.normal()
    return Math.exp(log)
  })
}

function readings(prices: readonly number[], options?: RegimeOptions): RegimeReading[] {
  const classifier = createRegimeClassifier(options)
  return prices.map((close) => classifier.update(close))
}

const flips = (all: readonly RegimeReading[]) =>
  all.filter((now, i) => i > 0 && now.regime !== all[i - 1]!.regime).length

test('is causal: a reading does not depend on later closes', () => {
  const prices = closes(900, 1)
  const whole = readings(prices)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 899 }), (cut) => {
      const poisoned = [...prices.slice(0, cut + 1), ...prices.slice(cut + 1).map((price) => price * 3)]
      expect(readings(poisoned)[cut]).toEqual(whole[cut])
    }),
    { numRuns: 20 },
  )
})

test('hysteresis more than halves the flips', () => {
  const noHysteresis = { ...defaultRegimeOptions, volatilityOff: 0.75, trendOff: 0.35 }
  for (const seed of [1, 2, 3]) {
    const prices = closes(6_000, seed)
    const calm = flips(readings(prices).slice(500))
    const nervous = flips(readings(prices, noHysteresis).slice(500))
    expect(calm).toBeGreaterThan(10)
    expect((1_000 * calm) / 5_500).toBeLessThanOrEqual(45)
    expect(calm).toBeLessThan(0.6 * nervous)
  }
})

test('names what it sees', () => {
  const random = createRandom(4)
  const quiet = Array.from({ length: 700 }, () => 0.001 * random.normal())
  const stormy = Array.from({ length: 60 }, () => 0.01 * random.normal())
  const rising = Array.from({ length: 60 }, () => 0.01 + 0.005 * random.normal())
  const prices = (returns: readonly number[]) => {
    let log = 4
    return returns.map((value) => {
      log += value
      return Math.exp(log)
    })
  }
  expect(readings(prices([...quiet, ...stormy])).at(-1)?.regime).toMatch(/^volatile/)
  expect(readings(prices([...quiet, ...rising])).at(-1)?.regime).toBe('volatileTrend')
  const dying = Array.from({ length: 120 }, () => 0.0002 * random.normal())
  expect(readings(prices([...quiet, ...dying])).at(-1)?.regime).toMatch(/^quiet/)
})

test('marks the bars after a change, and everything before it is warm, as a transition', () => {
  const all = readings(closes(3_000, 6))
  expect(all.slice(0, 500).every((now) => now.transition)).toBe(true)
  for (let i = 600; i < all.length; i += 1) {
    const changed = all[i]!.regime !== all[i - 1]!.regime
    if (changed) for (let k = i; k < Math.min(all.length, i + 6); k += 1) expect(all[k]!.transition).toBe(true)
    expect(all[i]!.barCount === 1).toBe(changed)
    expect(all[i]!.membership).toBeGreaterThanOrEqual(0)
    expect(all[i]!.membership).toBeLessThanOrEqual(1)
  }
  expect(all.slice(600).some((now) => !now.transition)).toBe(true)
})

test('a flat market is a quiet range', () => {
  expect(readings(new Array(600).fill(100)).at(-1)?.regime).toBe('quietRange')
})
