import { join } from 'node:path'
import { flow } from '@barfinex/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BusyFleet, busyOptions, createBusyFleet } from './busy-fleet.js'
import { eventually } from './eventually.js'
import { createFleet } from './fleet.js'

/** Short, so that a lease can run out in a test; in life a minute. */
const leaseMs = 2_500

describe('five daemons, and what can happen to their bus and their leases', { timeout: 240_000 }, () => {
  let it: BusyFleet
  beforeAll(async () => {
    const inspector = { ...busyOptions.inspector, daemon: { leaseMs } }
    it = await createBusyFleet({ options: { ...busyOptions, inspector } })
    await it.start()
    await it.trades()
  })
  afterAll(() => it?.close())

  test('F33 Redis is killed and started again with its data: nobody ends, and trading goes on', async () => {
    await it.redis.kill()
    await it.redis.start()
    await it.trades()
    for (const daemon of it.fleet.all) {
      expect(daemon.isRunning, daemon.output()).toBe(true)
      await daemon.ready()
    }
  })

  test('F32 an Inspector that is paused loses its lease; another one takes over, and the first one ends when it goes on', async () => {
    const { inspector } = it.fleet
    const second = await createFleet({
      redisUrl: it.adminUrl,
      directory: join(it.directory, 'second'),
      exchange: { paper: {} },
      options: {
        inspector: {
          ...busyOptions.inspector,
          daemon: { leaseMs, approvals: { privateKeyFile: join(it.directory, 'approval.key') } },
        },
      },
    })
    const epoch = (await inspector.health())?.epoch as number
    inspector.pause()
    const other = second.inspector
    const said: string[] = []
    const tookOver = async () => {
      if (!other.isRunning) {
        said.push(other.output())
        other.start()
      }
      return (await other.health())?.ready === true
    }
    await eventually('the second one is ready', tookOver, 90_000, () => `${said.join('')}${other.output()}`)
    expect((await other.health())?.epoch).toBeGreaterThan(epoch)
    // It has read on the bus what the first one did: nothing is strange to it, and nobody has to resume.
    await it.trades()
    expect(other.output()).toMatch(/on the bus .*journalled=[1-9]/)
    expect(it.bus.last(flow.tradingState, 'paper')?.payload.state).toBe('active')
    inspector.resume()
    expect(await inspector.ended()).toBe(5)
    expect(inspector.output()).toContain('lease.lost')
    await it.trades()
    expect(await other.stop()).toBe(0)
    await second.close()
    // And back: it learns what the other one did meanwhile.
    await it.start()
    await it.trades()
    expect(it.bus.last(flow.tradingState, 'paper')?.payload.state).toBe('active')
  })

  test('F33 Redis comes back empty: daemons end with their code, start again, and what they know is there again', async () => {
    const before = it.bus.last(flow.account, 'paper')?.payload.positions
    expect(before?.length).toBeGreaterThan(0)
    await it.redis.kill()
    it.redis.wipe()
    await it.redis.start()
    // Those that had written something that is gone; the others may not have noticed, and are ended like them.
    await eventually(
      'Provider and Inspector have noticed',
      () => !it.fleet.provider.isRunning && !it.fleet.inspector.isRunning,
      60_000,
      () => `${it.fleet.provider.output()}\n${it.fleet.inspector.output()}`,
    )
    expect(await it.fleet.provider.ended(), it.fleet.provider.output()).toBe(7)
    expect(await it.fleet.inspector.ended(), it.fleet.inspector.output()).toSatisfy((code: number) =>
      [5, 7].includes(code),
    )
    for (const daemon of it.fleet.all) if (daemon.isRunning) await daemon.kill()
    await it.start()
    // The paper exchange went with its Provider: positions are gone, and somebody has to look before it goes on.
    const standsDown = () => it.bus.last(flow.tradingState, 'paper')?.payload.state !== 'active'
    await eventually('Inspector notices that positions are gone', standsDown, 60_000, it.fleet.inspector.output)
    it.command('resume')
    await it.trades()
    expect(it.bus.last(flow.account, 'paper')?.payload.known).toBe(true)
  })
})
