import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { StudioTopic } from '../flow/studio-topics.js'
import { TopicFold } from './topic-fold.js'

interface Note {
  readonly group: string
  readonly id: number
  readonly text: number
}

const note = z.object({ group: z.string(), id: z.number(), text: z.number() })

const topicOf = (grouped: boolean, limit: number, total: number): StudioTopic<Note> => ({
  channel: null,
  schema: note,
  idOf: (it) => `${it.group}.${it.id}`,
  groupOf: grouped ? (it) => it.group : null,
  limit,
  total,
  isLive: false,
})

const notes = fc.array(
  fc.record({ group: fc.constantFrom('a', 'b', 'c'), id: fc.nat({ max: 7 }), text: fc.nat({ max: 9 }) }),
  { maxLength: 60 },
)

function foldOf(topic: StudioTopic<Note>, all: readonly Note[]): TopicFold<Note> {
  const fold = new TopicFold(topic)
  for (const it of all) fold.apply(it)
  return fold
}

describe('TopicFold', () => {
  it('keeps the last value of each id, the last touched ids, and in that order', () => {
    const fold = foldOf(topicOf(false, 2, 2), [
      { group: 'a', id: 1, text: 1 },
      { group: 'a', id: 2, text: 2 },
      { group: 'a', id: 1, text: 3 },
      { group: 'a', id: 3, text: 4 },
    ])
    expect(fold.list().map((it) => [it.id, it.text])).toEqual([
      [1, 3],
      [3, 4],
    ])
    expect(fold.get('a.2')).toBeUndefined()
    expect(fold.get('a.1')?.text).toBe(3)
  })

  it('holds each group to its limit and all groups to the total', () => {
    const all = ['a', 'b', 'c'].flatMap((group) => [1, 2, 3, 4].map((id) => ({ group, id, text: 0 })))
    expect(
      foldOf(topicOf(true, 2, 5), all)
        .list()
        .map((it) => `${it.group}${it.id}`),
    ).toEqual(['a4', 'b3', 'b4', 'c3', 'c4'])
  })

  it('is the same however the messages are cut into conflated batches', () => {
    fc.assert(
      fc.property(
        notes,
        fc.array(fc.nat({ max: 60 }), { maxLength: 8 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 12 }),
        (all, cuts, grouped, limit, total) => {
          const topic = topicOf(grouped, limit, grouped ? total : limit)
          const batched = new TopicFold(topic)
          const edges = [0, ...[...cuts].sort((a, b) => a - b), all.length]
          for (let index = 1; index < edges.length; index += 1) {
            const batch = foldOf(topic, all.slice(edges[index - 1], edges[index]))
            for (const it of batch.list()) batched.apply(it)
          }
          expect(batched.list()).toEqual(foldOf(topic, all).list())
        },
      ),
      { numRuns: 300 },
    )
  })
})
