import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { flow } from '../flow/map.js'
import { silentLog } from '../runtime/log.js'
import { anIntent } from '../testing/given-decision.js'
import { aCandle, newYear } from '../testing/given-market.js'
import { type RedisServer, startRedisServer } from '../testing/redis-server.js'
import { keysOf } from './keys.js'
import { createRedisBus } from './redis-bus.js'

const within = { timeout: 20_000, interval: 10 }
/** Far more than one call of the server adds, and more text than it joins for a push. */
const count = 1_500
const names = Array.from({ length: count }, (_, index) => `intent-${index}`)

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedisServer({ appendOnly: 'off' })
})
afterAll(() => redis.close())

function busOf(member: string, namespace: string) {
  return createRedisBus({ url: redis.url, member, namespace, log: silentLog })
}

describe('a burst', () => {
  it('of commands rings the bell, and every kind of reader gets each once and in order', async () => {
    const [writer, reader] = [await busOf('writer', 'burst'), await busOf('reader', 'burst')]
    const ears = new Redis(redis.url)
    const pushes: string[] = []
    ears.on('message', (_: string, push: string) => pushes.push(push))
    await ears.subscribe(keysOf('burst').topic(flow.intent.name))
    const [plain, grouped, late]: string[][] = [[], [], []]
    reader.subscribe(flow.intent, ({ payload }) => void plain?.push(payload.intentId))
    reader.subscribe(flow.intent, ({ payload }) => void grouped?.push(payload.intentId), { group: 'g' })
    await reader.settled()
    const publisher = writer.publisher(flow.intent, 'advisor')
    for (const intentId of names) publisher.publish(anIntent({ intentId }), { occurredAt: newYear })
    await writer.flush()
    await vi.waitFor(() => expect([plain?.length, grouped?.length]).toEqual([count, count]), within)
    // A single one is pushed whole, and follows what was read.
    publisher.publish(anIntent({ intentId: 'last' }), { occurredAt: newYear })
    await writer.flush()
    await vi.waitFor(() => expect([plain?.at(-1), grouped?.at(-1)]).toEqual(['last', 'last']), within)
    reader.subscribe(flow.intent, ({ payload }) => void late?.push(payload.intentId), { from: 'earliest' })
    await vi.waitFor(() => expect(late).toHaveLength(count + 1), within)
    for (const heard of [plain, grouped, late]) expect(heard).toEqual([...names, 'last'])
    const kinds = pushes.map(([kind]) => kind)
    expect(kinds).toContain('N')
    expect(kinds.at(-1)).toBe('F')
    expect(reader.health()).toMatchObject({ deadLetterCount: 0, droppedCount: {} })
    ears.disconnect()
    for (const bus of [writer, reader]) await bus.close()
  })

  it('of candles travels in few entries, and its numbers go on by key', async () => {
    const [writer, reader] = [await busOf('writer', 'candles'), await busOf('reader', 'candles')]
    const heard: [symbol: string, seq: number, openTime: number][] = []
    const take = ({ payload, seq }: { payload: { symbol: string; openTime: number }; seq: number }) =>
      void heard.push([payload.symbol, seq, payload.openTime])
    reader.subscribe(flow.candle, take, { group: 'g' })
    await reader.settled()
    const publisher = writer.publisher(flow.candle, 'provider')
    const said = Array.from({ length: count }, (_, index) => {
      const symbol = index % 3 === 0 ? 'ETH/USDT' : 'BTC/USDT'
      return { symbol, openTime: newYear + index * 60_000, closeTime: newYear + (index + 1) * 60_000 }
    })
    for (const it of said) publisher.publishAt(aCandle(it), it.closeTime)
    await writer.flush()
    await vi.waitFor(() => expect(heard).toHaveLength(count), within)
    const next = new Map<string, number>()
    for (const [index, [symbol, seq, openTime]] of heard.entries()) {
      expect([symbol, openTime]).toEqual([said[index]?.symbol, said[index]?.openTime])
      expect(seq).toBe(next.get(symbol) ?? 0)
      next.set(symbol, seq + 1)
    }
    const admin = new Redis(redis.url)
    expect(await admin.xlen(keysOf('candles').stream(flow.candle.name))).toBeLessThan(count / 50)
    admin.disconnect()
    for (const bus of [writer, reader]) await bus.close()
  })
})
