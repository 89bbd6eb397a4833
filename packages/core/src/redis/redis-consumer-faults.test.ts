import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Bus } from '../bus/bus.js'
import { flow } from '../flow/map.js'
import { silentLog } from '../runtime/log.js'
import { gate } from '../testing/bus-under-test.js'
import { anIntent } from '../testing/given-decision.js'
import { candlesInRow, newYear } from '../testing/given-market.js'
import { type RedisServer, startRedisServer } from '../testing/redis-server.js'
import { startTcpProxy } from '../testing/tcp-proxy.js'
import type { BusAlarm } from './alarm.js'
import type { RedisBusOptions } from './options.js'
import { createRedisBus } from './redis-bus.js'

const within = { timeout: 20_000, interval: 10 }
const at = { occurredAt: newYear }

let redis: RedisServer
let admin: Redis
let count = 0
const made: { close(): Promise<void> }[] = []
beforeAll(async () => {
  redis = await startRedisServer({ appendOnly: 'off' })
  admin = new Redis(redis.url)
})
afterEach(async () => {
  for (const it of made.splice(0).reverse()) await it.close()
})
afterAll(async () => {
  admin.disconnect()
  await redis.close()
})

function aDesk(options: Partial<RedisBusOptions> = {}) {
  count += 1
  const namespace = `con${count}`
  const alarms: BusAlarm[] = []
  const bus = async (member: string, url = redis.url) => {
    const onAlarm = (alarm: BusAlarm) => void alarms.push(alarm)
    const settings = { commandTimeoutMs: 200, leaseMs: 600, patienceMs: 2_000 }
    const one = await createRedisBus({
      ...settings,
      url,
      namespace,
      member,
      log: silentLog,
      onHandlerFault: () => {},
      onAlarm,
      ...options,
    })
    made.push(one)
    return one
  }
  return { bus, alarms, key: (kind: string, channel = 'advisor.intent') => `bfx:${namespace}:${kind}:${channel}` }
}

function say(bus: Bus, from: number, to: number): string[] {
  const publisher = bus.publisher(flow.intent, 'advisor')
  const ids = Array.from({ length: to - from }, (_, index) => `i${from + index}`)
  for (const intentId of ids) publisher.publish(anIntent({ intentId }), at)
  return ids
}

