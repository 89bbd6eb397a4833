import { testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonFault, readStrictJson, toPlain } from './strict-json.js'

test('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      const plain = JSON.parse(text) as unknown
      if (text.includes('"__proto__"')) return
      expect(toPlain(readStrictJson(text))).toEqual(plain)
    }),
    { numRuns: testRuns(300) },
  )
})

test('refuses what JSON.parse refuses', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom(...'{}[],:"\\x01.-eE+ \n'), (json, at, mark) => {
      const place = at % (json.length + 1)
      const text = json.slice(0, place) + mark + json.slice(place)
      let isSound = true
      try {
        JSON.parse(text)
      } catch {
        isSound = false
      }
      if (!isSound) expect(() => readStrictJson(text)).toThrowError(JsonFault)
    }),
    { numRuns: testRuns(300) },
  )
})

test.each([
  ['{"a":1,"a":2}', 'duplicate-key'],
  ['{"a":{"b":1,"\\u0062":2}}', 'duplicate-key'],
  ['[[[[[[[[[[[[[[1]]]]]]]]]]]]]]', 'json'],
  ['{"a":1} {"b":2}', 'json'],
  ['', 'json'],
])('refuses %s', (text, kind) => {
  expect(() => readStrictJson(text)).toThrowError(kind)
})

test('a key with a meaning for JavaScript is refused', () => {
  expect(() => toPlain(readStrictJson('{"__proto__":{"a":1}}'))).toThrowError('json')
})
