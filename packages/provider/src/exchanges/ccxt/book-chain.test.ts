import { type BookChange, createVirtualClock } from '@barfinex/core'
import { expect, test } from 'vitest'
import { BookFollower } from '../../market/book-follower.js'
import { BookChain } from './book-chain.js'

const change = (firstSequence: number, lastSequence: number): BookChange => ({
  symbol: 'BTC/USDT',
  kind: 'update',
  firstSequence,
  lastSequence,
  bids: [[100, lastSequence]],
  asks: [],
  occurredAt: lastSequence,
})
const whole = (lastSequence: number): BookChange => ({
  ...change(lastSequence, lastSequence),
  kind: 'snapshot',
  asks: [[101, 1]],
})

function given(...books: readonly number[]) {
  const clock = createVirtualClock({ startAt: 0 })
  const asked: ((book: BookChange) => void)[] = []
  const emitted: BookChange[] = []
  const reader = new BookFollower()
  const chain = new BookChain({
    clock,
    read: () => new Promise((resolve) => asked.push(resolve)),
    emit: (it) => {
      emitted.push(it)
      reader.take(it, () => {})
    },
  })
  let answered = 0
  return {
    clock,
    chain,
    emitted,
    reader,
    /** Answers the oldest question with the next book. */
    async answer() {
      asked[answered]?.(whole(books[answered] as number))
      answered += 1
      await clock.advanceBy(0)
    },
  }
}

const spans = (changes: readonly BookChange[]) =>
  changes.map((it) => `${it.kind === 'snapshot' ? '=' : ''}${it.firstSequence}-${it.lastSequence}`)

test('a whole book comes first, and what was heard meanwhile is chained on', async () => {
  const { chain, emitted, answer, reader } = given(12)
  chain.begin()
  for (const it of [change(8, 10), change(11, 14), change(15, 15)]) chain.take(it)
  expect(emitted).toEqual([])
  await answer()
  expect(spans(emitted)).toEqual(['=12-12', '13-14', '15-15'])
  expect(reader.isUsable).toBe(true)
})

test('a whole book older than what was heard is read again', async () => {
  const { clock, chain, emitted, answer } = given(5, 9)
  chain.begin()
  chain.take(change(8, 10))
  await answer()
  expect(emitted).toEqual([])
  await clock.advanceBy(1_000)
  await answer()
  expect(spans(emitted)).toEqual(['=9-9', '10-10'])
})

test('C14: a missing number makes the book unusable at once, until a whole one is there', async () => {
  const { chain, answer, reader } = given(10, 16)
  chain.begin()
  await answer()
  chain.take(change(11, 12))
  expect(reader.isUsable).toBe(true)
  chain.take(change(15, 16))
  expect(reader.isUsable).toBe(false)
  chain.take(change(17, 18))
  await answer()
  expect(reader.isUsable).toBe(true)
  expect(reader.sequence).toBe(18)
})

test('a book that is asked for before a break is not taken after it', async () => {
  const { chain, emitted, answer } = given(10, 20)
  chain.begin()
  chain.stop()
  chain.begin()
  await answer()
  expect(emitted).toEqual([])
  await answer()
  expect(spans(emitted)).toEqual(['=20-20'])
})
