import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bus } from '../bus/bus.js'
import { queries } from '../bus/queries.js'
import type { ServiceName } from '../flow/7-service.js'
import type { Channel } from '../flow/channel.js'
import { channels, flow } from '../flow/map.js'
import { entropy } from '../runtime/entropy.js'
import { silentLog } from '../runtime/log.js'
import { newYear } from '../testing/given-market.js'
import { type RedisServer, startRedisServer } from '../testing/redis-server.js'
import { accessList } from './access-list.js'
import type { BusAlarm } from './alarm.js'
import { keysOf } from './keys.js'
import { createRedisBus } from './redis-bus.js'
import { serverFunction } from './server-library.js'

/** Who may write a channel, and who may read it, said once more by hand: P, D, A, I, S for the five services. */
const rights: Readonly<Record<string, readonly [writers: string, readers: string, takers: string]>> = {
  'market.instrument': ['P', 'PDAI', ''],
  'market.trade': ['P', 'P', ''],
  'market.quote': ['P', 'PAI', ''],
  'market.book': ['P', 'P', ''],
  'market.forming-candle': ['P', 'P', ''],
  'market.candle': ['P', 'PDAI', ''],
  'market.feed': ['P', 'PAI', ''],
  'detector.evaluation': ['D', 'P', ''],
  'detector.signal': ['D', 'PAI', 'A'],
  'detector.strategy-state': ['D', 'P', ''],
  'advisor.decision': ['A', 'PI', ''],
  'advisor.intent': ['A', 'PI', 'I'],
  'advisor.calibration': ['A', 'PA', ''],
  'inspector.verdict': ['I', 'PI', ''],
  'inspector.act': ['I', 'PDI', ''],
  'inspector.trading-state': ['I', 'P', ''],
  'inspector.protection': ['I', 'P', ''],
  'inspector.risk-state': ['I', 'P', ''],
  'inspector.outcome': ['I', 'PAI', 'A'],
  'inspector.incident': ['PI', 'PI', ''],
  'order.command': ['I', 'PI', 'P'],
  'order.event': ['P', 'PI', 'I'],
  'order.fill': ['P', 'PI', 'I'],
  'order.account': ['P', 'PAI', ''],
  'operator.command': ['P', 'PDI', 'PI'],
  'service.status': ['PDAIS', 'PDAIS', ''],
  'service.heartbeat': ['PDAIS', 'PDAIS', ''],
}

