import { derivedId, flow, type OperatorCommand } from '@barfinex/core'
import { anIntent } from '@barfinex/core/testing'
import { maxPositionNotional } from '@barfinex/inspector'
import { describe, expect, test } from 'vitest'
import { brokenPromises } from './broken-promises.js'
import { jitter } from './fates.js'
import { faultWorld, type World } from './fault-world.js'
import { seeds } from './run-faults.js'

const openOrders = 200
const boundMs = 2_000

/** A desk with 200 entries that rest far from the market. */
async function crowded(seed: number): Promise<World> {
  const world = await faultWorld({
    seed,
    desk: { inspector: { policies: [maxPositionNotional('90000')], sizing: { maxOrderCount: 1_000 } } },
  })
  Object.assign(world.venue.faults, jitter(world.random.fork('line')))
  world.market.rest()
  const { bus } = world.life()
  const intents = bus.publisher(flow.intent, 'advisor')
  const price = world.market.price('BTC/USDT')
  for (let count = 0; count < openOrders; count += 1) {
    const limit = price * (0.98 - 0.000_1 * count)
    const at = world.clock.now()
    intents.publish(
      anIntent({
        intentId: `int-${derivedId('crowd', String(count))}`,
        decisionId: `dec-${count}`,
        signalId: `sig-${count}`,
        symbol: 'BTC/USDT',
        direction: 'long',
        entry: 'limit',
        limitPrice: cents(limit),
        referencePrice: cents(limit),
        stopPrice: cents(limit * 0.99),
        targetPrice: cents(limit * 1.02),
        sizeCap: 0.01,
        issuedAt: at,
        expiresAt: at + 600_000,
      }),
      { occurredAt: at },
    )
    if (count % 20 === 19) await world.pass(20)
  }
  await world.pass(1_000)
  return world
}

/** A price on the grid, as text. */
function cents(price: number): string {
  return String(Number(price.toFixed(2)))
}

function press(world: World, turn: number): void {
  const at = world.clock.now()
  const command: OperatorCommand = {
    commandId: `kill-${turn}`,
    type: 'kill',
    account: 'test',
    symbol: null,
    clientOrderId: null,
    strategyId: null,
    by: 'ann',
    why: 'enough',
    issuedAt: at,
    expiresAt: at + 60_000,
  }
  world.life().bus.publisher(flow.operatorCommand, 'gateway').publish(command, { occurredAt: at })
}

const resting = ({ venue }: World): number => venue.engine.snapshot(venue.account, venue.now()).openOrders.length
const calls = ({ venue }: World): number =>
  venue.asked.filter(({ kind }) => kind === 'submit' || kind === 'cancel').length

/** Milliseconds of market time from the press to the last cancel that the desk has heard of. */
async function killTime(world: World): Promise<number> {
  const from = world.clock.now()
  press(world, 1)
  const isOver = (): boolean => world.life().desk.provider.account().openOrders.length === 0 && resting(world) === 0
  while (!isOver() && world.clock.now() - from < 10 * boundMs) await world.pass(5)
  return world.clock.now() - from
}

async function stopService(world: World, name: 'advisor' | 'inspector'): Promise<void> {
  for (const part of world.life().desk[name].parts) {
    // Dead, not drained: an Inspector that says goodbye takes its entries back by itself.
    if (name === 'advisor') await part.drain()
    await part.close()
  }
}

describe(`the kill switch with ${openOrders} open orders`, () => {
  for (const dead of ['advisor', 'inspector'] as const) {
    test(`takes all of them back within 2 s though ${dead} is down, and a second press is harmless`, async () => {
      const times: number[] = []
      for (const seed of seeds(3)) {
        const world = await crowded(seed)
        expect(resting(world)).toBe(openOrders)
        await stopService(world, dead)
        // Nobody watches any more once its last sign of life is too old.
        if (dead === 'inspector') await world.pass(12_000)
        times.push(await killTime(world))
        expect(resting(world)).toBe(0)
        const before = calls(world)
        press(world, 2)
        await world.pass(5_000)
        expect(calls(world)).toBe(before)
        expect(await brokenPromises(world, { nakedMs: 0 })).toEqual([])
        await world.life().desk.stop()
      }
      times.sort((a, b) => a - b)
      expect(times[Math.ceil(times.length * 0.99) - 1]).toBeLessThan(boundMs)
    })
  }
})
