import { createClient } from 'redis'
import type { Kind } from '../event.js'
import type { MakeWire } from '../wire.js'

/** Pub/Sub as most programs use node-redis: a promise for every event, a thousand at once. */
export function waves<Payload>({ make, numberOf }: Kind<Payload>): MakeWire {
  return async (url) => {
    const client = await createClient({ url }).connect()
    return {
      tell: (number) => void client.publish('bench', JSON.stringify(make(number))),
      async say(numbers) {
        await Promise.all(numbers.map((number) => client.publish('bench', JSON.stringify(make(number)))))
      },
      async hear(onNumber) {
        await client.subscribe('bench', (text: string) => onNumber(numberOf(JSON.parse(text) as Payload)))
      },
      close: async () => client.destroy(),
    }
  }
}
