import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { BarfinexError } from '../runtime/error.js'
import { silentLog } from '../runtime/log.js'
import { createRandom } from '../runtime/random.js'
import type { Lease } from '../service/lease.js'
import { type RedisServer, startRedisServer } from '../testing/redis-server.js'
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.js'
import { testRuns } from '../testing/test-runs.js'
import { createRedisLeases, type RedisLeases } from './redis-leases.js'

const within = { timeout: 20_000, interval: 10 }

describe('leases on Redis', () => {
  let redis: RedisServer
  let proxy: TcpProxy
  let count = 0
  let made: RedisLeases[] = []
  beforeAll(async () => {
    redis = await startRedisServer()
  })
  beforeEach(async () => {
    count += 1
    proxy = await startTcpProxy(redis.port)
  })
  afterEach(async () => {
    for (const leases of made) await leases.close()
    made = []
    await proxy.close()
  })
  afterAll(() => redis.close())

  async function leases(member: string, port = redis.port, leaseMs = 3_000) {
    const url = `redis://127.0.0.1:${port}`
    const one = await createRedisLeases({
      url,
      namespace: `lease${count}`,
      member,
      leaseMs,
      commandTimeoutMs: 1_000,
      log: silentLog,
    })
    made.push(one)
    return one
  }

  it('are held by one at a time, with a number that rises from holder to holder', async () => {
    const [a, b] = [await leases('a'), await leases('b')]
    const first = await a.acquire('inspector@paper')
    expect(first).toMatchObject({ name: 'inspector@paper', epoch: 1 })
    expect(first.isHeld()).toBe(true)
    await expect(b.acquire('inspector@paper')).rejects.toMatchObject({
      code: 'lease.taken',
      retryable: true,
      details: { holder: 'a' },
    })
    await expect(a.acquire('inspector@paper')).rejects.toMatchObject({ code: 'lease.taken' })
    expect((await b.acquire('provider@paper')).epoch).toBe(1)
    await first.release()
    await first.release()
    expect(first.isHeld()).toBe(false)
    const second = await b.acquire('inspector@paper')
    expect(second.epoch).toBe(2)
    await b.close()
    expect((await a.acquire('inspector@paper')).epoch).toBe(3)
  })

  it('are on record: the highest number that was given, whoever asks and however it ended', async () => {
    const [a, b] = [await leases('a'), await leases('b', proxy.port)]
    expect(await b.highestEpoch('inspector@paper')).toBe(0)
    const first = await a.acquire('inspector@paper')
    expect(await b.highestEpoch('inspector@paper')).toBe(1)
    await first.release()
    expect(await b.highestEpoch('inspector@paper')).toBe(1)
    await a.acquire('inspector@paper', { aboveEpoch: 6 })
    expect(await b.highestEpoch('inspector@paper')).toBe(7)
    proxy.refuse()
    await expect(b.highestEpoch('inspector@paper')).rejects.toMatchObject({ code: 'bus.unavailable', retryable: true })
  })

  it('are renewed, and outlive their time more than once while nothing is wrong', async () => {
    const [a, b] = [await leases('a', redis.port, 2_000), await leases('b', redis.port, 2_000)]
    const lease = await a.acquire('x')
    const from = performance.now()
    await vi.waitFor(() => expect(performance.now() - from).toBeGreaterThan(5_000), within)
    expect(lease.isHeld()).toBe(true)
    await expect(b.acquire('x')).rejects.toMatchObject({ code: 'lease.taken' })
  })

  it('are lost by who is cut off, before another can have them; the loss is told once', async () => {
    const [a, b] = [await leases('a', proxy.port), await leases('b')]
    const lease = await a.acquire('x')
    const losses: BarfinexError[] = []
    lease.onLost((error) => void losses.push(error))
    proxy.swallow()
    let next: Lease | null = null
    await vi.waitFor(async () => {
      next = await b.acquire('x')
    }, within)
    expect(lease.isHeld()).toBe(false)
    expect(losses.map(({ code }) => code)).toEqual(['lease.lost'])
    expect((next as Lease | null)?.epoch).toBe(2)
    const late: BarfinexError[] = []
    lease.onLost((error) => void late.push(error))
    expect(late).toHaveLength(1)
    proxy.restore()
    await expect(a.acquire('x')).rejects.toMatchObject({ code: expect.stringMatching(/lease.taken|bus.unavailable/) })
    expect(losses).toHaveLength(1)
  })

  it('survive a short absence of the server and the loss of an answer', async () => {
    const a = await leases('a', proxy.port, 10_000)
    const lost = proxy.loseReplyTo('take')
    await expect(a.acquire('x')).rejects.toMatchObject({ code: 'bus.unavailable', retryable: true })
    await lost
    let lease: Lease | null = null
    await vi.waitFor(async () => {
      lease = await a.acquire('x')
    }, within)
    await redis.kill()
    await redis.start()
    const held = lease as Lease | null
    const from = performance.now()
    await vi.waitFor(() => expect(performance.now() - from).toBeGreaterThan(11_000), within)
    expect(held?.isHeld()).toBe(true)
  })

  it('have numbers above those of a journal, also on a server that has forgotten', async () => {
    const a = await leases('a')
    expect((await a.acquire('x', { aboveEpoch: 41 })).epoch).toBe(42)
    await a.close()
    const b = await leases('b')
    expect((await b.acquire('x')).epoch).toBe(43)
    await expect(b.acquire('y', { aboveEpoch: -1 })).rejects.toMatchObject({ code: 'options.invalid' })
    await expect(b.acquire('y:z')).rejects.toMatchObject({ code: 'options.invalid' })
    const ending = new AbortController()
    ending.abort(new Error('not needed'))
    await expect(b.acquire('y', { abortSignal: ending.signal })).rejects.toThrow('not needed')
    await b.close()
    await expect(b.acquire('y')).rejects.toMatchObject({ code: 'bus.closed' })
  })

  it('are never held by two who both believe it, whoever comes, goes and is cut off', async () => {
    const random = createRandom(`leases/${count}`)
    const parties = [
      await leases('a', proxy.port, 200),
      await leases('b', redis.port, 200),
      await leases('c', proxy.port, 200),
    ]
    const held = new Map<RedisLeases, Lease>()
    const epochs: number[] = []
    for (let step = 0; step < Math.min(testRuns(60), 1_000); step += 1) {
      const one = parties[random.integer(parties.length)] as RedisLeases
      const act = random.integer(6)
      if (act === 0) proxy.cut()
      else if (act === 1) proxy.swallow()
      else if (act === 2) proxy.restore()
      else if (held.get(one)?.isHeld()) await held.get(one)?.release()
      else {
        const lease = await one.acquire('x').catch(() => null)
        if (lease !== null) {
          held.set(one, lease)
          epochs.push(lease.epoch)
        }
      }
      expect([...held.values()].filter((lease) => lease.isHeld()).length).toBeLessThan(2)
    }
    expect(epochs.length).toBeGreaterThan(0)
    expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b))
  })
})
