import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Bus } from '../bus/bus.js'
import type { ServiceName } from '../flow/7-service.js'
import type { Channel } from '../flow/channel.js'
import { flow } from '../flow/map.js'
import { entropy } from '../runtime/entropy.js'
import { silentLog } from '../runtime/log.js'
import { until } from '../testing/bus-under-test.js'
import { anIntent } from '../testing/given-decision.js'
import { newYear } from '../testing/given-market.js'
import { aFill, anAccount, anOrderCommand } from '../testing/given-order.js'
import { aServiceStatus } from '../testing/given-service.js'
import { aSignal } from '../testing/given-signal.js'
import { type RedisServer, startRedisServer } from '../testing/redis-server.js'
import { accessList } from './access-list.js'
import type { BusAlarm } from './alarm.js'
import { createRedisBus } from './redis-bus.js'
import { createRedisLeases } from './redis-leases.js'

const services = ['inspector', 'provider', 'detector', 'advisor', 'studio'] as const
const passwordOf = (user: string) => `password of ${user}`
const passwords = Object.fromEntries([...services, 'admin'].map((it) => [it, passwordOf(it)])) as Parameters<
  typeof accessList
>[0]['passwords']

describe('the access list of the bus', () => {
  const file = join(tmpdir(), `barfinex-${Buffer.from(entropy(8)).toString('hex')}.acl`)
  const alarms: (BusAlarm & { readonly user: string })[] = []
  const buses = {} as Record<ServiceName, Bus>
  let redis: RedisServer

  const urlOf = (user: string) => `redis://${user}:${encodeURIComponent(passwordOf(user))}@127.0.0.1:${redis.port}`

  beforeAll(async () => {
    writeFileSync(file, accessList({ passwords }))
    redis = await startRedisServer({ settings: ['--aclfile', file] })
    // Inspector first: it is the one who may load the functions.
    for (const user of services) {
      const onAlarm = (alarm: BusAlarm) => void alarms.push({ ...alarm, user })
      buses[user] = await createRedisBus({ url: urlOf(user), member: user, log: silentLog, onAlarm })
    }
  })
  afterAll(async () => {
    for (const user of services) await buses[user]?.close()
    await redis?.close()
    rmSync(file, { force: true })
  })

  /** True when the user could say it. */
  async function says<Payload>(user: ServiceName, channel: Channel<Payload>, payload: Payload): Promise<boolean> {
    buses[user].publisher(channel, user).publish(payload, { occurredAt: newYear })
    try {
      await buses[user].flush()
      return true
    } catch (error) {
      expect(error).toMatchObject({ code: 'bus.refused' })
      return false
    }
  }

  it('lets Inspector alone write order commands, and Provider read them', async () => {
    const got: string[] = []
    buses.provider.subscribe(flow.orderCommand, ({ payload }) => void got.push(payload.commandId), {
      group: 'provider.orders',
    })
    await buses.provider.settled()
    for (const user of ['advisor', 'detector', 'studio', 'provider'] as const) {
      expect(await says(user, flow.orderCommand, anOrderCommand({ commandId: `of-${user}` })), user).toBe(false)
    }
    expect(await says('inspector', flow.orderCommand, anOrderCommand({ commandId: 'of-inspector' }))).toBe(true)
    await until('Provider has the command', () => got.length > 0)
    expect(got).toEqual(['of-inspector'])
    expect(alarms.map(({ kind, channel, user }) => [kind, channel, user])).toEqual(
      ['advisor', 'detector', 'studio', 'provider'].map((user) => ['refused', 'order.command', user]),
    )
  })

  it('can be opened for the sealed commands of Provider’s HTTP door, as the guide says', async () => {
    const guide = readFileSync(new URL('../../../../docs/guides/daemons.md', import.meta.url), 'utf8')
    const [, door = ''] = /^ {4}(\(\+fcall .*\))$/m.exec(guide) ?? []
    const rights = door.replaceAll('NAMESPACE', 'barfinex')
    const admin = new Redis(urlOf('admin'), { protocol: 2 })
    await admin.call('ACL', 'SETUSER', 'provider', ...rights.split(/(?<=\)) /))
    const command = anOrderCommand({ commandId: 'through-the-door' })
    expect(await says('provider', flow.orderCommand, command)).toBe(true)
    await admin.call('ACL', 'LOAD')
    admin.disconnect()
    await until('everybody is back', () => services.every((user) => buses[user].health().connected))
    expect(await says('provider', flow.orderCommand, { ...command, commandId: 'closed' })).toBe(false)
  })

  it('lets nobody in without a name', async () => {
    const nobody = new Redis(redis.url, { protocol: 2, lazyConnect: true })
    nobody.on('error', () => {})
    await nobody.connect().catch(() => {})
    await expect(nobody.get('bfx:barfinex:origin')).rejects.toThrow(/NOAUTH/)
    await expect(nobody.auth('default', '')).rejects.toThrow(/WRONGPASS|NOAUTH/)
    nobody.disconnect()
  })

  it('refuses the advisor also when it does without the bus: by command, by function, and on the topic', async () => {
    const raw = new Redis(urlOf('advisor'), { protocol: 2 })
    const stream = 'bfx:barfinex:stream:order.command'
    try {
      const [library] = (await raw.call('FUNCTION', 'LIST')) as unknown[][]
      const names = JSON.stringify(library)
      const append = /bfx_[0-9a-f]{8}_append/.exec(names)?.[0] as string
      await expect(raw.xadd(stream, '*', 'i', 'x', 'm', 'y')).rejects.toThrow(/NOPERM/)
      await expect(raw.call('FCALL', append, 2, stream, `${stream}:ids`, 't', 'x', 'y')).rejects.toThrow(/NOPERM/)
      await expect(raw.publish('bfx:barfinex:topic:order.command', 'x')).rejects.toThrow(/NOPERM/)
      await expect(raw.del(stream)).rejects.toThrow(/NOPERM/)
      await expect(raw.call('FUNCTION', 'LOAD', 'REPLACE', '#!lua name=x\n')).rejects.toThrow(/NOPERM/)
      await expect(raw.call('EVAL', 'return 1', 0)).rejects.toThrow(/NOPERM/)
      await expect(raw.config('GET', '*')).rejects.toThrow(/NOPERM/)
      await expect(raw.flushall()).rejects.toThrow(/NOPERM/)
      await expect(raw.call('ACL', 'LIST')).rejects.toThrow(/NOPERM/)
    } finally {
      raw.disconnect()
    }
  })

  it('lets each service do its part, in groups and with leases', async () => {
    const got: string[] = []
    const hear =
      (what: string) =>
      ({ id }: { readonly id: string }) =>
        void got.push(`${what} ${id.split(':')[0]}`)
    buses.advisor.subscribe(flow.signal, hear('advisor'), { group: 'advisor' })
    buses.inspector.subscribe(flow.intent, hear('inspector'), { group: 'inspector', from: 'earliest' })
    buses.inspector.subscribe(flow.fill, hear('inspector'), { group: 'inspector', from: 'earliest' })
    buses.inspector.subscribe(flow.account, hear('inspector'))
    buses.studio.subscribe(flow.serviceStatus, hear('studio'))
    await Promise.all(services.map((user) => buses[user].settled()))
    expect(await says('detector', flow.signal, aSignal())).toBe(true)
    expect(await says('advisor', flow.intent, anIntent())).toBe(true)
    expect(await says('provider', flow.fill, aFill())).toBe(true)
    expect(await says('provider', flow.account, anAccount())).toBe(true)
    expect(await says('detector', flow.serviceStatus, aServiceStatus({ service: 'detector' }))).toBe(true)
    await until('all of it has arrived', () => got.length === 5)
    expect(got.toSorted()).toEqual([
      'advisor detector.signal',
      'inspector advisor.intent',
      'inspector order.account',
      'inspector order.fill',
      'studio service.status',
    ])
    // Nobody speaks for another.
    expect(await says('advisor', flow.fill, aFill({ fillId: 'made-up' }))).toBe(false)
    expect(await says('detector', flow.intent, anIntent({ intentId: 'made-up' }))).toBe(false)
    expect(await says('studio', flow.account, anAccount())).toBe(false)

    for (const user of services) {
      const leases = await createRedisLeases({ url: urlOf(user), member: user, log: silentLog })
      const lease = await leases.acquire(`${user}@paper`)
      expect(lease.isHeld()).toBe(true)
      if (user !== 'inspector') await expect(leases.acquire('inspector@paper')).rejects.toThrow()
      await leases.close()
    }
  })

  it('does not cost what is on the disk when the server is killed and started again', async () => {
    const admin = new Redis(urlOf('admin'), { protocol: 2 })
    const before = await admin.xlen('bfx:barfinex:stream:order.command')
    expect(before).toBeGreaterThan(0)
    admin.disconnect()
    await redis.kill()
    await redis.start()
    const again = new Redis(urlOf('admin'), { protocol: 2 })
    expect(await again.xlen('bfx:barfinex:stream:order.command')).toBe(before)
    again.disconnect()
    // And everybody goes on.
    const got: string[] = []
    buses.advisor.subscribe(flow.signal, ({ payload }) => void got.push(payload.signalId), { group: 'advisor.again' })
    buses.inspector.subscribe(flow.account, ({ payload }) => void got.push(payload.account))
    expect(await says('detector', flow.signal, aSignal({ signalId: 'after' }))).toBe(true)
    expect(await says('provider', flow.account, anAccount({ account: 'after' }))).toBe(true)
    // A connection comes back in its own time, not within so many turns.
    const both = () => expect(got.filter((it) => it === 'after')).toHaveLength(2)
    await vi.waitFor(both, { timeout: 20_000, interval: 10 })
    expect(alarms.filter(({ kind }) => kind === 'memory-lost')).toEqual([])
  })
})
