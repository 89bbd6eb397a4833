import { flow } from '@barfinex/core'
import { aDecision, anEnvelope, aSignal, givens, newYear } from '@barfinex/core/testing'
import { describe, expect, it } from 'vitest'
import { carry } from './carry.js'

const dayMs = 86_400_000

describe('what the advisor carries on from a checkpoint', () => {
  it('is what was learned last, and the decisions of the last days', () => {
    const at = (days: number) => ({ occurredAt: newYear + days * dayMs, id: `day-${days}`, source: 'advisor' })
    const past = [
      anEnvelope(flow.calibration, givens.calibration(), at(0)),
      anEnvelope(flow.decision, aDecision(), at(1)),
      anEnvelope(flow.calibration, givens.calibration(), at(2)),
      anEnvelope(flow.signal, aSignal(), at(8)),
      anEnvelope(flow.decision, aDecision(), at(9)),
      anEnvelope(flow.decision, aDecision(), at(10)),
    ].filter((it) => carry.wants(it))
    const kept = carry.prune(past)
    expect(kept.map(({ id }) => id)).toEqual(['day-2', 'day-9', 'day-10'])
    expect(carry.prune(kept)).toEqual(kept)
  })

  it('does not depend on the instants that others write', () => {
    const past = [
      anEnvelope(flow.decision, aDecision(), { id: 'own', occurredAt: newYear, source: 'advisor' }),
      anEnvelope(flow.decision, aDecision(), { id: 'far', occurredAt: newYear + 400 * dayMs, source: 'stranger' }),
    ]
    expect(carry.prune(past).map(({ id }) => id)).toContain('own')
  })
})
