import { testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RankWindow } from './rank-window.js'

test('the rank is that of a count through the newest values, ties and all', () => {
  const values = fc.array(fc.oneof(fc.double({ noNaN: true, min: 0, max: 1 }), fc.integer({ min: 0, max: 3 })), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), values, (size, all) => {
      const window = new RankWindow(size)
      expect(window.rankOfLast()).toBe(0.5)
      all.forEach((value, at) => {
        window.push(value)
        const kept = all.slice(Math.max(0, at + 1 - size), at + 1)
        const below = kept.filter((it) => it < value).length
        const equal = kept.filter((it) => it === value).length - 1
        expect(window.rankOfLast()).toBe(kept.length < 2 ? 0.5 : (below + equal / 2) / (kept.length - 1))
      })
    }),
    { numRuns: testRuns(100) },
  )
})
