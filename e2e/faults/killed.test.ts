import { describe, expect, test } from 'vitest'
import { between, lostReply } from './fates.js'
import type { World } from './fault-world.js'
import { type KillPoint, KillTrap, killPoints } from './kill-points.js'
import { survives } from './run-faults.js'

/** Kills the desk at a point and starts it again a moment later on the same journal and venue, several times. */
async function killAndBoot(world: World, trap: KillTrap, point: KillPoint): Promise<number> {
  const own = world.random.fork('kill')
  let kills = 0
  for (let turn = 0; turn < 4; turn += 1) {
    trap.set(point, own.integer(point === 'during a comparison with the venue' ? 3 : 6))
    const patience = point === 'at any moment' ? between(own, 1, 90_000) : 150_000
    const until = world.clock.now() + patience
    while (!trap.hasSprung && world.clock.now() < until) await world.pass(point === 'at any moment' ? 250 : 5)
    trap.disarm()
    world.life().kill()
    kills += 1
    const from = world.clock.now()
    await world.pass(between(own, 200, 4_000))
    await world.boot()
    world.outages.push({ from, to: world.clock.now() })
  }
  return kills
}

/**
 * What the journal says was about to be sent counts as sent until the venue's validity window has passed, so a stop that was not may
 * be missing for that long; the bound of Inspector ends it sooner. A stop whose reply died with the process is in doubt: the position is
 * left 3.5 s after the start, and what had gone by before the kill counts, too.
 */
const boundsMs: Partial<Record<KillPoint, number>> = {
  'after the journal, before the send': 30_000,
  'after the send, before the reply': 10_000,
  'between the cancel of a stop and the next one': 10_000,
}

describe('a desk that is killed and started again', () => {
  for (const point of killPoints) {
    test(`F31 killed ${point}`, async () => {
      const trap = new KillTrap()
      let kills = 0
      await survives(
        `F31 killed ${point}`,
        {
          exchange: trap.exchange,
          journal: trap.journal,
          strike: async (world) => {
            const own = world.random.fork('strike')
            const { request } = world.venue.faults
            world.venue.faults.request = (action, purpose) =>
              own.next() < 0.1 ? lostReply(own) : request(action, purpose)
            kills += await killAndBoot(world, trap, point)
          },
          lastsMs: 60_000,
          nakedMs: boundsMs[point] ?? 5_000,
        },
        10,
      )
      expect(kills).toBeGreaterThan(0)
    })
  }
})
