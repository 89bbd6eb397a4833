import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecentRecords } from './recent-records.js'

test('keeps the newest records by key', () => {
  const additions = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 60 })
  fc.assert(
    fc.property(additions, fc.integer({ min: 1, max: 8 }), (keys, limit) => {
      const records = new RecentRecords<number>(limit)
      for (const [index, key] of keys.entries()) records.set(key, index)
      const newest = keys.map((key, index) => ({ key, index })).slice(-limit)
      const wanted = newest.filter(({ key, index }) => keys.lastIndexOf(key) === index)
      for (const key of 'abcdef') {
        expect(records.get(key)).toBe(wanted.find((it) => it.key === key)?.index)
        expect(records.has(key)).toBe(wanted.some((it) => it.key === key))
      }
    }),
  )
})
