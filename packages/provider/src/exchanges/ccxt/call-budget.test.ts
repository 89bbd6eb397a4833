import { createVirtualClock } from '@barfinex/core'
import { expect, test } from 'vitest'
import { CallBudget } from './call-budget.js'
import { RequestFault } from './request-fault.js'

function given() {
  const clock = createVirtualClock({ startAt: Date.UTC(2024, 0, 1) })
  return { clock, budget: new CallBudget(clock, () => clock.now()) }
}

test('what protects has a budget of its own, and every minute begins anew', async () => {
  const { clock, budget } = given()
  budget.setLimit(100)
  expect(budget.take(50, 'normal', false)).toBeNull()
  expect(budget.take(1, 'normal', false)).toMatchObject({ kind: 'limited', retryAfterMs: 60_000 })
  expect(budget.take(25, 'records', false)).toBeNull()
  expect(budget.take(1, 'records', false)).toMatchObject({ kind: 'limited' })
  expect(budget.take(20, 'urgent', true)).toBeNull()
  expect(budget.take(1, 'urgent', true)).toMatchObject({ kind: 'limited' })
  await clock.advanceBy(60_000)
  expect(budget.take(50, 'normal', false)).toBeNull()
})

test("the exchange's own count is believed where it is higher", () => {
  const { budget } = given()
  budget.setLimit(100)
  budget.hear({ 'X-MBX-USED-WEIGHT-1M': '60', date: 'today' })
  budget.hear({ 'x-mbx-used-weight-1m': '10' })
  expect(budget.take(1, 'normal', false)).toMatchObject({ kind: 'limited' })
  expect(budget.take(1, 'records', false)).toBeNull()
})

test('F22, F23: for as long as the exchange says nothing leaves, not even what protects', async () => {
  const { clock, budget } = given()
  budget.pause(new RequestFault('limited', -1003, 'Banned.', 30_000))
  for (const urgency of ['normal', 'records', 'urgent'] as const) {
    expect(budget.take(1, urgency, false)).toMatchObject({ retryAfterMs: 30_000 })
  }
  await clock.advanceBy(29_999)
  expect(budget.take(1, 'urgent', true)).toMatchObject({ retryAfterMs: 1 })
  await clock.advanceBy(1)
  expect(budget.take(1, 'urgent', true)).toBeNull()
})

test('too many orders stops orders, and neither cancels nor reads', () => {
  const { budget } = given()
  budget.pause(new RequestFault('limited', -1015, 'Too many new orders.'))
  expect(budget.take(1, 'urgent', true)).toMatchObject({ kind: 'limited' })
  expect(budget.take(1, 'urgent', false)).toBeNull()
})

test('entries leave half of the orders that the exchange takes to what protects', async () => {
  const { clock, budget } = given()
  budget.setOrderLimit({ count: 20, perMs: 10_000 })
  const taken = (urgency: 'normal' | 'urgent') => {
    let count = 0
    while (budget.take(1, urgency, true) === null) count += 1
    return count
  }
  expect(taken('normal')).toBe(10)
  await clock.advanceBy(4_000)
  expect(budget.take(1, 'normal', true)).toMatchObject({ kind: 'limited', retryAfterMs: 6_000 })
  expect(taken('urgent')).toBe(9)
  expect(budget.take(1, 'urgent', false)).toBeNull()
  await clock.advanceBy(6_000)
  expect(taken('normal')).toBe(1)
})
