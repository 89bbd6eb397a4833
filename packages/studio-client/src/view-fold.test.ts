import { type Incident, type StudioTopicName, studioTopics, type Tally, TopicFold } from '@barfinex/core/browser'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FoldableFrame, ViewFold } from './view-fold.js'

type Message =
  | { readonly topic: 'incidents'; readonly payload: Incident }
  | { readonly topic: 'tallies'; readonly payload: Tally }

const incident = (id: number, raisedAt: number): Message => ({
  topic: 'incidents',
  payload: { incidentId: `i-${id}`, severity: 'info', reason: { code: 'a.b', message: '' }, symbol: null, raisedAt },
})
const tally = (id: number, count: number): Message => ({ topic: 'tallies', payload: { name: `n-${id}`, count } })

/** More ids than either topic keeps, so that limits take part. */
const messages = fc.array(
  fc.oneof(
    fc.tuple(fc.nat({ max: 260 }), fc.nat({ max: 9 })).map(([id, at]) => incident(id, at)),
    fc.tuple(fc.nat({ max: 80 }), fc.nat({ max: 9 })).map(([id, count]) => tally(id, count)),
  ),
  { maxLength: 700 },
)

/** What a gateway sends: a snapshot of the first part, then one conflated frame per topic and batch. */
function framesOf(all: readonly Message[], cuts: readonly number[]): FoldableFrame[] {
  const edges = [...new Set([...cuts.map((it) => Math.min(it, all.length)), all.length])].sort((a, b) => a - b)
  const [first = 0, ...rest] = edges
  const frames: FoldableFrame[] = [{ type: 'snapshot', cursor: 5, at: 1, topics: batchOf(all.slice(0, first)) }]
  let cursor = 5
  let from = first
  for (const to of rest) {
    for (const [topic, list] of Object.entries(batchOf(all.slice(from, to)))) {
      cursor += 1
      frames.push({ type: 'changes', topic: topic as StudioTopicName, cursor, at: 1, messages: list })
    }
    from = to
  }
  return frames
}

function batchOf(part: readonly Message[]): Partial<Record<StudioTopicName, unknown[]>> {
  const folds = { incidents: new TopicFold(studioTopics.incidents), tallies: new TopicFold(studioTopics.tallies) }
  for (const it of part) {
    if (it.topic === 'incidents') folds.incidents.apply(it.payload)
    else folds.tallies.apply(it.payload)
  }
  return Object.fromEntries(
    Object.entries(folds).flatMap(([topic, fold]) => (fold.size === 0 ? [] : [[topic, fold.list()]])),
  )
}

function foldAll(frames: readonly FoldableFrame[]): ViewFold {
  const fold = new ViewFold()
  for (const frame of frames) expect(fold.apply(frame)).toMatchObject({ isGap: false, refusedCount: 0 })
  return fold
}

describe('ViewFold', () => {
  it('gives the same for a snapshot and changes, however they are cut, as for everything at once', () => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat({ max: 700 }), { maxLength: 6 }), (all, cuts) => {
        expect(foldAll(framesOf(all, cuts)).view()).toEqual(foldAll(framesOf(all, [])).view())
      }),
      { numRuns: 60 },
    )
  })

  it('keeps the lists that did not change', () => {
    const fold = new ViewFold()
    fold.apply({ type: 'snapshot', cursor: 0, at: 1, topics: batchOf([incident(1, 1), tally(1, 1)]) })
    const before = fold.view()
    fold.apply({ type: 'changes', topic: 'tallies', cursor: 1, at: 2, messages: [{ name: 'n-1', count: 2 }] })
    const after = fold.view()
    expect(after.incidents).toBe(before.incidents)
    expect(after.tallies).toEqual([{ name: 'n-1', count: 2 }])
    expect(before.tallies).toEqual([{ name: 'n-1', count: 1 }])
    fold.tick(2)
    expect(fold.view()).toBe(after)
  })

  it('sees a missing frame, and takes nothing more until a snapshot', () => {
    const fold = new ViewFold()
    const change = (cursor: number): FoldableFrame => ({
      type: 'changes',
      topic: 'tallies',
      cursor,
      at: 1,
      messages: [],
    })
    expect(fold.apply(change(1)).isGap).toBe(true)
    fold.apply({ type: 'snapshot', cursor: 7, at: 1, topics: {} })
    expect(fold.apply(change(9)).isGap).toBe(true)
    expect(fold.apply(change(7)).isGap).toBe(true)
    expect(fold.apply(change(8)).isGap).toBe(false)
    expect(fold.cursor).toBe(8)
  })

  it('lets cursors jump where only some topics are followed', () => {
    const fold = new ViewFold(true)
    fold.apply({ type: 'snapshot', cursor: 7, at: 1, topics: {} })
    expect(fold.apply({ type: 'changes', topic: 'tallies', cursor: 12, at: 1, messages: [] }).isGap).toBe(false)
    expect(fold.apply({ type: 'changes', topic: 'tallies', cursor: 11, at: 1, messages: [] }).isGap).toBe(true)
  })

  it('tells of a new snapshot only what is different', () => {
    const fold = new ViewFold()
    fold.apply({ type: 'snapshot', cursor: 0, at: 1, topics: batchOf([incident(1, 1), incident(2, 1)]) })
    const { changes } = fold.apply({
      type: 'snapshot',
      cursor: 9,
      at: 2,
      topics: batchOf([incident(2, 1), incident(1, 5), incident(3, 1)]),
    })
    expect(changes.map((it) => (it.payload as Incident).incidentId)).toEqual(['i-1', 'i-3'])
  })

  it('leaves out and counts what is not of its schema', () => {
    const fold = new ViewFold()
    const { refusedCount } = fold.apply({
      type: 'snapshot',
      cursor: 0,
      at: 1,
      topics: { tallies: [{ name: 'fine', count: 1 }, { name: '<b>', count: 1 }, { name: 'x', count: -1 }, null] },
    })
    expect(refusedCount).toBe(3)
    expect(fold.view().tallies).toEqual([{ name: 'fine', count: 1 }])
  })
})
