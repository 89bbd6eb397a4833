import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aSynthesisRequest } from '../testing/a-synthesis-request.js'
import { messagesFor } from './prompt.js'
import { cleanText, numberNews } from './untrusted-text.js'

const asOf = 1_704_067_200_000
const item = (title: string, publishedAt = asOf) => ({ title, source: 'wire', publishedAt })

/** Any code points, halves of pairs among them. */
function anyText(maxLength = 60): fc.Arbitrary<string> {
  const point = fc.oneof(fc.integer({ min: 0, max: 0x2ff }), fc.integer({ min: 0, max: 0x10ffff }))
  return fc.array(point, { maxLength }).map((points) => String.fromCodePoint(...points))
}

describe('foreign text', () => {
  test.each([
    ['<script>alert(1)</script>Rates <b>rise</b>', 'alert(1) Rates rise'],
    ['＜b＞bold＜/b＞ &lt;i&gt; text', 'bold i text'],
    ['ze\u200bro\u00ad width\u2060', 'zero width'],
    ['\u202eesrever\u202c and \u0007bell', 'esrever and bell'],
    ['tags \u{e0041}\u{e0042}here', 'tags here'],
    ['a|b^c`d{e}f[g]', 'a b c d e f g'],
    ['line\none\u2028two', 'line one two'],
    ['z\u0300\u0301\u0302\u0303algo', 'zalgo'.replace('z', 'z')],
  ])('%j becomes %j', (text, expected) => {
    expect(cleanText(text, 280)).toBe(expected)
  })

  test('whatever a headline says, it stays one marked line between the marks', () => {
    fc.assert(
      fc.property(fc.array(anyText(400), { maxLength: 12 }), (titles) => {
        const news = numberNews(
          titles.map((it) => item(it)),
          asOf,
        )
        const prompt = messagesFor(aSynthesisRequest(0, { news, asOf }))[1]?.content ?? ''
        const block = /<<<NEWS\n([\s\S]*)\nNEWS>>>$/.exec(prompt)?.[1] ?? ''
        const lines = block.split('\n')
        expect(lines).toHaveLength(Math.max(1, news.length))
        if (news.length === 0) return
        for (const [index, line] of lines.entries()) {
          expect(line).toMatch(new RegExp(`^N0${index + 1} \\| wire \\| 0 minutes before \\| \\S+$`))
        }
      }),
    )
  })

  test('the newest eight that were known count, each title once, in an order that does not depend on theirs', () => {
    const items = Array.from({ length: 12 }, (_, index) => item(`Headline ${'abcdefghijkl'[index]}`, asOf - index))
    const all = [...items, item('HEADLINE, a!', asOf - 500), item('Later', asOf + 1), item('Undated', Number.NaN)]
    const numbered = numberNews(all, asOf)
    expect(numbered.map((it) => it.title.at(-1)).join('')).toBe('abcdefgh')
    expect(numbered.map((it) => it.id)).toEqual(['N01', 'N02', 'N03', 'N04', 'N05', 'N06', 'N07', 'N08'])
    expect(numberNews([...all].reverse(), asOf)).toEqual(numbered)
    expect([...cleanText('x'.repeat(500), 280)]).toHaveLength(280)
  })
})
