import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bus } from '../bus/bus.js'
import { queries } from '../bus/queries.js'
import type { ServiceName } from '../flow/7-service.js'
import type { Channel } from '../flow/channel.js'
import { flow } from '../flow/map.js'
import { entropy } from '../runtime/entropy.js'
import { silentLog } from '../runtime/log.js'
import { until } from '../testing/bus-under-test.js'
import { newYear } from '../testing/given-market.js'
import { aServiceStatus } from '../testing/given-service.js'
import { type RedisServer, startRedisServer } from '../testing/redis-server.js'
import { accessList } from './access-list.js'
import { encodeFrame } from './frame.js'
import { keysOf } from './keys.js'
import { envelopeOf } from './message.js'
import { livePush } from './push.js'
import { createRedisBus } from './redis-bus.js'
import { serverFunction } from './server-library.js'

const users = ['inspector', 'provider', 'detector', 'advisor'] as const
const passwords = { admin: 'a', inspector: 'i', provider: 'p', detector: 'd', advisor: 'v', studio: 's' }
const keys = keysOf('barfinex')
const file = join(tmpdir(), `barfinex-${Buffer.from(entropy(8)).toString('hex')}.acl`)

/** What a bus of another process would send. */
function frameOf<Payload>(of: Channel<Payload>, payload: Payload): string {
  const channel = of as unknown as Channel<never>
  const said = { source: 'inspector', epoch: 1, seq: 0, key: 'inspector@main', occurredAt: newYear }
  const envelope = envelopeOf(channel, { ...said, receivedAt: undefined, cause: undefined, payload })
  return encodeFrame(channel, '0123456789abcdef', [envelope]) as string
}

describe('who speaks for himself', () => {
  const buses = {} as Record<(typeof users)[number], Bus>
  let redis: RedisServer
  const urlOf = (user: ServiceName) => `redis://${user}:${passwords[user]}@127.0.0.1:${redis.port}`

  beforeAll(async () => {
    writeFileSync(file, accessList({ passwords }))
    redis = await startRedisServer({ settings: ['--aclfile', file] })
    for (const user of users) buses[user] = await createRedisBus({ url: urlOf(user), member: user, log: silentLog })
  })
  afterAll(async () => {
    for (const user of users) await buses[user]?.close()
    await redis?.close()
    rmSync(file, { force: true })
  })

  it('nobody looks alive or well but by himself, also not where he may write', async () => {
    const { provider, detector, inspector } = buses
    const heard: string[] = []
    provider.subscribe(flow.heartbeat, ({ payload }) => void heard.push(`beat of ${payload.service}`))
    provider.subscribe(flow.serviceStatus, ({ payload }) => void heard.push(`status of ${payload.service}`))
    await provider.settled()
    const status = aServiceStatus({ service: 'inspector' })
    const beat = { service: 'inspector', instance: 'main', epoch: 1, beat: 0, at: newYear, everyMs: 1_000 } as const
    detector.publisher(flow.serviceStatus, 'inspector').publish(status, { occurredAt: newYear })
    await expect(detector.flush()).rejects.toMatchObject({ code: 'bus.refused' })

    const raw = new Redis(urlOf('detector'), { protocol: 2 })
    const [topic, state] = [keys.topic('service.status@detector'), keys.state('service.status@detector')]
    await raw.publish(keys.topic('service.heartbeat@detector'), livePush(frameOf(flow.heartbeat, beat)) as string)
    const forged = ['inspector@main', 'detector|x', 9, 9, frameOf(flow.serviceStatus, status)]
    await raw.call('FCALL', serverFunction('state'), 1, state, topic, ...forged)
    raw.disconnect()
    await until('both were set aside', () => provider.health().deadLetterCount === 2)
    expect(heard).toEqual([])

    // The same from who it is.
    inspector.publisher(flow.serviceStatus, 'inspector').publish(status, { occurredAt: newYear })
    inspector.publisher(flow.heartbeat, 'inspector').publish(beat, { occurredAt: newYear })
    await until('Provider has heard Inspector', () => heard.length === 2)
    expect(heard.toSorted()).toEqual(['beat of inspector', 'status of inspector'])
    // Provider's gateway is Studio.
    provider
      .publisher(flow.serviceStatus, 'studio')
      .publish(aServiceStatus({ service: 'studio' }), { occurredAt: newYear })
    await until('Provider has heard Studio', () => heard.includes('status of studio'))
    // Who comes later takes no notice of what the server keeps of it, either.
    const later = await createRedisBus({ url: urlOf('advisor'), member: 'later', log: silentLog })
    expect(later.lastAll(flow.serviceStatus).map(({ source }) => source)).toEqual(['inspector', 'studio'])
    expect(later.health().deadLetterCount).toBe(1)
    await later.close()
  })

  it('a question is answered by Provider alone, and heard by nobody else', async () => {
    const request = { symbol: 'BTC/USDT', timeframe: '1m', until: newYear, limit: 1, cursor: null } as const
    buses.detector.respond(queries.candles, () => expect.fail('It must not be asked.'))
    await buses.detector.settled()
    await expect(buses.advisor.ask(queries.candles, request)).rejects.toMatchObject({ code: 'bus.no-responder' })
    const end = buses.provider.respond(queries.candles, () => ({ candles: [], cursor: 7 }))
    await buses.provider.settled()
    expect(await buses.advisor.ask(queries.candles, request)).toEqual({ candles: [], cursor: 7 })
    end()
  })
})
