import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testRuns } from '../testing/test-runs.js'
import { canonicalJson, createCanonicalWriter, hashOf } from './canonical.js'

/** The same, said as plainly as possible. */
function plainly(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => plainly(item === undefined ? null : item)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${plainly(member)}`).join(',')}}`
}

const json = fc.jsonValue({ maxDepth: 4 })

describe('canonical JSON', () => {
  it('writes the examples of RFC 8785', () => {
    expect(
      canonicalJson({
        '\u20ac': 'Euro',
        '\r': 'CR',
        '1': 'One',
        '\u0080': 'x',
        '\ud83d\ude00': 'Smile',
        '\u00f6': 'o',
      }),
    ).toBe('{"\\r":"CR","1":"One","\u0080":"x","\u00f6":"o","\u20ac":"Euro","\ud83d\ude00":"Smile"}')
    expect(canonicalJson([Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0])).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
    )
    expect(canonicalJson({ literals: [null, true, false], text: '\u20ac$\u000f\nA\'B"\\\\"/' })).toBe(
      '{"literals":[null,true,false],"text":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('gives equal text for equal values, whatever the order of their members, and reads back', () => {
    const write = createCanonicalWriter()
    fc.assert(
      fc.property(json, (value) => {
        const turned = turn(value)
        expect(write(value)).toBe(plainly(value))
        expect(write(turned)).toBe(plainly(value))
        expect(canonicalJson(value)).toBe(plainly(value))
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
        expect(hashOf(value)).toBe(hashOf(turned))
      }),
      { numRuns: testRuns(300) },
    )
  })

  it('leaves undefined members out and writes undefined items as null', () => {
    expect(canonicalJson({ b: undefined, a: 1, c: [undefined, 2] })).toBe('{"a":1,"c":[null,2]}')
    expect(canonicalJson({ a: 1, c: [undefined, 2], b: 3 })).toBe('{"a":1,"b":3,"c":[null,2]}')
  })

  it('leaves named members out wherever they stand', () => {
    const write = createCanonicalWriter(new Set(['epoch', 'approval']))
    expect(write({ epoch: 1, order: { approval: {}, b: 2, a: [{ epoch: 3 }] } })).toBe('{"order":{"a":[{}],"b":2}}')
  })

  it('refuses what has no canonical form', () => {
    for (const value of [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1n,
      () => {},
      Symbol('s'),
      undefined,
      { a: [Number.NaN] },
    ]) {
      expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'message.invalid' }))
    }
  })

  it('knows more shapes than it remembers', () => {
    const write = createCanonicalWriter()
    for (let round = 0; round < 2; round += 1) {
      for (let index = 0; index < 1_500; index += 1) {
        expect(write({ z: 1, [`k${index}`]: 2, a: 3 })).toBe(`{"a":3,"k${index}":2,"z":1}`)
      }
    }
  })
})

function turn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turn)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, turn(member)]),
  )
}
