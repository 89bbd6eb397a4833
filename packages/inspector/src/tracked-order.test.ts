import { Decimal, type OrderEvent, type OrderState } from '@barfinex/core'
import { anOrder, anOrderEvent } from '@barfinex/core/testing'
import { expect, test } from 'vitest'
import { type TrackedOrder, trackOrder, withEvent } from './tracked-order.js'

/** An order that went through these states; `cancel` stands for our asking it back. */
function through(...steps: readonly (OrderState | 'cancel')[]): TrackedOrder {
  let tracked = trackOrder(anOrder(), Decimal.zero, 0)
  for (const [sequence, step] of steps.entries()) {
    if (step === 'cancel') tracked = { ...tracked, cancelAskedAt: sequence, cancelCount: tracked.cancelCount + 1 }
    else tracked = withEvent(tracked, anOrderEvent({ state: step, sequence } satisfies Partial<OrderEvent>), sequence)
  }
  return tracked
}

test('a cancel that was refused, or that overtook its order, may be asked for again at once, twice', () => {
  expect(through('submitted', 'accepted', 'cancel', 'pendingCancel').cancelAskedAt).not.toBeNull()
  expect(through('submitted', 'accepted', 'cancel', 'pendingCancel', 'accepted').cancelAskedAt).toBeNull()
  const overtaken = ['submitted', 'cancel', 'pendingCancel', 'uncertain', 'accepted'] as const
  expect(through(...overtaken).cancelAskedAt).toBeNull()
  expect(through(...overtaken, 'cancel', 'pendingCancel', 'accepted').cancelAskedAt).toBeNull()
  const often = ['cancel', 'pendingCancel', 'accepted'] as const
  expect(through(...overtaken, ...often, ...often).cancelAskedAt).not.toBeNull()
})
