import type { BookChange } from '@barfinex/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BookFollower } from './book-follower.js'
import { OrderBook } from './order-book.js'

type Levels = [number, number][]

function update(first: number, last: number, bids: Levels = [], asks: Levels = []): BookChange {
  return { symbol: 'BTC/USDT', kind: 'update', firstSequence: first, lastSequence: last, bids, asks, occurredAt: last }
}

function snapshot(sequence: number, bids: Levels, asks: Levels): BookChange {
  return { ...update(sequence, sequence, bids, asks), kind: 'snapshot' }
}

describe('order book', () => {
  test('after any changes both sides are what a sorted map of them holds', () => {
    const level = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 3 }))
    fc.assert(
      fc.property(fc.array(fc.record({ isBid: fc.boolean(), level }), { maxLength: 400 }), (changes) => {
        const book = new OrderBook()
        const bids = new Map<number, number>()
        const asks = new Map<number, number>()
        for (const {
          isBid,
          level: [price, quantity],
        } of changes) {
          // Asks lie above bids, so that neither side disturbs the other.
          const at = isBid ? price : price + 1_000
          book.apply(update(1, 1, isBid ? [[at, quantity]] : [], isBid ? [] : [[at, quantity]]))
          const side = isBid ? bids : asks
          if (quantity === 0) side.delete(at)
          else side.set(at, quantity)
        }
        expect(book.levels(1_000)).toEqual({
          bids: [...bids].sort((a, b) => b[0] - a[0]),
          asks: [...asks].sort((a, b) => a[0] - b[0]),
        })
        const into = new Float64Array(20)
        const count = book.top('bids', 10, into)
        expect([...into.subarray(0, count * 2)]).toEqual(
          [...bids]
            .sort((a, b) => b[0] - a[0])
            .slice(0, 10)
            .flat(),
        )
      }),
    )
  })
})

describe('book follower', () => {
  const first = snapshot(10, [[100, 1]], [[101, 1]])

  function follow(changes: readonly BookChange[]) {
    const follower = new BookFollower()
    const published: number[] = []
    const outcomes = changes.map((change) => follower.take(change, (applied) => published.push(applied.lastSequence)))
    return { follower, published, outcomes }
  }

  test('updates before the snapshot are kept and chained on; the first after it may overlap it', () => {
    const { follower, published, outcomes } = follow([
      update(5, 8),
      update(9, 12, [[100, 2]]),
      update(
        13,
        13,
        [],
        [
          [101, 0],
          [102, 3],
        ],
      ),
      first,
    ])
    expect(outcomes).toEqual(['waiting', 'waiting', 'waiting', 'applied'])
    expect(published).toEqual([10, 12, 13])
    expect(follower.book.levels(5)).toEqual({ bids: [[100, 2]], asks: [[102, 3]] })
  })

  test('a hole makes the book unusable at once, until a snapshot reaches over it', () => {
    const { follower, published, outcomes } = follow([first, update(11, 11), update(13, 14), update(15, 15)])
    expect(outcomes).toEqual(['applied', 'applied', 'gap', 'waiting'])
    expect(follower.isUsable).toBe(false)
    expect(follower.take(snapshot(11, [[99, 1]], [[103, 1]]), () => {})).toBe('gap')
    expect(follower.isUsable).toBe(false)
    const after: number[] = []
    expect(follower.take(snapshot(14, [[98, 1]], [[104, 1]]), (it) => after.push(it.lastSequence))).toBe('applied')
    expect(after).toEqual([14, 15])
    expect(published).toEqual([10, 11])
  })

  test('an overlap later on is a gap, a repetition is old, crossed sides are no market', () => {
    const { outcomes } = follow([first, update(11, 11), update(11, 11), update(11, 12)])
    expect(outcomes).toEqual(['applied', 'applied', 'old', 'gap'])
    const crossed = follow([first, update(11, 11, [[102, 1]])])
    expect(crossed.outcomes).toEqual(['applied', 'crossed'])
    expect(crossed.follower.isUsable).toBe(false)
  })
})
