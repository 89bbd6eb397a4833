import { createRandom } from '@barfinex/core'
import { testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aSynthesisRequest } from '../../testing/a-synthesis-request.js'
import { type Spoiling, spoilings, spoiltAnswer } from '../../testing/spoilt-answer.js'
import { validAnswer } from '../../testing/valid-answer.js'
import { messagesFor } from '../prompt.js'
import { readAnswer } from './read-answer.js'

const request = aSynthesisRequest()
const prompt = messagesFor(request)[1]?.content ?? ''

function codesOf(content: string, it = request): readonly string[] {
  const read = readAnswer(content, it)
  return read.ok ? [] : read.reasons.map((reason) => reason.code.replace('advisor.llm.', ''))
}

/** What a spoiling is refused for, where it is always the same. */
const expected: Partial<Record<Spoiling, string>> = {
  digit: 'number',
  'unknown-id': 'unknown-id',
  'false-relation': 'relation',
  'flipped-polarity': 'polarity',
  'injected-instruction': 'foreign-text',
  ticker: 'foreign-text',
  address: 'foreign-text',
  'tool-markup': 'tool-call',
  'missing-key': 'schema',
  'unknown-enum': 'schema',
  'two-objects': 'several-objects',
  'cut-off': 'no-object',
  'hidden-in-thoughts': 'no-object',
}

/** Any code points, halves of pairs among them. */
function anyText(maxLength = 60): fc.Arbitrary<string> {
  const point = fc.oneof(fc.integer({ min: 0, max: 0x2ff }), fc.integer({ min: 0, max: 0x10ffff }))
  return fc.array(point, { maxLength }).map((points) => String.fromCodePoint(...points))
}

describe('readAnswer', () => {
  test('accepts at least 99 of 100 valid answers', () => {
    const runs = testRuns(200)
    const refused = Array.from({ length: runs }, (_, seed) => {
      const it = aSynthesisRequest(seed)
      const answer = validAnswer(messagesFor(it)[1]?.content ?? '', createRandom(`valid/${seed}`))
      return { answer, codes: codesOf(JSON.stringify(answer), it) }
    }).filter(({ codes }) => codes.length > 0)
    expect(refused.length, JSON.stringify(refused.slice(0, 3))).toBeLessThanOrEqual(runs / 100)
  })

  // More than 2,000 answers in all.
  test.each(spoilings)('refuses every answer that is spoilt by a %s', (spoiling) => {
    const code = expected[spoiling]
    for (let seed = 0; seed < testRuns(100); seed += 1) {
      const it = aSynthesisRequest(seed)
      const content = spoiltAnswer(messagesFor(it)[1]?.content ?? '', spoiling, createRandom(`${spoiling}/${seed}`))
      const codes = codesOf(content, it)
      expect(codes.length, `accepted: ${content.slice(0, 2_000)}`).toBeGreaterThan(0)
      if (code !== undefined) expect(codes, content.slice(0, 2_000)).toContain(code)
    }
  })

  test('never throws, and what it accepts holds no digit outside of a placeholder', () => {
    const valid = JSON.stringify(validAnswer(prompt, createRandom(3)))
    const piece = fc.oneof(anyText(), fc.json(), fc.constantFrom('{', '}', '"', '</think>', '```', '\\'))
    const cut = fc.tuple(fc.nat(valid.length), fc.nat(20), piece)
    const anything = fc.oneof(
      piece,
      cut.map(([at, length, text]) => valid.slice(0, at) + text + valid.slice(at + length)),
    )
    fc.assert(
      fc.property(anything, (content) => {
        const read = readAnswer(content, request)
        if (!read.ok) {
          expect(read.reasons.length).toBeGreaterThan(0)
          return
        }
        for (const { text } of [...read.answer.thesis, ...read.answer.risks]) {
          expect(text.replace(/\{E\d\d\}/g, '')).not.toMatch(/\p{N}/u)
        }
      }),
      { numRuns: testRuns(1_000) },
    )
  })

  test.each([
    ['a fence', (json: string) => `\`\`\`json\n${json}\n\`\`\``],
    ['prose around it', (json: string) => `Here is my view on {E01}:\n${json}\nLet me know!`],
    ['thoughts before it', (json: string) => `<think>first {"stance": 1}, 42 then</think>\n${json}`],
    ['thoughts without a beginning', (json: string) => `so it is 42 {"a":1}</think>${json}`],
    ['blanks and a byte order mark', (json: string) => `\ufeff\n\n ${json}\n`],
  ])('finds the object inside of %s', (_, wrap) => {
    expect(codesOf(wrap(JSON.stringify(validAnswer(prompt, createRandom(3)))))).toEqual([])
  })

  test('names everything that is wrong with a well-formed answer, in the order of the checks', () => {
    const answer = validAnswer(prompt, createRandom(1), 'confirm')
    const [first] = answer.thesis
    Object.assign(first as object, { text: 'Buy the thing at forty two.', evidence: ['E44'] })
    answer.relations = [{ left: 'E01', op: 'rising', right: 'none' }]
    answer.factor = '0.5'
    expect(codesOf(JSON.stringify(answer))).toEqual([
      'unknown-id',
      'number',
      'relation',
      'polarity',
      'foreign-text',
      'stance',
    ])
  })

  test('relations between different units, and with nothing to compare, cannot hold', () => {
    const answer = validAnswer(prompt, createRandom(1), 'confirm')
    const refused = [
      { left: 'E01', op: 'above', right: 'E05' },
      { left: 'E11', op: 'above', right: 'E12' },
      { left: 'E01', op: 'above', right: 'none' },
      { left: 'E09', op: 'rising', right: 'E10' },
      { left: 'E01', op: 'near', right: 'E01' },
    ]
    for (const relation of refused) {
      expect(codesOf(JSON.stringify({ ...answer, relations: [relation] })), JSON.stringify(relation)).toContain(
        'relation',
      )
    }
  })

  test('news can speak against a trade, never for it', () => {
    const answer = validAnswer(prompt, createRandom(1), 'downgrade')
    const citing = (polarity: string) => ({
      ...answer,
      risks: [{ text: 'The reported maintenance may thin out the market.', evidence: ['N01'], polarity }],
    })
    expect(codesOf(JSON.stringify(citing('opposes')))).toEqual([])
    expect(codesOf(JSON.stringify(citing('neutral')))).toEqual([])
    expect(codesOf(JSON.stringify(citing('supports')))).toContain('polarity')
  })
})
