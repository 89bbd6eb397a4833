import fc from 'fast-check'
import { expect, it } from 'vitest'
import { testRuns } from '../testing/test-runs.js'
import { type Task, TaskQueue } from './task-queue.js'

it('gives tasks by instant, then in the order in which they came, whatever was taken back', () => {
  const step = fc.oneof(
    fc.record({ act: fc.constant('add'), at: fc.nat(20) }),
    fc.record({ act: fc.constant('take'), at: fc.nat() }),
    fc.record({ act: fc.constant('remove'), at: fc.nat() }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new TaskQueue()
      const added: Task[] = []
      let model: Task[] = []
      for (const { act, at } of steps) {
        if (act === 'add') {
          const task = queue.add(at, () => {})
          added.push(task)
          model.push(task)
          model.sort((a, b) => a.at - b.at || a.order - b.order)
        } else {
          const task = act === 'take' ? queue.peek() : added[at % Math.max(1, added.length)]
          if (act === 'take') expect(task).toBe(model[0])
          if (task === undefined) continue
          queue.remove(task)
          model = model.filter((it) => it !== task)
          expect(task.run).toBeNull()
        }
        expect(queue.size).toBe(model.length)
        expect(queue.peek()).toBe(model[0])
      }
    }),
    { numRuns: testRuns(200) },
  )
})
