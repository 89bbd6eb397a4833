import { inspect } from 'node:util'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Bus } from '../bus/bus.js'
import { queries } from '../bus/queries.js'
import { flow } from '../flow/map.js'
import { silentLog } from '../runtime/log.js'
import { anIntent } from '../testing/given-decision.js'
import { aFeed, aQuote, candlesInRow, newYear } from '../testing/given-market.js'
import { type RedisServer, startRedisServer } from '../testing/redis-server.js'
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.js'
import { testRuns } from '../testing/test-runs.js'
import type { BusAlarm } from './alarm.js'
import type { RedisBusOptions } from './options.js'
import { createRedisBus } from './redis-bus.js'

const within = { timeout: 20_000, interval: 10 }
const at = { occurredAt: newYear }
const question = { symbol: 'BTC/USDT', timeframe: '1m', until: newYear, limit: 2, cursor: null } as const

let redis: RedisServer
let proxy: TcpProxy
let admin: Redis
let count = 0
const made: Bus[] = []
beforeAll(async () => {
  redis = await startRedisServer({ appendOnly: 'off' })
  admin = new Redis(redis.url)
})
afterEach(async () => {
  proxy?.restore()
  for (const bus of made.splice(0)) await bus.close()
  await proxy?.close()
})
afterAll(async () => {
  admin.disconnect()
  await redis.close()
})

/** A bus behind the proxy and one beside it, on a namespace of their own. */
async function pair(options: Partial<RedisBusOptions> = {}) {
  count += 1
  proxy = await startTcpProxy(redis.port)
  const namespace = `net${count}`
  const alarms: BusAlarm[] = []
  const make = async (url: string, member: string) => {
    const bus = await createRedisBus({
      url,
      namespace,
      member,
      log: silentLog,
      commandTimeoutMs: 1_000,
      leaseMs: 3_000,
      patienceMs: 500,
      onHandlerFault: () => {},
      onAlarm: (alarm) => void alarms.push(alarm),
      ...options,
    })
    made.push(bus)
    return bus
  }
  const behind = await make(`redis://127.0.0.1:${proxy.port}`, 'a@proxy')
  const beside = await make(redis.url, 'b@direct')
  return { behind, beside, alarms, key: (kind: string, channel: string) => `bfx:${namespace}:${kind}:${channel}` }
}

async function acting(bus: Bus, done: string[]): Promise<void> {
  bus.subscribe(flow.intent, ({ payload }) => void done.push(payload.intentId), { group: 'inspector' })
  await bus.settled()
}

function say(bus: Bus, intentId: string): void {
  bus.publisher(flow.intent, 'advisor').publish(anIntent({ intentId }), at)
}