const services = ['inspector', 'provider', 'detector', 'advisor', 'studio'] as const
const letters: Readonly<Record<ServiceName, string>> = {
  provider: 'P',
  detector: 'D',
  advisor: 'A',
  inspector: 'I',
  studio: 'S',
}
const speaksForItself = (channel: string) => channel.startsWith('service.')
const isDurable = ({ class: kind }: { readonly class: string }) => ['command', 'fact', 'settled'].includes(kind)
const refusal = /^(NOPERM|ERR .*(can't run this command|can't access|can't publish))/

const passwords = Object.fromEntries([...services, 'admin'].map((user) => [user, `password-of-${user}`])) as Record<
  ServiceName | 'admin',
  string
>
const keys = keysOf('barfinex')
const file = join(tmpdir(), `barfinex-${Buffer.from(entropy(8)).toString('hex')}.acl`)

/** Enough of everything to have a key and an id on every channel; what a writer says is checked by its readers. */
const anything = {
  ...{ symbol: 'BTC/USDT', account: 'paper', timeframe: '1m', openTime: 0, revision: 0, strategyId: 's' },
  ...{ candleOpenTime: 0, signalId: 'x', decisionId: 'x', intentId: 'x', verdictId: 'x', actId: 'x', outcomeId: 'x' },
  ...{ incidentId: 'x', commandId: 'x', clientOrderId: 'x', sequence: 0, fillId: 'x', instance: 'main' },
}

describe('what each user of the access list may do, tried on a real server', () => {
  const alarms: (BusAlarm & { readonly user: ServiceName })[] = []
  const buses = {} as Record<ServiceName, Bus>
  const raw = {} as Record<ServiceName, Redis>
  let redis: RedisServer
  let admin: Redis

  const urlOf = (user: ServiceName | 'admin') => `redis://${user}:${passwords[user]}@127.0.0.1:${redis.port}`

  beforeAll(async () => {
    writeFileSync(file, accessList({ passwords }))
    redis = await startRedisServer({ settings: ['--aclfile', file] })
    admin = new Redis(urlOf('admin'), { protocol: 2 })
    for (const user of services) {
      const onAlarm = (alarm: BusAlarm) => void alarms.push({ ...alarm, user })
      buses[user] = await createRedisBus({ url: urlOf(user), member: user, log: silentLog, onAlarm })
      raw[user] = new Redis(urlOf(user), { protocol: 2 })
    }
  })
  afterAll(async () => {
    for (const user of services) {
      await buses[user]?.close()
      raw[user]?.disconnect()
    }
    admin?.disconnect()
    await redis?.close()
    rmSync(file, { force: true })
  })

  /** What the server says to it: `null` when it did it. */
  async function refusalOf(user: ServiceName, command: readonly (string | number)[]): Promise<string | null> {
    const [name, ...args] = command as [string, ...(string | number)[]]
    try {
      await raw[user].call(name, ...args)
      return null
    } catch (error) {
      return String((error as Error).message)
    }
  }

  async function expectRefused(user: ServiceName, commands: readonly (readonly (string | number)[])[]): Promise<void> {
    for (const command of commands) {
      expect(await refusalOf(user, command), `${user}: ${command.join(' ')}`).toMatch(refusal)
    }
  }

  const call = (
    name: Parameters<typeof serverFunction>[0],
    of: readonly string[],
    args: readonly (string | number)[],
  ) => ['FCALL', serverFunction(name), of.length, ...of, ...args] as const

  /** Every way we know of to say something on a channel, or to take something from it that was said. */
  function saying({ name }: { readonly name: string }, address: string) {
    const [stream, ids, state, topic] = [keys.stream(name), keys.ids(name), keys.state(address), keys.topic(address)]
    return [
      ['PUBLISH', topic, 'x'],
      ['SPUBLISH', topic, 'x'],
      ['XADD', stream, '*', 'i', 'forged', 'm', 'x'],
      ['XDEL', stream, '1-1'],
      ['XTRIM', stream, 'MAXLEN', 0],
      ['XSETID', stream, '9-9'],
      ['DEL', stream],
      ['UNLINK', stream],
      ['SET', stream, 'x'],
      ['RENAME', stream, 'elsewhere'],
      ['EXPIRE', stream, 1],
      ['HSET', ids, 'forged', '1-1'],
      ['HDEL', ids, ''],
      ['HSET', state, 'paper', 'x'],
      ['HDEL', state, 'paper'],
      ['DEL', state],
      call('append', [stream, ids], [topic, 'forged', 'x']),
      call('state', [state], [topic, 'paper', `${name}|x`, 9, 9, 'x']),
      call('trim', [stream, ids], [0, 'all']),
      ['EVAL', 'return redis.call("XADD", KEYS[1], "*", "i", "x", "m", "y")', 1, stream],
    ] as const
  }

  function hearing(name: string, address: string) {
    return [
      ['SUBSCRIBE', keys.topic(address)],
      ['SSUBSCRIBE', keys.topic(address)],
      ['PSUBSCRIBE', `${keys.topic(address)}*`],
      ['XRANGE', keys.stream(name), '-', '+'],
      ['XREAD', 'STREAMS', keys.stream(name), '0'],
      ['HGETALL', keys.ids(name)],
      ['HGETALL', keys.state(address)],
      ['FCALL_RO', serverFunction('place'), 2, keys.stream(name), keys.ids(name), '0-0'],
    ] as const
  }

  function taking(name: string) {
    const stream = keys.stream(name)
    return [
      ['XREADGROUP', 'GROUP', 'inspector', 'x', 'STREAMS', stream, '>'],
      ['XACK', stream, 'inspector', '1-1'],
      ['XCLAIM', stream, 'inspector', 'x', 0, '1-1'],
      ['XAUTOCLAIM', stream, 'inspector', 'x', 0, '0'],
      ['XGROUP', 'CREATE', stream, 'x', '0', 'MKSTREAM'],
      ['XGROUP', 'SETID', stream, 'inspector', '$'],
      ['XGROUP', 'DESTROY', stream, 'inspector'],
      ['XGROUP', 'DELCONSUMER', stream, 'inspector', 'x'],
      ['XADD', keys.dead(name), '*', 'm', 'x'],
      call('hold', [keys.active(name, 'inspector')], ['x', 1_000]),
    ] as const
  }

  /** Resolves when the server has answered all that this user's bus has said; what it refused was told before, once each. */
  async function quiet(user: ServiceName): Promise<void> {
    for (let refusals = 0; ; refusals += 1) {
      try {
        await buses[user].settled()
        return
      } catch (error) {
        expect(error).toMatchObject({ code: 'bus.refused' })
        expect(refusals).toBeLessThan(3)
      }
    }
  }

  /** True when the server took what a bus of this user said. */
  async function says(user: ServiceName, channel: Channel<unknown>, payload: unknown): Promise<boolean> {
    const before = alarms.length
    buses[user].publisher(channel, user).publish(payload, { occurredAt: newYear })
    await quiet(user)
    return !alarms.slice(before).some((it) => it.kind === 'refused' && it.user === user && it.channel === channel.name)
  }

  it('is said here for every channel of the map', () => {
    expect(Object.keys(rights)).toEqual(channels.map(({ name }) => name))
  })

  it.each(services)('%s says through the bus what is its to say, and nothing else', async (user) => {
    for (const channel of channels) {
      const speaker = speaksForItself(channel.name) ? { service: user } : {}
      const isTaken = await says(user, channel as never, { ...anything, ...speaker })
      expect(isTaken, channel.name).toBe(rights[channel.name]?.[0].includes(letters[user]))
    }
  })

  it.each(services)(
    '%s without the bus: no command, function or topic lets it say what is not its to say',
    async (user) => {
      for (const channel of channels) {
        const { name } = channel
        // Provider's gateway speaks for Studio.
        const own: readonly ServiceName[] = user === 'provider' ? ['provider', 'studio'] : [user]
        const others = services.filter((it) => !own.includes(it)).map((it) => `${name}@${it}`)
        if (speaksForItself(name)) for (const address of others) await expectRefused(user, saying(channel, address))
        else if (!rights[name]?.[0].includes(letters[user])) await expectRefused(user, saying(channel, name))
      }
    },
  )

  it.each(services)('%s hears what it reads, and nothing else', async (user) => {
    for (const { name, class: kind } of channels) {
      if (rights[name]?.[1].includes(letters[user])) {
        const address = speaksForItself(name) ? `${name}@provider` : name
        const own = raw[user].duplicate()
        await own.subscribe(keys.topic(address))
        own.disconnect()
        if (isDurable({ class: kind }))
          expect(await refusalOf(user, ['XRANGE', keys.stream(name), '-', '+'])).toBeNull()
        if (kind === 'state') expect(await refusalOf(user, ['HGETALL', keys.state(address)])).toBeNull()
        continue
      }
      // Who writes a stream sees what it has written there.
      const seen = rights[name]?.[0].includes(letters[user]) ? ['XRANGE', 'HGETALL', 'FCALL_RO'] : []
      await expectRefused(
        user,
        hearing(name, name).filter(([command]) => !seen.includes(command)),
      )
    }
  })

  it.each(services)(
    '%s takes part in groups where the map says so, and acknowledges nothing elsewhere',
    async (user) => {
      for (const { name } of channels) {
        if (!rights[name]?.[2].includes(letters[user])) {
          const isWriter = rights[name]?.[0].includes(letters[user])
          await expectRefused(
            user,
            taking(name).filter(([command]) => !(isWriter && command === 'FCALL')),
          )
          continue
        }
        expect(
          await refusalOf(user, ['XGROUP', 'CREATE', keys.stream(name), `${user}.try`, '0', 'MKSTREAM']),
        ).toBeNull()
        expect(await refusalOf(user, call('hold', [keys.active(name, `${user}.try`)], ['x', 1_000]))).toBeNull()
        const other = user === 'inspector' ? 'provider' : 'inspector'
        await expectRefused(user, [
          call('hold', [keys.active(name, other)], ['x', 1_000]),
          call('leave', [keys.active(name, other)], ['x']),
          ['XGROUP', 'DESTROY', keys.stream(name), other],
          ['XGROUP', 'SETID', keys.stream(name), other, '$'],
        ])
      }
    },
  )

  it.each(services)('%s may not lend its function another topic or key than its own', async (user) => {
    const foreign = user === 'inspector' ? flow.account.name : flow.tradingState.name
    const own = channels.find((it) => isDurable(it) && rights[it.name]?.[0].includes(letters[user]))
    const status = keys.state(`service.status@${user}`)
    const before = await admin.hgetall(keys.state(foreign))
    await expectRefused(user, [
      call('state', [status], [keys.topic(foreign), 'x', `${user}|x`, 0, 0, 'x']),
      call('state', [keys.state(foreign)], [keys.topic(`service.status@${user}`), 'x', `${user}|x`, 0, 0, 'x']),
      call('append', [status, keys.ids(foreign)], [keys.topic(`service.status@${user}`), 'x', 'x']),
      ...(own === undefined
        ? []
        : [
            call('append', [keys.stream(own.name), keys.ids(own.name)], [keys.topic(foreign), 'try', 'x']),
            call('append', [keys.stream(own.name), keys.state(foreign)], [keys.topic(own.name), 'try', 'x']),
          ]),
    ])
    expect(await admin.hgetall(keys.state(foreign))).toEqual(before)
    await admin.hdel(status, 'x')
  })

  it.each(services)('%s has its own leases and nobody else’s', async (user) => {
    const own = [keys.lease(`${user}@try`), keys.fence(`${user}@try`)]
    expect(await refusalOf(user, call('take', own, ['me', 1_000, 0]))).toBeNull()
    expect(await refusalOf(user, call('leave', [own[0] as string], ['me']))).toBeNull()
    for (const other of services.filter((it) => it !== user)) {
      const [lease, fence] = [keys.lease(`${other}@try`), keys.fence(`${other}@try`)]
      await expectRefused(user, [
        call('take', [lease, fence], ['me', 1_000, 0]),
        call('renew', [lease], ['me', 1_000]),
        call('leave', [lease], ['me']),
        ['SET', lease, 'me'],
        ['DEL', lease],
        ['PEXPIRE', lease, 1],
        ['INCR', fence],
        ['SET', fence, 0],
        ['DEL', fence],
      ])
      const isProvider = user === 'provider' && other === 'inspector'
      if (isProvider) expect(await refusalOf(user, ['GET', fence])).toBeNull()
      else await expectRefused(user, [['GET', fence]])
    }
  })

  it.each(services)(
    '%s has no power over the server, its users, its memory’s name, or questions that are not its own',
    async (user) => {
      const load = user === 'inspector' ? [] : [['FUNCTION', 'LOAD', 'REPLACE', '#!lua name=x\n']]
      const origin = user === 'inspector' ? [] : [call('origin', [keys.origin], ['x']), ['SET', keys.origin, 'x']]
      const answering = [
        ['PUBLISH', keys.answers('x'), 'x'],
        ['SUBSCRIBE', keys.query(queries.candles.name)],
      ]
      const asking = [
        ...(user === 'inspector' || user === 'studio' ? [['PUBLISH', keys.query(queries.candles.name), 'x']] : []),
        ...(user === 'inspector' || user === 'advisor' ? [] : [['PUBLISH', keys.query(queries.account.name), 'x']]),
        ...(user === 'studio' ? [['SUBSCRIBE', keys.answers('x')]] : []),
      ]
      expect(await refusalOf(user, ['GET', keys.origin])).toBeNull()
      await expectRefused(user, [
        ...load,
        ...origin,
        ...(user === 'provider' ? [] : answering),
        ...asking,
        ...[
          'ACL LIST',
          'ACL SETUSER studio +@all',
          'ACL SAVE',
          'CONFIG GET *',
          'CONFIG SET aclfile x',
          'FLUSHALL',
          'FLUSHDB',
          'SWAPDB 0 1',
          'KEYS *',
          'SCAN 0',
          'RANDOMKEY',
          'FUNCTION DELETE x',
          'FUNCTION FLUSH',
          'FUNCTION DUMP',
          'FUNCTION RESTORE x',
          'SCRIPT LOAD x',
          'SCRIPT FLUSH',
          'EVALSHA x 0',
          'MONITOR',
          'CLIENT LIST',
          'CLIENT KILL ID 1',
          'CLIENT PAUSE 1000',
          'CLIENT NO-EVICT on',
          'CLIENT TRACKING on BCAST',
          'MULTI',
          'SHUTDOWN NOSAVE',
          'REPLICAOF 127.0.0.1 1',
          'SAVE',
          'BGSAVE',
          'BGREWRITEAOF',
          'MODULE LIST',
          'SLOWLOG GET',
          'LATENCY RESET',
          'PUBSUB CHANNELS',
          'PSUBSCRIBE *',
          `DUMP ${keys.origin}`,
          `MIGRATE 127.0.0.1 1 ${keys.origin} 0 1`,
          `COPY ${keys.origin} elsewhere`,
          `OBJECT FREQ ${keys.origin}`,
          'SET elsewhere x',
          'GET elsewhere',
          'PUBLISH elsewhere x',
          'SUBSCRIBE elsewhere',
        ].map((it) => it.split(' ')),
      ])
    },
  )
})
