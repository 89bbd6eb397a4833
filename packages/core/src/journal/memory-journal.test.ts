import { expect, it } from 'vitest'
import { journalContract, readAll, writeDay } from '../testing/journal-contract.js'
import { createMemoryJournal } from './memory-journal.js'

journalContract('memory journal', () => createMemoryJournal())

it('a memory journal keeps the newest messages only, and counts and hashes all', async () => {
  const all = createMemoryJournal()
  const some = createMemoryJournal({ keepCount: 5 })
  const none = createMemoryJournal({ keepCount: 0 })
  const written = writeDay(all, 10)
  writeDay(some, 10)
  writeDay(none, 10)
  expect(await readAll(some)).toEqual(written.slice(-5))
  expect(await readAll(none)).toEqual([])
  for (const journal of [some, none]) {
    expect(journal.count).toBe(written.length)
    expect(journal.hash()).toBe(all.hash())
  }
})
