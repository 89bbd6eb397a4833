import type { Exchange } from '@barfinex/provider'
import { expect, test } from 'vitest'
import { lostReply } from './fates.js'
import { runFaults } from './run-faults.js'

const fewSeeds = [1, 2, 3, 4, 5]

/** What so many bots do: no reply, so once more, under a new id. */
function resends(exchange: Exchange): Exchange {
  const sent = new Map<string, Parameters<Exchange['submit']>[0]>()
  return {
    ...exchange,
    submit(order) {
      sent.set(order.clientOrderId, order)
      return exchange.submit(order)
    },
    report(sink, onGap) {
      exchange.report((report) => {
        const order = report.type === 'uncertain' && report.action === 'submit' ? sent.get(report.clientOrderId) : null
        if (order) void exchange.submit({ ...order, clientOrderId: `${order.clientOrderId}-again` })
        sink(report)
      }, onGap)
    },
  }
}

/** Stops are said to stand and are never placed. */
function dropsStops(exchange: Exchange): Exchange {
  let tell: Parameters<Exchange['report']>[0] = () => {}
  return {
    ...exchange,
    submit(order) {
      if (order.purpose !== 'stop') return exchange.submit(order)
      const { clientOrderId, symbol } = order
      tell({ type: 'accepted', clientOrderId, exchangeOrderId: 'x', symbol, reason: null, occurredAt: 0 })
    },
    report(sink, onGap) {
      tell = sink
      exchange.report(sink, onGap)
    },
  }
}

test('a bot that sends again on a lost reply is caught doubling orders', async () => {
  const caught: string[] = []
  for (const seed of fewSeeds) {
    const { broken } = await runFaults(seed, {
      exchange: resends,
      strike({ venue, random }) {
        const own = random.fork('strike')
        const { request } = venue.faults
        venue.faults.request = (action, purpose) =>
          action === 'submit' && own.next() < 0.4 ? lostReply(own) : request(action, purpose)
      },
    })
    caught.push(...broken)
  }
  expect(
    caught.some((it) => /^I1 order .*-again/.test(it)),
    'an order outside the journal',
  ).toBe(true)
  expect(
    caught.some((it) => /^I2 .* are both /.test(it)),
    'two orders for one purpose',
  ).toBe(true)
  expect(
    caught.some((it) => /^I2 intent .* filled /.test(it)),
    'more filled than intended',
  ).toBe(true)
})

test('a desk whose stops do not stand is caught naked', async () => {
  const caught: string[] = []
  for (const seed of fewSeeds)
    caught.push(...(await runFaults(seed, { exchange: dropsStops, strike: () => {} })).broken)
  expect(caught.some((it) => it.startsWith('I3 '))).toBe(true)
})