describe('a network', () => {
  it('that loses an answer makes one effect of one command, sent again as it is', async () => {
    const { behind, beside, key } = await pair()
    const done: string[] = []
    await acting(beside, done)
    const runs = Math.min(testRuns(25), 1_000)
    for (let run = 0; run < runs; run += 1) {
      const lost = proxy.loseReplyTo(`i${run}"`)
      say(behind, `i${run}`)
      await lost
      await vi.waitFor(() => expect(done).toHaveLength(run + 1), within)
      await behind.flush()
    }
    expect(done).toEqual(Array.from({ length: runs }, (_, index) => `i${index}`))
    expect(await admin.xlen(key('stream', 'advisor.intent'))).toBe(runs)
  })

  it('that swallows everything is noticed, and everything goes on when it passes again', async () => {
    const { behind, beside } = await pair()
    const done: string[] = []
    await acting(beside, done)
    proxy.swallow()
    say(behind, 'i0')
    await vi.waitFor(() => expect(behind.health().connected).toBe(false), within)
    await expect(behind.flush()).rejects.toMatchObject({ code: 'bus.unavailable', retryable: true })
    await expect(behind.ask(queries.candles, question)).rejects.toMatchObject({ code: 'bus.unavailable' })
    say(behind, 'i1')
    expect(done).toEqual([])
    proxy.restore()
    await vi.waitFor(() => expect(done).toEqual(['i0', 'i1']), within)
    await vi.waitFor(() => expect(behind.health().connected).toBe(true), within)
  })

  it('that breaks under a reader makes it catch up: facts in order, the last state, and live losses counted', async () => {
    const { behind, beside } = await pair()
    const facts: string[] = []
    const quotes: number[] = []
    const feeds: number[] = []
    behind.subscribe(flow.intent, ({ payload }) => void facts.push(payload.intentId))
    behind.subscribe(flow.quote, ({ seq }) => void quotes.push(seq))
    behind.subscribe(flow.feed, ({ payload }) => void feeds.push(payload.gapCount))
    await behind.settled()
    const quote = beside.publisher(flow.quote, 'provider')
    const feed = beside.publisher(flow.feed, 'provider')
    const tell = async (from: number, to: number) => {
      for (let index = from; index < to; index += 1) {
        say(beside, `i${index}`)
        quote.publish(aQuote(), at)
        feed.publish(aFeed({ gapCount: index }), at)
      }
      await beside.settled()
    }
    await tell(0, 10)
    await vi.waitFor(() => expect(quotes).toHaveLength(10), within)
    proxy.refuse()
    await tell(10, 30)
    proxy.restore()
    await vi.waitFor(() => expect(facts).toHaveLength(30), within)
    await vi.waitFor(() => expect(feeds.at(-1)).toBe(29), within)
    await tell(30, 40)
    await vi.waitFor(() => expect(quotes.at(-1)).toBe(39), within)
    expect(facts).toEqual(Array.from({ length: 40 }, (_, index) => `i${index}`))
    expect(quotes.length + (behind.health().droppedCount['market.quote'] ?? 0)).toBe(40)
    expect(behind.health().droppedCount['market.quote']).toBe(20)
    expect(feeds.at(-1)).toBe(39)
  })

  it('takes questions to another process and answers back, with its faults', async () => {
    const { behind, beside } = await pair({ patienceMs: 5_000, commandTimeoutMs: 1_000 })
    await expect(behind.ask(queries.candles, question)).rejects.toMatchObject({ code: 'bus.no-responder' })
    const end = beside.respond(queries.candles, ({ limit }) => ({ candles: [], cursor: newYear + limit }))
    await beside.settled()
    expect(await behind.ask(queries.candles, question)).toEqual({ candles: [], cursor: newYear + 2 })
    end()
    beside.respond(queries.candles, () => new Promise(() => {}))
    await beside.settled()
    await expect(behind.ask(queries.candles, question, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'bus.timeout',
    })
    const ending = new AbortController()
    const answer = behind.ask(queries.candles, question, { abortSignal: ending.signal })
    ending.abort(new Error('not needed'))
    await expect(answer).rejects.toThrow('not needed')
  })

  it('hands on a fault of the answering process with its code, and refuses a question that does not fit', async () => {
    const { behind, beside } = await pair()
    beside.respond(queries.candles, () => {
      throw new Error('disk')
    })
    await beside.settled()
    await expect(behind.ask(queries.candles, question)).rejects.toMatchObject({ code: 'bus.reply-failed' })
    await expect(behind.ask(queries.candles, { ...question, limit: -1 })).rejects.toMatchObject({
      code: 'message.invalid',
    })
  })

  it('takes a long history whole, and refuses one that holds anything its schema does not', async () => {
    const { behind, beside } = await pair()
    const candles = candlesInRow(3_000)
    for (const [answer, expected] of [
      [candles, { candles, cursor: null }],
      [candles.map((it) => ({ ...it, high: -it.high })), null],
      [candles.map((it) => ({ ...it, high: Number.NaN })), null],
    ] as const) {
      const end = beside.respond(queries.candles, () => ({ candles: answer, cursor: null }))
      await beside.settled()
      const asked = behind.ask(queries.candles, question)
      if (expected !== null) expect(await asked).toEqual(expected)
      else await expect(asked).rejects.toMatchObject({ code: 'message.invalid' })
      end()
      await beside.settled()
    }
  })
})

describe('a server that is not there', () => {
  it('is told by name, without its password', async () => {
    const url = 'redis://user:sesame-open@127.0.0.1:1/0'
    const failure = await createRedisBus({ url, member: 'a', log: silentLog }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'bus.unavailable', retryable: true })
    expect(JSON.stringify([String(failure), (failure as { details: unknown }).details])).not.toContain('sesame')
  })

  it('is told without the password also where it does not accept it', async () => {
    const url = redis.url.replace('redis://', 'redis://default:sesame-open@')
    await admin.config('SET', 'requirepass', 'another-word')
    try {
      const failure = await createRedisBus({ url, member: 'a', log: silentLog }).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'config.invalid', retryable: false })
      expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain('sesame')
    } finally {
      await admin.config('SET', 'requirepass', '')
    }
  })

  it('is asked for with proper options only', async () => {
    await expect(createRedisBus({ url: 'http://x', member: 'a' })).rejects.toMatchObject({ code: 'options.invalid' })
    await expect(createRedisBus({ url: redis.url, member: 'a b' })).rejects.toMatchObject({ code: 'options.invalid' })
    await expect(createRedisBus({ url: redis.url, member: 'a', namespace: 'x:*' })).rejects.toMatchObject({
      code: 'options.invalid',
    })
  })
})
