import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Bus } from '../bus/bus.js'
import { flow } from '../flow/map.js'
import { silentLog } from '../runtime/log.js'
import { anIntent } from '../testing/given-decision.js'
import { aFeed, newYear } from '../testing/given-market.js'
import { type RedisServer, startRedisServer } from '../testing/redis-server.js'
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.js'
import { testRuns } from '../testing/test-runs.js'
import type { BusAlarm } from './alarm.js'
import type { RedisBusOptions } from './options.js'
import { createRedisBus } from './redis-bus.js'

const isLong = testRuns(1) > 1
const within = { timeout: 20_000, interval: 10 }
const at = { occurredAt: newYear }

const made: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const it of made.splice(0).reverse()) await it.close()
})

async function server(): Promise<RedisServer> {
  const redis = await startRedisServer({ settings: ['--repl-diskless-sync-delay', '0'] })
  made.push(redis)
  return redis
}

async function proxyTo(port: number): Promise<TcpProxy> {
  const proxy = await startTcpProxy(port)
  made.push(proxy)
  return proxy
}

async function aBus(url: string, member: string, options: Partial<RedisBusOptions> = {}) {
  const alarms: BusAlarm[] = []
  const onAlarm = (alarm: BusAlarm) => void alarms.push(alarm)
  const bus = await createRedisBus({
    url,
    member,
    log: silentLog,
    commandTimeoutMs: 200,
    leaseMs: 600,
    patienceMs: 500,
    onHandlerFault: () => {},
    onAlarm,
    ...options,
  })
  made.push(bus)
  return { bus, alarms }
}

/** Reads commands as a service does, with the ids of what it did. */
async function acting(bus: Bus, done: string[]): Promise<void> {
  bus.subscribe(flow.intent, ({ payload }) => void done.push(payload.intentId), { group: 'inspector' })
  await bus.settled()
}

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `i${from + index}`)

function say(bus: Bus, ids: readonly string[]): void {
  const publisher = bus.publisher(flow.intent, 'advisor')
  for (const intentId of ids) publisher.publish(anIntent({ intentId }), at)
}

describe('a Redis server', () => {
  it('that is killed and comes back with its data loses nothing, and nothing happens twice', async () => {
    const redis = await server()
    const writer = await aBus(redis.url, 'advisor@a')
    const reader = await aBus(redis.url, 'inspector@a')
    const done: string[] = []
    await acting(reader.bus, done)
    say(writer.bus, names(0, 100))
    await redis.kill()
    await vi.waitFor(() => expect(writer.bus.health().connected).toBe(false), within)
    say(writer.bus, names(100, 200))
    await redis.start()
    await vi.waitFor(() => expect(done).toHaveLength(200), within)
    await vi.waitFor(() => expect(writer.bus.health().connected).toBe(true), within)
    say(writer.bus, names(200, 300))
    await vi.waitFor(() => expect(done).toHaveLength(300), within)
    expect(done).toEqual(names(0, 300))
    expect(writer.bus.health().memoryLossCount + reader.bus.health().memoryLossCount).toBe(0)
  })

  it('that comes back empty is found out, told, and goes on with the state that everybody keeps', async () => {
    const redis = await server()
    const writer = await aBus(redis.url, 'advisor@a')
    const reader = await aBus(redis.url, 'inspector@a')
    const done: string[] = []
    await acting(reader.bus, done)
    writer.bus.publisher(flow.feed, 'provider').publish(aFeed({ gapCount: 5 }), at)
    say(writer.bus, names(0, 10))
    await writer.bus.settled()
    await vi.waitFor(() => expect(done).toHaveLength(10), within)
    await redis.kill()
    redis.wipe()
    await redis.start()
    await vi.waitFor(() => expect(writer.alarms.map(({ kind }) => kind)).toContain('memory-lost'), within)
    await vi.waitFor(() => expect(reader.bus.health().memoryLossCount).toBeGreaterThan(0), within)
    say(writer.bus, names(10, 20))
    await vi.waitFor(() => expect(done).toEqual(names(0, 20)), within)
    const late = await aBus(redis.url, 'studio@a')
    await vi.waitFor(() => expect(late.bus.last(flow.feed, 'BTC/USDT')?.payload.gapCount).toBe(5), within)
  })

  it('that stands still is noticed; commands wait up to the limit, then the writer is told, and nothing waits for ever', async () => {
    const redis = await server()
    const writer = await aBus(redis.url, 'advisor@a', { outgoingLimit: 50 })
    const reader = await aBus(redis.url, 'inspector@a')
    const done: string[] = []
    await acting(reader.bus, done)
    redis.pause()
    say(writer.bus, names(0, 50))
    await vi.waitFor(() => expect(writer.bus.health().connected).toBe(false), within)
    expect(() => say(writer.bus, ['too-many'])).toThrow(
      expect.objectContaining({ code: 'bus.unavailable', retryable: true }),
    )
    await expect(writer.bus.flush()).rejects.toMatchObject({ code: 'bus.unavailable' })
    await expect(writer.bus.settled()).rejects.toMatchObject({ code: 'bus.unavailable' })
    if (isLong) await new Promise((resolve) => setTimeout(resolve, 30_000))
    redis.resume()
    await vi.waitFor(() => expect(done).toHaveLength(50), within)
    await vi.waitFor(() => expect(writer.bus.health().connected).toBe(true), within)
    // What the server had taken before it stood still may be done before the writer is told so.
    await writer.bus.flush()
    say(writer.bus, names(50, 60))
    await vi.waitFor(() => expect(done).toHaveLength(60), within)
    expect(done).toEqual(names(0, 60))
  })

  it('that took over without the last confirmed writes is found out', async () => {
    const [primary, replica] = [await server(), await server()]
    const proxy = await proxyTo(primary.port)
    const writer = await aBus(`redis://127.0.0.1:${proxy.port}`, 'advisor@a')
    const reader = await aBus(`redis://127.0.0.1:${proxy.port}`, 'inspector@a')
    const admin = await administrator(replica)
    const done: string[] = []
    await acting(reader.bus, done)
    say(writer.bus, names(0, 5))
    await writer.bus.settled()
    await admin.replicaof('127.0.0.1', primary.port)
    await vi.waitFor(async () => expect(await admin.xlen('bfx:barfinex:stream:advisor.intent')).toBe(5), within)
    await admin.replicaof('NO', 'ONE')
    say(writer.bus, names(5, 8))
    await writer.bus.settled()
    await vi.waitFor(() => expect(done).toHaveLength(8), within)
    proxy.target(replica.port)
    proxy.cut()
    await vi.waitFor(() => expect(writer.alarms.map(({ kind }) => kind)).toContain('memory-lost'), within)
    expect(writer.bus.health().memoryLossCount).toBeGreaterThan(0)
    say(writer.bus, names(8, 12))
    await vi.waitFor(() => expect(done).toEqual(names(0, 12)), within)
  })
})

async function administrator(redis: RedisServer) {
  const { Redis } = await import('ioredis')
  const client = new Redis(redis.url)
  made.push({ close: async () => client.disconnect() })
  return client
}
