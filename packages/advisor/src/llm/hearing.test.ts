import { createRandom } from '@barfinex/core'
import { testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { synthesisStage } from '../stages/6-synthesis.js'
import { aSynthesisRequest } from '../testing/a-synthesis-request.js'
import { spoilings, spoiltAnswer } from '../testing/spoilt-answer.js'
import { validAnswer } from '../testing/valid-answer.js'
import { BudgetLedger } from './budget.js'
import { Hearing } from './hearing.js'
import { llmOptions } from './llm-options.js'
import { messagesFor } from './prompt.js'
import { ruleSynthesis } from './rule-synthesis.js'
import { renderSynthesis } from './synthesis.js'
import type { Turn } from './turn.js'

const prices = new BudgetLedger(llmOptions.parse({}).budget)

function turnOf(content: unknown, status = 200): Turn {
  const body = JSON.stringify({ choices: [{ finish_reason: 'stop', message: { content } }] })
  return {
    kind: 'call',
    model: 'm',
    rung: 'text',
    purpose: 'ask',
    key: 'a'.repeat(64),
    exchange: { kind: 'response', status, contentType: 'application/json', retryAfterMs: null, requestId: null, body },
    reserved: { tokensIn: 10, tokensOut: 10 },
  }
}

/** Any code points, halves of pairs among them. */
function anyText(maxLength = 60): fc.Arbitrary<string> {
  const point = fc.oneof(fc.integer({ min: 0, max: 0x2ff }), fc.integer({ min: 0, max: 0x10ffff }))
  return fc.array(point, { maxLength }).map((points) => String.fromCodePoint(...points))
}

test('whatever comes back, no size is larger than without a model, and no number in the text is the model’s', () => {
  const anyContent = fc.tuple(fc.nat(1_000), fc.constantFrom('valid', 'garbage', ...spoilings), anyText())
  const modes = fc.constantFrom('veto' as const, 'require' as const, 'shadow' as const)
  fc.assert(
    fc.property(anyContent, modes, ([seed, kind, noise], mode) => {
      const request = aSynthesisRequest(seed % 50)
      const prompt = messagesFor(request)[1]?.content ?? ''
      const random = createRandom(`${kind}/${seed}`)
      const content =
        kind === 'valid'
          ? JSON.stringify(validAnswer(prompt, random))
          : kind === 'garbage'
            ? noise
            : spoiltAnswer(prompt, kind, random)
      const hearing = new Hearing(request, 'llm', prices)
      hearing.hear(turnOf(content))
      const synthesis = hearing.conclude()
      const rules = ruleSynthesis(request)
      const cap = synthesisStage(synthesis, rules, mode).found.sizeCap
      expect(cap).toBeLessThanOrEqual(synthesisStage(rules, rules, 'off').found.sizeCap)
      if (synthesis.source !== 'llm') return
      const shown = renderSynthesis(
        synthesis,
        request.evidence.map((it) => ({ ...it, text: 'value' })),
      )
      expect(shown).not.toMatch(/\p{N}/u)
    }),
    { numRuns: testRuns(400) },
  )
})

test.each([[null], [7], [['x']], [{}]])('content that is no text is no answer: %j', (content) => {
  const hearing = new Hearing(aSynthesisRequest(), 'llm', prices)
  expect(hearing.hear(turnOf(content)).end).not.toBe('answered')
  expect(hearing.conclude().source).toBe('rules')
})
