import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { orderState } from '../flow/5-order.js'
import { testRuns } from '../testing/test-runs.js'
import { assertTransition, canTransition, isFinal, isResting, isWorking } from './order-states.js'

const state = fc.constantFrom(...orderState.options)
/** What a world may say, in any order: the machine takes what is legal and refuses the rest. */
const words = fc.array(state, { maxLength: 60 })

function live(said: readonly (typeof orderState.options)[number][]) {
  const path: (typeof orderState.options)[number][] = ['initialized']
  const refused: string[] = []
  for (const to of said) {
    const from = path[path.length - 1] as (typeof path)[number]
    try {
      assertTransition(from, to, 'order-1')
      path.push(to)
    } catch (error) {
      refused.push((error as { code: string }).code)
    }
  }
  return { path, refused }
}

describe('an order, whatever is said about it', () => {
  test('ends once at most, and nothing comes after its end', () => {
    fc.assert(
      fc.property(words, (said) => {
        const { path, refused } = live(said)
        const ends = path.filter(isFinal)
        expect(ends.length).toBeLessThanOrEqual(1)
        if (ends.length === 1) expect(isFinal(path.at(-1) as (typeof path)[number])).toBe(true)
        expect(path.length - 1 + refused.length).toBe(said.length)
        expect(new Set(refused).size).toBeLessThanOrEqual(1)
        for (const code of refused) expect(code).toBe('order.transition-illegal')
      }),
      { numRuns: testRuns(300) },
    )
  })

  test('is denied only unsent, works only once it was submitted, and never becomes unsent again', () => {
    fc.assert(
      fc.property(words, (said) => {
        const { path } = live(said)
        expect(path.lastIndexOf('initialized')).toBe(0)
        expect(path.indexOf('denied')).toBeLessThanOrEqual(1)
        const working = path.findIndex(isWorking)
        if (working >= 0) expect([working, path[working]]).toEqual([1, 'submitted'])
        expect(path.lastIndexOf('submitted')).toBeLessThanOrEqual(1)
      }),
      { numRuns: testRuns(300) },
    )
  })

  test('can be filled for as long as it works, and rests only while it works', () => {
    fc.assert(
      fc.property(words, (said) => {
        for (const it of live(said).path) {
          expect(canTransition(it, 'filled')).toBe(isWorking(it))
          if (isResting(it)) expect(isWorking(it)).toBe(true)
        }
      }),
      { numRuns: testRuns(300) },
    )
  })
})