describe('a consumer', () => {
  it('that dies with what it had taken is followed by another, and nothing is lost', async () => {
    const desk = aDesk()
    const proxy = await startTcpProxy(redis.port)
    made.push(proxy)
    const writer = await desk.bus('writer')
    const first = await desk.bus('first', `redis://127.0.0.1:${proxy.port}`)
    const second = await desk.bus('second')
    const block = gate()
    const begun: string[] = []
    const done: string[] = []
    first.subscribe(
      flow.intent,
      async ({ payload }) => {
        begun.push(payload.intentId)
        await block.opened
      },
      { group: 'g' },
    )
    await first.settled()
    second.subscribe(flow.intent, ({ payload }) => void done.push(payload.intentId), { group: 'g' })
    await second.settled()
    const ids = say(writer, 0, 20)
    await vi.waitFor(() => expect(begun).toHaveLength(1), within)
    expect(done).toEqual([])
    proxy.refuse()
    await vi.waitFor(() => expect(done).toHaveLength(20), within)
    expect(done).toEqual(ids)
    await vi.waitFor(
      async () => expect(await admin.xpending(desk.key('stream'), 'g')).toEqual([0, null, null, null]),
      within,
    )
    // It comes back, and what it had not begun is none of its business any more.
    proxy.restore()
    block.open()
    await vi.waitFor(() => expect(first.health().connected).toBe(true), within)
    await first.settled()
    expect(begun).toEqual(['i0'])
  })

  it('that meets a message no journal could hold sets it aside before anybody sees it, and goes on', async () => {
    const desk = aDesk()
    const bus = await desk.bus('a')
    const done: string[] = []
    const tapped: string[] = []
    bus.tap(({ id }) => void tapped.push(id))
    bus.subscribe(flow.intent, ({ payload }) => void done.push(payload.intentId), { group: 'g' })
    bus.subscribe(flow.intent, ({ payload }) => void done.push(payload.intentId))
    await bus.settled()
    const writer = await desk.bus('b')
    const intents = writer.publisher(flow.intent, 'advisor')
    intents.publish(anIntent({ intentId: 'long', regime: 'x'.repeat(17_000_000) }), at)
    intents.publish(anIntent({ intentId: 'sound' }), at)
    await vi.waitFor(() => expect(done).toEqual(['sound', 'sound']), within)
    expect(tapped).toEqual(['advisor.intent:sound'])
    expect(new Set(desk.alarms.map(({ kind }) => kind))).toEqual(new Set(['dead-letter']))
    await vi.waitFor(
      async () => expect(await admin.xpending(desk.key('stream'), 'g')).toEqual([0, null, null, null]),
      within,
    )
  })

  it('that meets a poisoned message sets it aside after five attempts, with an alarm, and goes on', async () => {
    const desk = aDesk()
    const bus = await desk.bus('a')
    const done: string[] = []
    let attempts = 0
    bus.subscribe(
      flow.intent,
      async ({ payload }) => {
        if (payload.intentId === 'i1') {
          attempts += 1
          throw new Error('cannot')
        }
        done.push(payload.intentId)
      },
      { group: 'g' },
    )
    await bus.settled()
    say(bus, 0, 3)
    await bus.settled()
    expect(done).toEqual(['i0', 'i2'])
    expect(attempts).toBe(5)
    expect(bus.health()).toMatchObject({ deadLetterCount: 1, handlerFaultCount: 5 })
    expect(desk.alarms).toMatchObject([{ kind: 'dead-letter', channel: 'advisor.intent' }])
    const [[, fields = []] = ['', []]] = await admin.xrange(desk.key('dead'), '-', '+')
    expect(fields).toContain('Error: cannot')
    expect(await admin.xpending(desk.key('stream'), 'g')).toEqual([0, null, null, null])
  })

  it('is not killed a sixth time by a message that kills processes', async () => {
    const desk = aDesk()
    const bus = await desk.bus('a')
    const end = bus.subscribe(flow.intent, () => {}, { group: 'g' })
    await bus.settled()
    end()
    say(bus, 0, 3)
    await bus.settled()
    // What five processes leave behind that have died of it, each after it had begun.
    const [, [id] = ['']] = (await admin.xrange(desk.key('stream'), '-', '+')) as [string, string[]][]
    await admin.xreadgroup('GROUP', 'g', 'dead:0', 'COUNT', 3, 'STREAMS', desk.key('stream'), '>')
    await admin.xclaim(desk.key('stream'), 'g', 'dead:1', 0, id as string, 'RETRYCOUNT', 6)
    const done: string[] = []
    const next = await desk.bus('b')
    next.subscribe(flow.intent, ({ payload }) => void done.push(payload.intentId), { group: 'g' })
    await vi.waitFor(() => expect(done).toEqual(['i0', 'i2']), within)
    await next.settled()
    expect(next.health().deadLetterCount).toBe(1)
    expect(await admin.xlen(desk.key('dead'))).toBe(1)
  })

  it('that took over an entry of many messages has begun it once, not as often as it has messages', async () => {
    const desk = aDesk()
    const writer = await desk.bus('writer')
    const reader = await desk.bus('reader')
    const candles = candlesInRow(20)
    const stream = desk.key('stream', 'market.candle')
    const end = reader.subscribe(flow.candle, () => {}, { group: 'g' })
    await reader.settled()
    end()
    const publisher = writer.publisher(flow.candle, 'provider')
    for (const candle of candles) publisher.publish(candle, { occurredAt: candle.closeTime })
    await writer.settled()
    await admin.xreadgroup('GROUP', 'g', 'dead:0', 'COUNT', 10, 'STREAMS', stream, '>')
    expect(await admin.xlen(stream)).toBe(1)
    const block = gate()
    const begun: number[] = []
    const leave = reader.subscribe(
      flow.candle,
      async ({ payload }) => {
        begun.push(payload.openTime)
        if (begun.length === 10) await block.opened
      },
      { group: 'g' },
    )
    await vi.waitFor(() => expect(begun).toHaveLength(10), within)
    const [[, , , deliveredCount] = []] = (await admin.xpending(stream, 'g', '-', '+', 10)) as unknown[][]
    expect(deliveredCount).toBe(2)
    block.open()
    await reader.settled()
    leave()
    expect(begun).toEqual(candles.map(({ openTime }) => openTime))
    expect(reader.health().deadLetterCount).toBe(0)
  })

  it('takes nothing that is not a message: it is counted and set aside, and what follows is handled', async () => {
    const desk = aDesk()
    const bus = await desk.bus('a')
    const done: string[] = []
    const heard: string[] = []
    bus.subscribe(flow.intent, ({ payload }) => void done.push(payload.intentId), { group: 'g' })
    bus.subscribe(flow.intent, ({ payload }) => void heard.push(payload.intentId))
    await bus.settled()
    const stream = desk.key('stream')
    const [good] = say(bus, 0, 1)
    await bus.settled()
    const [[, , , text = ''] = ['', '', '', '']] = (await admin.xrange(stream, '-', '+')).map(([, fields]) => fields)
    const row = text.slice(17)
    const bad = [
      'no frame at all',
      `J0123456789abcdef${row.slice(0, -5)}`,
      `J0123456789abcdef${row.replace('"direction":"long"', '"direction":"sideways"')}`,
      `J0123456789abcdef${row.replace('"intentId"', '"__proto__":{"isAdmin":true},"intentId"')}`,
      `J0123456789abcdef${row.replace('"intentId"', '"\\u005f_proto__":{"isAdmin":true},"intentId"')}`,
      `J0123456789abcdef${row.replace('[[1,', '[[2,')}`,
      `X0123456789abcdef${row}`,
    ]
    for (const [index, frame] of bad.entries()) await admin.xadd(stream, '*', 'i', `bad${index}`, 'm', frame)
    for (const push of ['garbage', 'F', 'F1-1\n2-2 99\nx', 'V\nx', `L${bad[0]}`])
      await admin.publish(desk.key('topic'), push)
    say(bus, 1, 2)
    await vi.waitFor(() => expect(heard).toEqual([good, 'i1']), within)
    await vi.waitFor(() => expect(done).toEqual([good, 'i1']), within)
    await bus.settled()
    expect(await admin.xlen(desk.key('dead'))).toBe(bad.length)
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
    expect(desk.alarms.every(({ kind }) => kind === 'dead-letter')).toBe(true)
  })

  it('that is far behind loses no command, however short streams are kept', async () => {
    const desk = aDesk({ retainedCount: 10 })
    const writer = await desk.bus('writer')
    const reader = await desk.bus('reader')
    const done: string[] = []
    const end = reader.subscribe(flow.intent, () => {}, { group: 'slow' })
    await reader.settled()
    end()
    const ids = say(writer, 0, 2_000)
    await writer.settled()
    expect(await admin.xlen(desk.key('stream'))).toBe(2_000)
    reader.subscribe(flow.intent, ({ payload }) => void done.push(payload.intentId), { group: 'slow' })
    await reader.settled()
    expect(done).toEqual(ids)
    // Now that all have it, it goes.
    say(writer, 2_000, 2_600)
    await writer.settled()
    await reader.settled()
    say(writer, 2_600, 3_200)
    await writer.settled()
    await vi.waitFor(async () => expect(await admin.xlen(desk.key('stream'))).toBeLessThan(1_300), within)
    await reader.settled()
    expect(done).toHaveLength(3_200)
    expect((await admin.hlen(desk.key('ids'))) - 1).toBe(await admin.xlen(desk.key('stream')))
  })

  it('of settled data that is trimmed before it was read is told so', async () => {
    const desk = aDesk({ retainedCount: 1 })
    const proxy = await startTcpProxy(redis.port)
    made.push(proxy)
    const writer = await desk.bus('writer')
    const reader = await desk.bus('reader', `redis://127.0.0.1:${proxy.port}`)
    const heard: number[] = []
    reader.subscribe(flow.candle, ({ payload }) => void heard.push(payload.openTime))
    await reader.settled()
    const candles = candlesInRow(1_200)
    const publisher = writer.publisher(flow.candle, 'provider')
    const tell = async (from: number, to: number) => {
      for (const candle of candles.slice(from, to)) {
        publisher.publish(candle, { occurredAt: candle.closeTime })
        await writer.flush()
      }
    }
    await tell(0, 1)
    await vi.waitFor(() => expect(heard).toHaveLength(1), within)
    proxy.refuse()
    await tell(1, 1_199)
    await vi.waitFor(
      async () => expect(await admin.xlen(desk.key('stream', 'market.candle'))).toBeLessThan(600),
      within,
    )
    proxy.restore()
    await vi.waitFor(() => expect(heard.at(-1)).toBe(candles[1_198]?.openTime), within)
    expect(heard.length).toBeLessThan(1_199)
    expect(desk.alarms.map(({ kind }) => kind)).toContain('entries-lost')
    expect(reader.health().droppedCount['market.candle']).toBeGreaterThan(0)
  })

  it('may be refused by the access list: the writer is told, and everything else goes on', async () => {
    const desk = aDesk()
    const admins = await desk.bus('admin')
    await admin.call('ACL', 'SETUSER', 'advisor', 'on', '>sesame', '+@all', '~bfx:*', '&bfx:*')
    await admin.call('ACL', 'SETUSER', 'advisor', 'resetkeys', `%RW~${desk.key('stream', 'advisor.*')}`)
    for (const keys of [
      desk.key('ids', 'advisor.*'),
      desk.key('state', '*'),
      desk.key('active', '*'),
      `bfx:con${count}:origin`,
    ]) {
      await admin.call('ACL', 'SETUSER', 'advisor', `~${keys}`)
    }
    const advisor = await desk.bus('advisor', redis.url.replace('redis://', 'redis://advisor:sesame@'))
    const heard: string[] = []
    admins.subscribe(flow.intent, ({ payload }) => void heard.push(payload.intentId))
    await admins.settled()
    advisor.publisher(flow.outcome, 'inspector').publish({ outcomeId: 'o1' } as never, at)
    await vi.waitFor(
      () => expect(desk.alarms).toMatchObject([{ kind: 'refused', channel: 'inspector.outcome' }]),
      within,
    )
    await expect(advisor.flush()).rejects.toMatchObject({ code: 'bus.refused' })
    say(advisor, 0, 2)
    await advisor.flush()
    await vi.waitFor(() => expect(heard).toEqual(['i0', 'i1']), within)
  })
})
