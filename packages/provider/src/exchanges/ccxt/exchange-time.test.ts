import { createVirtualClock } from '@barfinex/core'
import { expect, test } from 'vitest'
import { ExchangeTime } from './exchange-time.js'

test('C16: the clocks are compared by the middle of the way, and a slow answer does not spoil what is known', async () => {
  const clock = createVirtualClock({ startAt: 1_000_000 })
  let ways: readonly [there: number, back: number] = [100, 100]
  let aheadMs = 15_000
  const time = new ExchangeTime(clock, async () => {
    await clock.advanceBy(ways[0])
    const theirs = clock.now() + aheadMs
    await clock.advanceBy(ways[1])
    return theirs
  })
  await time.measure()
  expect(time.now() - clock.now()).toBe(15_000)
  ways = [0, 2_000]
  await time.measure()
  expect(time.now() - clock.now()).toBe(15_000)
  aheadMs = -15_000
  ways = [50, 50]
  await time.measure()
  expect(time.now() - clock.now()).toBe(-15_000)
})
