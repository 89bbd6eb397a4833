import { setImmediate as nextTurn } from 'node:timers/promises'
import { createVirtualClock } from '@barfinex/core'
import { expect, it } from 'vitest'
import { RulesWatch } from './rules-watch.js'

function given() {
  const clock = createVirtualClock({ startAt: 0 })
  const readAt: number[] = []
  const world = { isHalted: false, takesMs: 0 }
  const watch = new RulesWatch({
    clock,
    everyMs: 60_000,
    read() {
      readAt.push(clock.now())
      if (world.takesMs === 0) return Promise.resolve()
      return new Promise((resolve) => clock.schedule(clock.now() + world.takesMs, resolve))
    },
    isHalted: () => world.isHalted,
  })
  watch.start()
  /** Lets time pass, and what was waiting for it go on. */
  async function pass(...steps: readonly number[]): Promise<void> {
    for (const ms of steps) {
      await clock.advanceBy(ms)
      await nextTurn()
    }
  }
  return { pass, readAt, watch, world }
}

it('reads on a timer, and every five seconds while something does not trade', async () => {
  const it = given()
  await it.pass(60_000)
  expect(it.readAt).toEqual([60_000])
  it.world.isHalted = true
  await it.pass(5_000, 5_000)
  expect(it.readAt).toEqual([60_000, 65_000, 70_000])
  it.world.isHalted = false
  await it.pass(49_000)
  expect(it.readAt).toHaveLength(3)
  it.watch.stop()
  await it.pass(600_000)
  expect(it.readAt).toHaveLength(3)
})

it('reads at once when it is doubted, together with whoever reads already, and not again within a second', async () => {
  const it = given()
  it.world.takesMs = 200
  let told = 0
  for (let count = 0; count < 3; count += 1) void it.watch.doubt().then(() => (told += 1))
  await it.pass(199)
  expect([it.readAt, told]).toEqual([[0], 0])
  await it.pass(1)
  expect(told).toBe(3)
  await it.watch.doubt()
  expect(it.readAt).toEqual([0])
  await it.pass(1_000)
  void it.watch.doubt()
  expect(it.readAt).toEqual([0, 1_200])
})

it('waits no longer than a second for rules that do not come', async () => {
  const it = given()
  it.world.takesMs = 30_000
  let isTold = false
  void it.watch.doubt().then(() => (isTold = true))
  await it.pass(999)
  expect(isTold).toBe(false)
  await it.pass(1)
  expect(isTold).toBe(true)
})
