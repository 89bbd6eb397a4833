import { type Channel, type SubscribeOptions, silentLog } from '@barfinex/core'
import { createRedisBus } from '@barfinex/core/redis'
import type { Kind } from '../event.js'
import type { MakeWire } from '../wire.js'

/** The bus. What is said in a wave has been taken up by the server when the next one begins. */
export function bus<Payload>(
  { make, numberOf }: Kind<Payload>,
  channel: Channel<Payload>,
  reading: SubscribeOptions = {},
): MakeWire {
  return async (url) => {
    const own = await createRedisBus({ url, member: `bench-${process.pid}`, log: silentLog, retainedCount: 1_000_000 })
    const publisher = own.publisher(channel, 'bench')
    return {
      tell: (number) => publisher.publishAt(make(number), 1_704_067_200_000),
      async say(numbers) {
        for (const number of numbers) publisher.publishAt(make(number), 1_704_067_200_000)
        await own.settled()
      },
      async hear(onNumber) {
        own.subscribe(channel, ({ payload }) => onNumber(numberOf(payload)), reading)
        await own.settled()
      },
      close: () => own.close(),
    }
  }
}
