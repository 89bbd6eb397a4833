import { setImmediate as nextTurn } from 'node:timers/promises'
import { createRandom } from '@barfinex/core'
import { testRuns } from '@barfinex/core/testing'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Exchange } from '../../src/exchanges/exchange.js'
import type { Venue, VenueFaultRule } from '../../src/venue/index.js'
import { type Broken, type ProviderOnVenue, providerOnVenue, workload } from './provider-on-venue.js'

const sound: Broken = { lost: [], doubled: [], different: [], unresolved: [], venue: [] }
const post = 'POST /api/v3/order'
const cancel = 'DELETE /api/v3/order'
/** Acts of a run. */
const actCount = 25
/** Time in which everything must be known again once a fault is over: an order that never arrived is asked for until 33 s have passed. */
const settleMs = 45_000
/** An order that the exchange does not know may still arrive until its window, the engine's time and clock error have passed. */
const earliestAbsenceMs = 16_000

const open: ProviderOnVenue[] = []
// Loading it takes longer than the timeouts of these tests.
beforeAll(async () => {
  await import('ccxt')
})
afterEach(async () => {
  for (const it of open.splice(0)) await it.close()
})

const rule =
  (at: string, fault: VenueFaultRule['fault'], share = 0.5) =>
  (venue: Venue) =>
    venue.world.faults.inject({ id: `${at} ${fault.do}`, at, fault, share })
const taken = (code: number, msg: string, httpStatus: number) =>
  ({ do: 'error', code, msg, httpStatus, taken: true }) as const

interface Fault {
  readonly name: string
  /** Begins it. */
  begin(venue: Venue): void
  /** Done again between acts. */
  readonly strike?: (venue: Venue, act: number) => void
  /** Ends it. */
  readonly end?: (venue: Venue) => void
}

const everyThird = (strike: (venue: Venue) => void) => (venue: Venue, act: number) => {
  if (act % 3 === 0) strike(venue)
}

const faults: readonly Fault[] = [
  { name: 'F1 the reply never comes', begin: rule(post, { do: 'dropReply' }) },
  { name: 'F2 the reply is cut', begin: rule(post, { do: 'resetReply' }) },
  { name: 'F3 -1007', begin: rule(post, taken(-1007, 'Timeout waiting for backend.', 503)) },
  { name: 'F4 the order is cut on its way', begin: rule(post, { do: 'reset' }) },
  { name: 'F4 the order hangs on its way', begin: rule(post, { do: 'hang' }) },
  { name: 'F5 -2010 Duplicate at first sight', begin: rule(post, taken(-2010, 'Duplicate order sent.', 400)) },
  { name: 'F6 the reply to a cancel never comes', begin: rule(cancel, { do: 'dropReply' }) },
  { name: 'F6 a cancel is cut on its way', begin: rule(cancel, { do: 'reset' }) },
  {
    name: 'F7 cancels race with fills',
    begin: () => {},
    strike: (venue, act) => {
      const bid = Number(venue.world.book('spot', 'BTCUSDT').bids[0]?.[0])
      venue.world.movePrice(
        'spot',
        'BTCUSDT',
        (Math.round(bid * (act % 2 === 0 ? 0.996 : 1.004) * 100) / 100).toFixed(2),
      )
    },
  },
  {
    name: 'F8 records lag up to 5 s, and replies are lost',
    begin(venue) {
      venue.world.setIndexingLag({ from: 0, to: 5_000 })
      rule(post, { do: 'dropReply' })(venue)
    },
    end: (venue) => venue.world.setIndexingLag({ from: 0, to: 0 }),
  },
  {
    name: 'F9 the stream of reports is cut',
    begin: () => {},
    strike: everyThird((venue) => venue.control.sockets.cut('api')),
  },
  {
    name: 'F10 reports come twice, late and in disorder',
    begin(venue) {
      rule('user executionReport', { do: 'duplicate' }, 0.3)(venue)
      rule('user executionReport', { do: 'reorder' }, 0.3)(venue)
      rule('user executionReport', { do: 'delay', ms: 30_000 }, 0.3)(venue)
    },
  },
  { name: 'F11 one report in ten is lost', begin: rule('user *', { do: 'drop' }, 0.1) },
  { name: 'F11 every report is lost', begin: rule('user *', { do: 'drop' }, 1) },
  {
    name: 'F12 the stream is ended, announced',
    begin: () => {},
    strike: everyThird((venue) => venue.control.sockets.terminateUserData()),
  },
  {
    name: 'F12 the server goes down, announced',
    begin: () => {},
    strike: everyThird((venue) => venue.control.sockets.shutDown(1_000)),
  },
  {
    name: 'F13 the stream is half open',
    begin: () => {},
    strike: (venue, act) => {
      if (act === 3) venue.control.sockets.halfOpen('api')
    },
  },
  {
    name: 'F20 no request gets through for a while',
    begin(venue) {
      for (const method of ['GET', 'POST', 'DELETE']) rule(`${method} *`, { do: 'reset' }, 1)(venue)
    },
    strike: (venue, act) => {
      if (act === 8) venue.world.faults.clear()
    },
  },
  {
    name: 'F22 429',
    begin: (venue) =>
      venue.world.faults.inject({ id: '429', at: post, times: 2, fault: { do: 'rateLimit', retryAfterSeconds: 5 } }),
  },
  {
    name: 'F23 418',
    begin: (venue) =>
      venue.world.faults.inject({ id: '418', at: post, times: 1, fault: { do: 'ban', retryAfterSeconds: 10 } }),
  },
  {
    name: 'F24 the clock steps',
    begin: () => {},
    strike: (venue, act) => venue.world.setSkew([0, 2_000, -15_000, 15_000, -2_000][act % 5] as number),
    end: (venue) => venue.world.setSkew(0),
  },
]

