import { testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { noUsage, type Synthesis } from '../llm/synthesis.js'
import { synthesisStage } from './6-synthesis.js'

const rulesOf = (factor: number): Synthesis => ({
  stance: factor === 1 ? 'confirm' : 'downgrade',
  factor,
  thesis: [],
  risks: [],
  source: 'rules',
  reasons: [],
  promptHash: null,
  modelName: null,
  usage: noUsage,
})

const anySynthesis = fc.record({
  stance: fc.constantFrom('confirm' as const, 'downgrade' as const, 'veto' as const, 'abstain' as const),
  factor: fc.oneof(fc.double(), fc.constantFrom(0, 0.25, 0.5, 0.75, 1)),
  source: fc.constantFrom('llm' as const, 'cassette' as const, 'rules' as const, 'off' as const),
})

describe('synthesis stage', () => {
  test('no answer, in no mode, allows more than the rules alone', () => {
    fc.assert(
      fc.property(
        anySynthesis,
        fc.constantFrom('off' as const, 'shadow' as const, 'veto' as const, 'require' as const),
        fc.constantFrom(1, 0.75),
        (answer, mode, factor) => {
          const rules = rulesOf(factor)
          const alone = synthesisStage(rules, rules, 'off')
          const asked = synthesisStage({ ...rules, ...answer }, rules, mode)
          expect(asked.found.sizeCap).toBeLessThanOrEqual(alone.found.sizeCap)
          expect(asked.found.sizeCap).toBeGreaterThanOrEqual(0)
          if (asked.status !== 'rejected') expect(asked.found.sizeCap).toBeGreaterThan(0)
        },
      ),
      { numRuns: testRuns(2_000) },
    )
  })

  test('a model that confirms in full does not lift what the rules lowered', () => {
    const confirmed: Synthesis = { ...rulesOf(1), source: 'llm' }
    for (const mode of ['veto', 'require', 'shadow'] as const) {
      expect(synthesisStage(confirmed, rulesOf(0.75), mode).found.sizeCap).toBe(0.75)
    }
  })

  test('in shadow the answer is recorded and the rules are what counts', () => {
    const against: Synthesis = { ...rulesOf(1), source: 'llm', stance: 'veto', factor: 0, modelName: 'm' }
    const { status, measured, found } = synthesisStage(against, rulesOf(1), 'shadow')
    expect({ status, cap: found.sizeCap, source: found.synthesis.source }).toEqual({
      status: 'ok',
      cap: 1,
      source: 'rules',
    })
    expect(measured).toMatchObject({ stance: 'veto', source: 'llm', model: 'm', counts: false })
  })

  test('a factor that is no number refuses', () => {
    const odd: Synthesis = { ...rulesOf(1), source: 'llm', factor: Number.NaN }
    expect(synthesisStage(odd, rulesOf(1), 'veto')).toMatchObject({ status: 'rejected', found: { sizeCap: 0 } })
  })
})
