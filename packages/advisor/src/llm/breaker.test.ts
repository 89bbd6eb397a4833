import { describe, expect, test } from 'vitest'
import { type Admission, Breaker, type BreakerState, type CallOutcome } from './breaker.js'
import { llmOptions } from './llm-options.js'

const limits = llmOptions.parse({}).breaker

function aBreaker() {
  const states: BreakerState[] = []
  const breaker = new Breaker(limits, (state) => void states.push(state))
  const call = (now: number, outcome: CallOutcome) => {
    const admission = breaker.admit(now)
    if (admission !== null) breaker.settle(now, admission, outcome)
    return admission !== null
  }
  return { breaker, states, call }
}

describe('breaker', () => {
  test('three deadlines in a row open it; an answer between them does not let it come so far', () => {
    const { states, call } = aBreaker()
    for (const outcome of ['deadline', 'deadline', 'answered', 'deadline', 'deadline'] as const) call(0, outcome)
    // Four of five failed, but the answer is what counts for the row.
    expect(states).toEqual(['open'])
    const other = aBreaker()
    for (const outcome of ['deadline', 'deadline', 'deadline'] as const) other.call(0, outcome)
    expect(other.states).toEqual(['open'])
  })

  test('half of the calls in the window open it, from the fifth on; what is older than the window is forgotten', () => {
    const { states, call } = aBreaker()
    for (let count = 0; count < 4; count += 1) call(0, 'failed')
    expect(states).toEqual([])
    call(limits.windowMs, 'failed')
    expect(states).toEqual([])
    for (let count = 0; count < 4; count += 1) call(limits.windowMs, 'failed')
    expect(states).toEqual(['open'])
  })

  test('rests double up to their limit, and one call at a time goes through', () => {
    const { breaker, states, call } = aBreaker()
    for (let count = 0; count < 5; count += 1) call(0, 'failed')
    let now = 0
    const rests = []
    for (let count = 0; count < 7; count += 1) {
      const before = now
      while (!call(now, 'failed')) now += 1_000
      rests.push(now - before)
    }
    expect(rests).toEqual([60_000, 120_000, 240_000, 480_000, 900_000, 900_000, 900_000])
    now += 900_000
    const probe = breaker.admit(now) as Admission
    expect(probe).toEqual({ isProbe: true })
    expect(breaker.admit(now)).toBeNull()
    // A call that was begun before it opened ends now: it decides nothing.
    breaker.settle(now, { isProbe: false }, 'answered')
    expect(breaker.admit(now)).toBeNull()
    breaker.settle(now, probe, 'answered')
    expect(states.at(-1)).toBe('closed')
    expect(breaker.admit(now)).toEqual({ isProbe: false })
  })

  test('a probe that was not made after all leaves its place to the next', () => {
    const { breaker, call } = aBreaker()
    for (let count = 0; count < 5; count += 1) call(0, 'failed')
    breaker.settle(60_000, breaker.admit(60_000) as Admission, 'unknown')
    expect(breaker.admit(60_000)).toEqual({ isProbe: true })
  })
})
