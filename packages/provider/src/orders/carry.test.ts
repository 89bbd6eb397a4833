import { flow } from '@barfinex/core'
import { anEnvelope, anOperatorCommand, anOrderEvent, newYear } from '@barfinex/core/testing'
import { describe, expect, it } from 'vitest'
import { carry } from './carry.js'

describe('what Provider carries on', () => {
  it('does not depend on the instants that others write: one stamped far ahead makes nothing seem over', () => {
    const { wants, prune } = carry()
    const ordered = (commandId: string, occurredAt: number) =>
      anEnvelope(flow.operatorCommand, anOperatorCommand({ commandId }), { occurredAt, source: 'studio' })
    const said = (clientOrderId: string, occurredAt: number) =>
      anEnvelope(flow.orderEvent, anOrderEvent({ clientOrderId, state: 'filled' }), { occurredAt, source: 'provider' })
    const past = [
      ordered('close-all', newYear),
      said('ended', newYear + 1),
      ordered('far-ahead', 8_640_000_000_000_000),
    ].filter(wants)
    expect(past).toHaveLength(3)
    expect(prune(past)).toEqual(past)
    // From its own last word on it is a week.
    expect(prune([...past, said('later', newYear + 8 * 86_400_000)])).not.toContain(past[0])
  })
})
