import { readFileSync } from 'node:fs'
import { schemas } from '@barfinex/core'
import { expect, test } from 'vitest'
import { type LlmCode, llmReason } from './reasons.js'

const source = readFileSync(new URL('./reasons.ts', import.meta.url), 'utf8')
const codes = [...source.matchAll(/^ {2}'?([a-z-]+)'?: '/gm)].map(([, code]) => code as LlmCode)

test('every reason has the common form, and a row in the guide', () => {
  const guide = readFileSync(new URL('../../../../docs/guides/language-models.md', import.meta.url), 'utf8')
  const rows = guide.split('\n').filter((it) => it.startsWith('| `'))
  expect(codes.length).toBeGreaterThan(30)
  for (const code of codes) {
    expect(schemas.reason.safeParse(llmReason(code, 1, 2)).error).toBeUndefined()
    expect(
      rows.some((it) => it.includes(`\`${code}\``)),
      code,
    ).toBe(true)
  }
})
