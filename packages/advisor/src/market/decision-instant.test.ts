import { createVirtualClock } from '@barfinex/core'
import { aCandle, aQuote, aSignal, newYear } from '@barfinex/core/testing'
import { expect, test } from 'vitest'
import { decisionInstant } from './decision-instant.js'
import { MarketWatch } from './market-watch.js'

function instant(kind: 'system' | 'virtual', aheadMs: number): number {
  const clock = createVirtualClock({ startAt: newYear })
  const watch = new MarketWatch()
  watch.candle(aCandle({ openTime: newYear - 60_000 }))
  watch.quote(aQuote({ occurredAt: newYear + aheadMs }))
  return decisionInstant({ ...clock, kind }, watch, aSignal({ timeframe: '1m' })) - newYear
}

test("an exchange's clock that is a little ahead is believed, one that is far ahead is not", () => {
  expect(instant('system', 50)).toBe(50)
  expect(instant('system', -50)).toBe(0)
  expect(instant('system', 1_000)).toBe(1_000)
  expect(instant('system', 15_000)).toBe(1_000)
})

test('on a virtual clock there is no other clock', () => {
  expect(instant('virtual', 50)).toBe(0)
})
