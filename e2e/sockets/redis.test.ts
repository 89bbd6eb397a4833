import { connect } from 'node:net'
import { createRandom, flow, isFinal } from '@barfinex/core'
import type { InspectorService } from '@barfinex/inspector'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../eventually.js'
import { type Half, type RedisWorld, redisWorld } from './redis-world.js'
import { socketSeeds } from './run-sockets.js'
import { movePrice, propose } from './trading.js'

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
  const filled = () => entriesOf(world).filter(({ isOpen }) => !isOpen).length
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

function entriesOf(world: RedisWorld) {
  return world.truth().orders.filter(({ side }) => side === 'BUY')
}

function said({ alarms, handlerFaults, lines }: RedisWorld): string {
  return [...alarms.map((it) => it.message), ...handlerFaults, ...lines].slice(-20).join('\n')
}

/** Puts something into a stream that no bus has written. */
async function poison({ redis, namespace }: RedisWorld, channel: string): Promise<void> {
  const socket = connect(redis.port, '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('data', (reply) => (reply[0] === 0x2d ? reject(new Error(reply.toString())) : resolve()))
    socket.write(`XADD bfx:${namespace}:stream:${channel} * i poison m nonsense\r\n`)
  })
  socket.destroy()
}

describe.each(socketSeeds())('Provider on ccxt and Inspector, each on a Redis bus of its own, seed %i', (seed) => {
  let world: RedisWorld
  let inspector: Half<InspectorService>
  let trading: Trading
  beforeAll(async () => {
    world = await redisWorld(seed)
    inspector = await world.startBoth(1)
    trading = trade(world, seed)
    await trading.entries(2)
  })
  afterAll(async () => {
    trading?.stop()
    await world?.close()
  })

  /** Trading pauses while it is judged. */
  async function sound(nakedMs: number): Promise<void> {
    trading.stop()
    await world.sound(nakedMs)
    trading = trade(world, seed)
  }

  test('F34 the reply to a command is lost: it is sent again, and acts once', async () => {
    for (let run = 0; run < 3; run += 1) {
      await inspector.wire.loseReplyTo('"purpose":"entry"')
      await trading.entries(1)
    }
    await sound(5_000)
  })

  test('F36 a reader is slow and the streams are short: no command is lost, what is dropped of the data is counted', async () => {
    const end = world.bus().subscribe(flow.quote, () => new Promise<void>(() => {}))
    const { wire, bus } = world.provider()
    wire.swallow()
    await eventually('Provider has noticed', () => bus.health().connected === false)
    const before = entriesOf(world).length
    const isCounted = () => (world.bus().health().droppedCount[flow.quote.name] ?? 0) > 0
    wire.restore()
    await eventually('dropped quotes are counted', isCounted, 30_000, () => said(world))
    end()
    await trading.entries(2)
    expect(entriesOf(world).length).toBeGreaterThan(before)
    expect(world.alarms.filter(({ channel }) => channel === flow.orderCommand.name)).toEqual([])
    await sound(5_000)
  })

  test('F35 Provider dies with commands it has taken, and something poisonous is among them', async () => {
    await world.provider().die()
    await poison(world, flow.orderCommand.name)
    await world.startProvider()
    await trading.entries(2)
    const isAside = () => world.alarms.some(({ kind }) => kind === 'dead-letter')
    await eventually('the poison is set aside with an alarm', isAside, 20_000, () => said(world))
    await sound(15_000)
  })

  test('F33 Redis stands still: nothing is opened meanwhile, and it goes on by itself', async () => {
    world.redis.pause()
    const buses = [world.provider().bus, inspector.bus]
    await eventually('both have noticed', () => buses.every((it) => it.health().connected === false))
    const before = entriesOf(world).length
    const until = performance.now() + 1_500
    await eventually('a while passes', () => performance.now() > until)
    expect(entriesOf(world).length).toBe(before)
    world.redis.resume()
    await trading.entries(2)
    await sound(10_000)
  })

  test('F33 Redis is killed and started again with its data', async () => {
    await world.redis.kill()
    const buses = [world.provider().bus, inspector.bus]
    await eventually('both have noticed', () => buses.every((it) => it.health().connected === false))
    await world.redis.start()
    await trading.entries(2)
    await sound(10_000)
  })

  test('F32 a second Inspector takes over while the first is cut off: nothing that the first has sealed acts any more', async () => {
    // It has sealed an entry, and the line goes before that is sent: it will be when the line is back.
    await new Promise<void>((resolve) => {
      const end = inspector.bus.tap(({ type, payload }) => {
        const isEntry = type === flow.orderCommand.name && JSON.stringify(payload).includes('"purpose":"entry"')
        if (!isEntry) return
        end()
        inspector.wire.swallow()
        resolve()
      })
    })
    const second = await world.startInspector(2, { knowing: 1 })
    await trading.entries(2)
    inspector.wire.restore()
    const first = inspector
    inspector = second
    const isDown = () => first.service.status().code === 'inspector.fenced'
    await eventually('the first one stands down', isDown, 20_000, () => said(world))
    await trading.entries(2)
    await sound(10_000)
    const { newer, older } = await world.commandsAfterEpoch(2)
    expect(older.length, 'orders that the first one sent late').toBeGreaterThan(0)
    const taken = new Set(world.truth().orders.map((it) => it.clientOrderId))
    expect(older.filter((id) => taken.has(id) && !newer.has(id))).toEqual([])
    await first.die()
  })

  test('F33 Redis comes back empty: both end, start again, and what they know is there again', async () => {
    trading.stop()
    await world.redis.kill()
    world.redis.wipe()
    await world.redis.start()
    const isNoticed = () => world.alarms.some(({ kind }) => kind === 'memory-lost')
    await eventually('it is noticed', isNoticed, 20_000, () => said(world))
    await Promise.all([world.provider().die(), inspector.die()])
    inspector = await world.startBoth(3, { knowing: 2 })
    trading = trade(world, seed)
    await trading.entries(2)
    await sound(20_000)
    expect(
      world
        .provider()
        .service.account()
        .openOrders.every(({ state }) => !isFinal(state)),
    ).toBe(true)
  })
})
