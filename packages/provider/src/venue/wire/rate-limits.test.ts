import { expect, it } from 'vitest'
import { createRateLimits, RateLimitError } from './rate-limits.js'

function refusalOf(run: () => void): readonly [status: number, retryAfterSeconds: number] | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof RateLimitError) return [error.httpStatus, error.retryAfterSeconds]
    throw error
  }
  return undefined
}

it('says when to come back, forgets with the minute, and bans who does not listen', () => {
  let now = 60_000
  const limits = createRateLimits(() => now, { weightPerMinute: 10 })
  const admit = () => refusalOf(() => limits.admit('a'))
  expect(limits.charge('a', 11)).toBe(11)
  now += 45_000
  expect(admit()).toEqual([429, 15])
  expect(refusalOf(() => limits.admit('b'))).toBeUndefined()
  now += 15_000
  expect(admit()).toBeUndefined()

  limits.charge('a', 11)
  for (let call = 0; call < 20; call += 1) expect(admit()).toEqual([429, 60])
  expect(admit()).toEqual([418, 120])
  now += 119_000
  expect(admit()).toEqual([418, 1])
  now += 1_000
  expect(admit()).toBeUndefined()
})

it('bounds dials in five minutes', () => {
  let now = 0
  const limits = createRateLimits(() => now, { dialsPer5Minutes: 2 })
  const dial = () => refusalOf(() => limits.dial('a'))
  expect([dial(), dial(), dial()]).toEqual([undefined, undefined, [429, 300]])
  now = 300_000
  expect(dial()).toBeUndefined()
})
