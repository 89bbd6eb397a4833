import { type Candle, queries, silentLog } from '@barfinex/core'
import { createRedisBus } from '@barfinex/core/redis'
import { Redis } from 'ioredis'
import { candles } from './event.js'

/** Candles of one answer, and answers of one measurement; the first fifth is not timed. */
const candleCount = 10_000
const answerCount = 25

export interface HistorySpeed {
  readonly way: string
  /** Candles a second, both ends in this process, wall time. */
  readonly perSecond: number
}

async function timed(way: string, ask: () => Promise<readonly Candle[]>): Promise<HistorySpeed> {
  const warmCount = Math.floor(answerCount / 5)
  let begun = 0
  for (let index = 0; index < answerCount; index += 1) {
    if (index === warmCount) begun = performance.now()
    const { length } = await ask()
    if (length !== candleCount) throw new Error(`${way}: ${length} candles came of ${candleCount}`)
  }
  const seconds = (performance.now() - begun) / 1_000
  return { way, perSecond: ((answerCount - warmCount) * candleCount) / seconds }
}

/**
 * A history of 10,000 candles, asked for and answered through the server: as the bus does it, checked against its schema, and as a
 * program would by hand, one JSON text that nobody checks.
 */
export async function measureHistory(url: string): Promise<readonly [bus: HistorySpeed, json: HistorySpeed]> {
  const history = Array.from({ length: candleCount }, (_, number) => candles.make(number))
  const request = { symbol: 'BTC/USDT', timeframe: '1m', until: 8e15, limit: candleCount, cursor: null } as const
  const [answering, asking] = [
    await createRedisBus({ url, member: 'answering', log: silentLog }),
    await createRedisBus({ url, member: 'asking', log: silentLog }),
  ]
  answering.respond(queries.candles, () => ({ candles: history, cursor: null }))
  await answering.settled()
  const own = await timed('history, bus', async () => (await asking.ask(queries.candles, request)).candles)
  await Promise.all([answering.close(), asking.close()])

  const [publisher, subscriber] = [new Redis(url), new Redis(url)]
  let take = (_: readonly Candle[]): void => {}
  subscriber.on('message', (_: string, text: string) => take(JSON.parse(text) as Candle[]))
  await subscriber.subscribe('history')
  const peer = await timed('history, ioredis JSON', async () => {
    const answer = new Promise<readonly Candle[]>((resolve) => {
      take = resolve
    })
    await publisher.publish('history', JSON.stringify(history))
    return answer
  })
  for (const redis of [publisher, subscriber]) redis.disconnect()
  return [own, peer]
}
