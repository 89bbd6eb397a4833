import { describe } from 'vitest'
import { deliveryContract } from './bus-contract-delivery.js'
import { groupContract } from './bus-contract-groups.js'
import { queryContract } from './bus-contract-queries.js'
import { slowReaderContract } from './bus-contract-slow-readers.js'
import type { MakeBus } from './bus-under-test.js'

/**
 * What every bus promises, as a vitest suite: order per key, effect once by id, groups that resume, bounded queues that say what
 * they lose, state that begins with its last value, queries, taps, `settled`, `flush` and `close`.
 *
 * A case asserts only after `await bus.settled()`, so it holds for a bus that delivers later. What only synchronous delivery can
 * promise is in {@link synchronousBusContract}.
 *
 * @example
 * busContract('memory bus', (settings) => createMemoryBus(settings))
 */
export function busContract(name: string, makeBus: MakeBus): void {
  describe(`${name} keeps the bus contract`, () => {
    deliveryContract(makeBus)
    groupContract(makeBus)
    slowReaderContract(makeBus)
    queryContract(makeBus)
  })
}