async function run(seed: number, fault: Fault, around?: (exchange: Exchange) => Exchange) {
  const it = await providerOnVenue({
    seed,
    ...(around === undefined ? {} : { around }),
    // A third of the runs pays its fees in a third coin.
    ...(seed % 3 === 0
      ? {
          venue: {
            accounts: [{ id: 'main', balances: { USDT: '10000', BTC: '0.01', BNB: '5' }, paysFeesInBnb: true }],
          },
        }
      : {}),
  })
  open.push(it)
  fault.begin(it.venue)
  const work = workload(it, seed)
  for (let act = 0; act < actCount; act += 1) {
    fault.strike?.(it.venue, act)
    await work.act()
  }
  it.venue.world.faults.clear()
  fault.end?.(it.venue)
  await it.passUntil(() => it.provider.service.account().known && isSound(it), settleMs)
  return it
}

const isSound = (it: ProviderOnVenue) => Object.values(it.broken()).every((list) => list.length === 0)
const seedCount = Math.min(5, testRuns(1))

describe.each(faults.map((fault, index) => ({ ...fault, index })))('$name', (fault) => {
  const seeds = Array.from({ length: seedCount }, (_, index) => fault.index + 100 * index)
  test.each(seeds)('seed %i: the ledger is the venue’s, no order is lost or doubled', async (seed) => {
    const it = await run(seed, fault)
    expect(it.broken()).toEqual(sound)
    expect(it.provider.service.account().known).toBe(true)
    for (const ms of it.absences()) expect(ms).toBeGreaterThanOrEqual(earliestAbsenceMs)
    expect(it.states().size).toBeGreaterThan(5)
    expect(it.venue.world.truth().accounts[0]?.trades.length).toBeGreaterThan(0)
  })
})

describe('F31: Provider ends where it stands, and starts again over its journal', () => {
  const seeds = Array.from({ length: 2 * seedCount }, (_, index) => 50 + index)
  test.each(seeds)('seed %i: the ledger is the venue’s, no order is lost or doubled', async (seed) => {
    const it = await providerOnVenue({ seed })
    open.push(it)
    const work = workload(it, seed)
    const random = createRandom(`crashes ${seed}`)
    for (let act = 0; act < actCount; act += 1) {
      const isCrash = random.next() < 0.25
      await work.act(isCrash)
      if (!isCrash) continue
      // Before the reply, or some turns of the loop later: on its way, at the venue, on its way back.
      for (let turn = random.integer(8); turn > 0; turn -= 1) await nextTurn()
      await it.crash()
    }
    await it.passUntil(() => it.provider.service.account().known && isSound(it), settleMs)
    expect(it.broken()).toEqual(sound)
    expect(it.provider.service.account().known).toBe(true)
    expect(it.venue.world.truth().accounts[0]?.trades.length).toBeGreaterThan(0)
  })
})

test('the same run by a bot that sends again what is unclear doubles orders', async () => {
  const again = (exchange: Exchange): Exchange => {
    const orders = new Map<string, Parameters<Exchange['submit']>[0]>()
    return {
      ...exchange,
      submit(order) {
        orders.set(order.clientOrderId, order)
        return exchange.submit(order)
      },
      report(sink, onGap) {
        exchange.report((report) => {
          const order = orders.get(report.clientOrderId)
          if (report.type === 'uncertain' && order !== undefined && !order.clientOrderId.endsWith('-again')) {
            void exchange.submit({ ...order, clientOrderId: `${order.clientOrderId}-again` })
          }
          sink(report)
        }, onGap)
      },
    }
  }
  const it = await run(1, faults[0] as Fault, again)
  expect(it.broken().doubled).not.toEqual([])
})
