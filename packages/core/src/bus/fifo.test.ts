import fc from 'fast-check'
import { expect, it } from 'vitest'
import { testRuns } from '../testing/test-runs.js'
import { Fifo } from './fifo.js'
import { RetainedLog } from './retained-log.js'

it('a fifo gives back what it got, in order, whatever the turns', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3_000)), (turns) => {
      const fifo = new Fifo<number>()
      const model: number[] = []
      let next = 0
      for (const [index, count] of turns.entries()) {
        for (let step = 0; step < count; step += 1) {
          if (index % 2 === 0) {
            fifo.push(next)
            model.push(next)
            next += 1
          } else expect(fifo.shift()).toBe(model.shift())
        }
        expect(fifo.length).toBe(model.length)
        expect(fifo.count((item) => item % 3 === 0)).toBe(model.filter((item) => item % 3 === 0).length)
      }
    }),
    { numRuns: testRuns(15) },
  )
})

it('a retained log holds the newest items at their positions', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.nat(60), fc.nat(70), (capacity, count, position) => {
      const log = new RetainedLog<number>(capacity)
      for (let item = 0; item < count; item += 1) log.push(item)
      const held = Array.from({ length: count }, (_, item) => item).slice(Math.max(0, count - capacity))
      expect(log.end).toBe(count)
      expect(log.start).toBe(count - held.length)
      expect(log.from(position)).toEqual(held.filter((item) => item >= position))
    }),
    { numRuns: testRuns(200) },
  )
})
