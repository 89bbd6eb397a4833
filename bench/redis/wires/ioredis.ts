import { Redis } from 'ioredis'
import type { Kind } from '../event.js'
import type { MakeWire, Wire } from '../wire.js'

const topic = 'bench'

type Say = (redis: Redis, texts: readonly string[]) => Promise<unknown>

/** Pub/Sub as most programs use ioredis: a promise for every event, a thousand at once. */
export const waves = <Payload>(kind: Kind<Payload>): MakeWire =>
  pubSub(kind, (redis, texts) => Promise.all(texts.map((text) => redis.publish(topic, text))))

/** The limit of what can be done with one event a message: one explicit pipeline for a thousand of them. */
export const pipeline = <Payload>(kind: Kind<Payload>): MakeWire =>
  pubSub(kind, (redis, texts) => {
    const commands = redis.pipeline()
    for (const text of texts) commands.publish(topic, text)
    return commands.exec()
  })

function pubSub<Payload>({ make, numberOf }: Kind<Payload>, say: Say): MakeWire {
  return async (url) => {
    const redis = new Redis(url)
    return {
      tell: (number) => void redis.publish(topic, JSON.stringify(make(number))),
      async say(numbers) {
        await say(
          redis,
          numbers.map((number) => JSON.stringify(make(number))),
        )
      },
      async hear(onNumber) {
        redis.on('message', (_: string, text: string) => onNumber(numberOf(JSON.parse(text) as Payload)))
        await redis.subscribe(topic)
      },
      close: async () => redis.disconnect(),
    }
  }
}

/** A stream with a group: one entry an event, read a thousand at once, acknowledged together after the handler. */
export function stream<Payload>({ make, numberOf }: Kind<Payload>): MakeWire {
  return async (url): Promise<Wire> => {
    const redis = new Redis(url)
    let isOpen = true
    return {
      tell: (number) => void redis.xadd(topic, '*', 'm', JSON.stringify(make(number))),
      async say(numbers) {
        const commands = redis.pipeline()
        for (const number of numbers) commands.xadd(topic, '*', 'm', JSON.stringify(make(number)))
        await commands.exec()
      },
      async hear(onNumber) {
        await redis.xgroup('CREATE', topic, 'g', '$', 'MKSTREAM')
        const read = async (): Promise<void> => {
          while (isOpen) {
            const reply = await redis.xreadgroup('GROUP', 'g', 'c', 'COUNT', 1_000, 'BLOCK', 100, 'STREAMS', topic, '>')
            const [[, entries] = ['', []]] = (reply ?? []) as [string, [string, string[]][]][]
            for (const [, [, text = '']] of entries) onNumber(numberOf(JSON.parse(text) as Payload))
            if (entries.length > 0) await redis.xack(topic, 'g', ...entries.map(([id]) => id))
          }
        }
        read().catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
      },
      async close() {
        isOpen = false
        redis.disconnect()
      },
    }
  }
}
