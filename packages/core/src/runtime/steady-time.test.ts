import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testRuns } from '../testing/test-runs.js'
import { createSteadyTime } from './steady-time.js'

function aMachine() {
  const machine = { wall: 1_000_000, monotonic: 50 }
  const now = createSteadyTime(
    () => machine.wall,
    () => machine.monotonic,
  )
  const pass = (ms: number) => {
    machine.wall += ms
    machine.monotonic += ms
    return now()
  }
  return { machine, now, pass }
}

describe('steady time', () => {
  it('is the time of day while nothing happens to it', () => {
    const { machine, pass } = aMachine()
    for (const ms of [0, 1, 7, 1_000, 86_400_000]) expect(pass(ms)).toBe(machine.wall)
  })

  it('jumps ahead with the time of day', () => {
    const { machine, now } = aMachine()
    machine.wall += 3_600_000
    expect(now()).toBe(machine.wall)
  })

  it('goes on when the time of day is set back, and comes to agree with it', () => {
    const { machine, now, pass } = aMachine()
    const before = now()
    machine.wall -= 10_000
    expect(now()).toBe(before)
    expect(pass(1_000)).toBe(before + 900)
    for (let second = 0; second < 98; second += 1) pass(1_000)
    expect(now()).toBe(machine.wall + 100)
    expect(pass(1_000)).toBe(machine.wall)
    expect(pass(1_000)).toBe(machine.wall)
  })

  it('never goes back, never stands still for long, never falls behind', () => {
    const step = fc.record({ passed: fc.nat(5_000), shift: fc.integer({ min: -20_000, max: 20_000 }) })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { machine, now, pass } = aMachine()
        let last = now()
        for (const { passed, shift } of steps) {
          machine.wall += shift
          const at = pass(passed)
          expect(at).toBeGreaterThanOrEqual(last + Math.floor(passed * 0.9) - 1)
          expect(at).toBeGreaterThanOrEqual(machine.wall)
          last = at
        }
      }),
      { numRuns: testRuns(200) },
    )
  })
})
