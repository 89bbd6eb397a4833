import { createRandom } from '@barfinex/core'
import type { InspectorService } from '@barfinex/inspector'
import { afterEach, describe, test } from 'vitest'
import { eventually } from '../eventually.js'
import { type Half, type RedisWorld, redisWorld } from './redis-world.js'
import { socketSeeds } from './run-sockets.js'
import { movePrice, propose } from './trading.js'

const open: RedisWorld[] = []
afterEach(async () => {
  for (const it of open.splice(0)) await it.close()
})

interface Trading {
  /** Resolves when so many more entries have filled at the venue. */
  entries(more: number): Promise<void>
  stop(): void
}

/** Asks for an entry several times a second, and throws the price about so that stops are met. */
function trade(world: RedisWorld, seed: number): Trading {
  const random = createRandom(`trade ${seed}`)
  const cancels = [
    world.clock.every(300, () => propose(world, null)),
    world.clock.every(700, () => movePrice(world, 0.9945 + random.next() * 0.011)),
  ]
  const filled = () => world.truth().orders.filter((it) => it.side === 'BUY' && it.status === 'FILLED').length
  return {
    async entries(more) {
      const before = filled()
      await eventually(
        `${more} more entries fill`,
        () => filled() >= before + more,
        30_000,
        () => said(world),
      )
    },
    stop() {
      for (const cancel of cancels) cancel()
    },
  }
}

function said({ alarms, handlerFaults }: RedisWorld): string {
  return [...alarms.map((it) => it.message), ...handlerFaults].slice(-20).join('\n')
}

interface Given {
  readonly world: RedisWorld
  readonly inspector: Half<InspectorService>
  readonly trading: Trading
}

async function given(seed: number): Promise<Given> {
  const world = await redisWorld(seed)
  open.push(world)
  const inspector = await world.startBoth(1)
  const trading = trade(world, seed)
  await trading.entries(3)
  return { world, inspector, trading }
}

describe.each(socketSeeds())('Provider on ccxt and Inspector, each on a Redis bus of its own, seed %i', (seed) => {
  test('F34 the reply to a command is lost: it is sent again, and acts once', async () => {
    const { world, inspector, trading } = await given(seed)
    for (let run = 0; run < 5; run += 1) {
      await inspector.wire.loseReplyTo('"purpose":"entry"')
      await trading.entries(1)
    }
    trading.stop()
    await world.sound(5_000)
  })
})
