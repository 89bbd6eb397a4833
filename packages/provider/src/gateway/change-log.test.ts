import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ChangeLog } from './change-log.js'

const frame = (sequence: number, size = 10) => ({ sequence, topic: 'orders' as const, text: 'x'.repeat(size) })

it('gives all frames after a position, or nothing at all', () => {
  fc.assert(
    fc.property(fc.nat({ max: 9_000 }), fc.nat({ max: 10_000 }), (count, asked) => {
      const log = new ChangeLog()
      for (let sequence = 1; sequence <= count; sequence += 1) log.add(frame(sequence))
      const found = log.since(asked, count)
      const isKept = asked <= count && count - asked <= 4_096
      expect(found?.map((it) => it.sequence) ?? null).toEqual(
        isKept ? Array.from({ length: count - asked }, (_, index) => asked + 1 + index) : null,
      )
    }),
    { numRuns: 50 },
  )
})

it('is bounded in size too', () => {
  const log = new ChangeLog()
  for (let sequence = 1; sequence <= 40; sequence += 1) log.add(frame(sequence, 1_000_000))
  expect(log.since(20, 40)).toBeNull()
  expect(log.since(24, 40)).toHaveLength(16)
  log.clear()
  expect(log.since(39, 40)).toBeNull()
})
