import { createMemoryBus } from '@barfinex/core'
import { createService, definePolicy, inspect, maxOrderNotional, type Policies, type Question } from './index.js'

const bus = createMemoryBus()
declare const question: Question

createService({ bus, policies: [maxOrderNotional('500')] })

// @ts-expect-error an Inspector without policies does not compile
createService({ bus, policies: [] })

// @ts-expect-error nor does one that does not mention them
createService({ bus })

// @ts-expect-error nor does asking nobody
inspect(question, [])

// @ts-expect-error an option that does not exist
createService({ bus, policies: [maxOrderNotional('500')], nakedBoundMs: 1 })

export const asked: Policies = [
  // `judges` decides what a check gets to see.
  definePolicy({
    code: 'my.order',
    judges: 'order',
    check: ({ order }) => ({ limit: null, observed: order.quantity, message: 'no' }),
  }),
  definePolicy({
    code: 'my.situation',
    judges: 'situation',
    // @ts-expect-error a moment has no order
    check: ({ order }) => ({ limit: null, observed: order.quantity, message: 'no' }),
  }),
  // @ts-expect-error a check that waits is no check
  definePolicy({ code: 'my.late', judges: 'order', check: async () => null }),
]
