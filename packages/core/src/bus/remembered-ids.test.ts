import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testRuns } from '../testing/test-runs.js'
import { RememberedIds } from './remembered-ids.js'

describe('remembered ids', () => {
  it('are the newest, at least as many as asked for and at most twice as many', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.integer({ min: 0, max: 40 })), (limit, numbers) => {
        const ids = new RememberedIds(limit)
        const added: string[] = []
        for (const number of numbers) {
          const id = String(number)
          const wasKnown = ids.has(id)
          expect(ids.add(id)).toBe(!wasKnown)
          if (!wasKnown) added.push(id)
          for (const newest of added.slice(-limit)) expect(ids.has(newest)).toBe(true)
        }
        const known = Array.from({ length: 41 }, (_, number) => String(number)).filter((id) => ids.has(id))
        expect(known.length).toBeLessThanOrEqual(limit * 2)
      }),
      { numRuns: testRuns(200) },
    )
  })
})
