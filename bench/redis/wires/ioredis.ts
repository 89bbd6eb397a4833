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

/** Batches by hand: a hundred events a message, as one list. */
export const batches = <Payload>({ make, numberOf }: Kind<Payload>): MakeWire => {
  return async (url) => {
    const redis = new Redis(url)
    return {
      tell: (number) => void redis.publish(topic, JSON.stringify([make(number)])),
      async say(numbers) {
        const commands = redis.pipeline()
        for (const some of inHundreds(numbers)) commands.publish(topic, JSON.stringify(some.map(make)))
        await commands.exec()
      },
      async hear(onNumber) {
        redis.on('message', (_: string, text: string) => {
          for (const payload of JSON.parse(text) as Payload[]) onNumber(numberOf(payload))
        })
        await redis.subscribe(topic)
      },
      close: async () => redis.disconnect(),
    }
  }
}

function inHundreds(numbers: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: Math.ceil(numbers.length / 100) }, (_, index) =>
    numbers.slice(index * 100, index * 100 + 100),
  )
}

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
export const stream = <Payload>(kind: Kind<Payload>): MakeWire => streamOf(kind, (numbers) => numbers.map((it) => [it]))

/** The same with a hundred events an entry, as one list. */
export const streamBatches = <Payload>(kind: Kind<Payload>): MakeWire => streamOf(kind, inHundreds)

function streamOf<Payload>(
  { make, numberOf }: Kind<Payload>,
  split: (numbers: readonly number[]) => readonly (readonly number[])[],
): MakeWire {
  return async (url): Promise<Wire> => {
    const redis = new Redis(url)
    let isOpen = true
    const textOf = (numbers: readonly number[]) => {
      const payloads = numbers.map(make)
      return JSON.stringify(payloads.length === 1 ? payloads[0] : payloads)
    }
    return {
      tell: (number) => void redis.xadd(topic, '*', 'm', textOf([number])),
      async say(numbers) {
        const commands = redis.pipeline()
        for (const some of split(numbers)) commands.xadd(topic, '*', 'm', textOf(some))
        await commands.exec()
      },
      async hear(onNumber) {
        await redis.xgroup('CREATE', topic, 'g', '$', 'MKSTREAM')
        const read = async (): Promise<void> => {
          while (isOpen) {
            const reply = await redis.xreadgroup('GROUP', 'g', 'c', 'COUNT', 1_000, 'BLOCK', 100, 'STREAMS', topic, '>')
            const [[, entries] = ['', []]] = (reply ?? []) as [string, [string, string[]][]][]
            for (const [, [, text = '']] of entries) {
              const it = JSON.parse(text) as Payload | Payload[]
              for (const payload of Array.isArray(it) ? it : [it]) onNumber(numberOf(payload))
            }
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
