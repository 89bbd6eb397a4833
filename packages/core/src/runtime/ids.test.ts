import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { identifier } from '../flow/primitives.js'
import { testRuns } from '../testing/test-runs.js'
import { createIds, derivedId } from './ids.js'

describe('ids', () => {
  it('count up from a seed: the same run makes the same ids', () => {
    const one = createIds(7)
    const again = createIds(7)
    const ids = [one.next('command'), one.next('incident'), one.next('command')]
    expect(ids).toEqual([again.next('command'), again.next('incident'), again.next('command')])
    expect(new Set(ids).size).toBe(3)
    expect(createIds(8).next('command')).not.toBe(ids[0])
    expect(identifier.parse(ids[0])).toMatch(/^command-[a-z2-7]{8}-0$/)
  })

  it('derived from content are equal for equal parts only', () => {
    expect(derivedId('intent-1', 'stop', '0')).toMatchInlineSnapshot(`"mfafrtyj6su4iosnu4aghsv6mp"`)
    const parts = fc.array(fc.string({ maxLength: 6 }), { maxLength: 4 })
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(derivedId(...a)).toMatch(/^[a-z2-7]{26}$/)
        expect(derivedId(...a) === derivedId(...b)).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
      { numRuns: testRuns(300) },
    )
    expect(derivedId('a\u0000', 'b')).not.toBe(derivedId('a', '\u0000b'))
    expect(derivedId('ab', 'c')).not.toBe(derivedId('a', 'bc'))
    expect(derivedId('a')).not.toBe(derivedId('a', ''))
  })
})
