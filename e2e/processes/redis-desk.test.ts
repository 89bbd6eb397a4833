import { type Bus, createMemoryBus, createMemoryJournal, createVirtualClock, silentLog } from '@barfinex/core'
import { createRedisBus } from '@barfinex/core/redis'
import { type RedisServer, startRedisServer, testRuns } from '@barfinex/core/testing'
import { paper, paperStartAt } from '@barfinex/provider'
import { defaultDesk, holds } from 'barfinex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { invariantsOf } from '../../packages/barfinex/src/run/invariants.js'

const hourMs = 3_600_000
let redis: RedisServer
beforeAll(async () => {
  redis = await startRedisServer({ appendOnly: 'everysec' })
})
afterAll(() => redis.close())

/** Three hours on the paper exchange, in one process on a virtual clock. */
async function threeHours(bus: Bus, seed: number) {
  const clock = createVirtualClock({ startAt: paperStartAt })
  const journal = createMemoryJournal({ keepCount: 0 })
  const desk = defaultDesk({ exchange: paper({ seed }) })
  const started = await desk.start({ bus, clock, seed, heartbeatMs: hourMs, journal, log: silentLog })
  await clock.run({ until: paperStartAt + 3 * hourMs })
  const invariants = await invariantsOf(started)
  await started.stop()
  await bus.close()
  return { journalHash: journal.hash(), count: journal.count, invariants, health: bus.health() }
}

test('the same seed gives the same facts on Redis as in memory', async () => {
  for (let seed = 7; seed < 7 + Math.min(testRuns(1), 10); seed += 1) {
    const inMemory = await threeHours(createMemoryBus(), seed)
    const bus = await createRedisBus({
      url: redis.url,
      namespace: `desk${seed}`,
      member: 'desk',
      delivery: 'local',
      log: silentLog,
    })
    const onRedis = await threeHours(bus, seed)
    expect(onRedis.journalHash).toBe(inMemory.journalHash)
    expect(onRedis.count).toBe(inMemory.count)
    expect(inMemory.count).toBeGreaterThan(100)
    expect(holds(onRedis.invariants)).toBe(true)
    expect(onRedis.health).toMatchObject({
      handlerFaultCount: 0,
      deadLetterCount: 0,
      droppedCount: {},
      memoryLossCount: 0,
    })
  }
})
