import { type AccountState, createRandom, decimal } from '@barfinex/core'
import { testRuns } from '@barfinex/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../eventually.js'
import { brokenOrders, differencesOf, nakedTimes, readSentBooks } from './judge-books.js'
import { drawKill } from './kill-plan.js'
import { createKilledDesk, type KilledDesk, leaseMs } from './killed-desk.js'

const seed = Number(process.env['BARFINEX_CRASH_SEED'] ?? 1)
/** A folder in which everything is left that a run has written. */
const keepIn = process.env['BARFINEX_CRASH_KEEP']
const kills = testRuns(20) / (testRuns(1) > 1 ? 2 : 1)
/** A net for what hangs. */
const mostMsPerKill = 120_000

describe(`six processes, ${kills} kills`, () => {
  let desk: KilledDesk
  /** Stretches in which a daemon was away or not yet ready: from the first kill until all are ready, over kills that were not awaited. */
  const restartMs: number[] = []

  beforeAll(async () => {
    desk = await createKilledDesk(seed)
    await desk.start()
    await desk.trades()
  }, 300_000)

  afterAll(async () => {
    if (keepIn !== undefined) await desk?.keepIn(keepIn)
    await desk?.close()
  }, 60_000)

  test(
    'killed at marked moments and between, every daemon comes back and the desk trades on',
    async () => {
      const random = createRandom(seed)
      let awayFrom: number | null = null
      let missed = 0
      let slowest = ''
      const allBack = async () => {
        slowest = await allReady(desk)
        if (awayFrom !== null) restartMs.push(performance.now() - awayFrom)
        awayFrom = null
      }
      for (let count = 1; count <= kills; count += 1) {
        const { victim, name, strike } = drawKill({ ...desk, random, leaseMs })
        desk.keepOutput()
        const { hasCome, downFrom } = await strike()
        awayFrom ??= downFrom
        if (!hasCome) missed += 1
        desk.keepOutput()
        desk.fleet[victim].start()
        // Now and then the next one dies while this one is still coming up.
        const isAwaited = random.next() < 0.8
        if (isAwaited) await allBack()
        const back = isAwaited
          ? `all back after ${Math.round(restartMs.at(-1) ?? 0)} ms, last ${slowest}`
          : 'not awaited'
        const when = hasCome ? name : `not ${name}`
        process.stdout.write(`kill ${count} of ${kills}: ${victim}, ${when}; ${back}\n`)
        if (count % 5 === 0) {
          await allBack()
          await desk.trades()
        }
      }
      await allBack()
      await desk.trades()
      // Moments that never come would try nothing.
      expect(missed).toBeLessThan(kills / 2)
    },
    mostMsPerKill * kills + 120_000,
  )

  test('no order is lost or doubled, and the ledger is the venue’s to the last decimal', async () => {
    desk.command('closeAll')
    await eventually(
      'everything is closed',
      () => isClosed(desk.ledger()),
      60_000,
      () => [JSON.stringify(desk.ledger()), desk.known()].join('\n'),
    )
    let different: readonly string[] = []
    await eventually(
      'ledger and venue agree',
      async () => {
        different = differencesOf(await desk.venue.truth(), desk.ledger())
        return different.length === 0
      },
      10_000,
      () => different.join('\n'),
    )
    const truth = await desk.venue.truth()
    const books = await readSentBooks(desk.fleet.provider.journalDirectory)
    expect(brokenOrders(truth, books)).toEqual([])
    expect(desk.ledger().known).toBe(true)
  }, 120_000)

  test('what was open was covered, but for the time a restart takes', async () => {
    const truth = await desk.venue.truth()
    const times = nakedTimes(truth, decimal('0.00001'), decimal('10')).map(({ from, to }) => to - from)
    times.sort((one, other) => one - other)
    const at = (share: number) => times[Math.max(0, Math.ceil(share * times.length) - 1)] ?? 0
    const orders = truth.accounts[0]?.orders.length
    process.stdout.write(
      `${kills} kills, ${orders} orders, ${truth.accounts[0]?.trades.length} fills; unprotected ${times.length} times: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, p99.9 ${at(0.999)} ms, longest ${at(1)} ms; longest restart ${Math.round(Math.max(...restartMs))} ms\n`,
    )
    expect(at(1)).toBeLessThanOrEqual(Math.max(...restartMs) + 5_000)
  })

  test('no key, secret or signature has got out', async () => {
    desk.keepOutput()
    for (const it of ['detector', 'advisor', 'inspector', 'provider', 'studio'] as const) await desk.fleet[it].stop()
    desk.keepOutput()
    const writings = await desk.writings()
    expect(writings.length).toBeGreaterThan(10_000)
    for (const canary of [desk.venue.apiKey, desk.venue.secret]) expect(writings.includes(canary)).toBe(false)
    expect(writings.match(/signature=[0-9a-f]{8}/)).toBeNull()
    expect(writings.includes('PRIVATE KEY')).toBe(false)
  })
})

/** Fees taken in base leave less than the exchange takes as an order. */
function isClosed({ openOrders, positions }: AccountState): boolean {
  return openOrders.length === 0 && positions.every((it) => Number(it.quantity) * Number(it.averagePrice ?? 0) < 10)
}

/** Resolves when all are ready, with the name of the last. */
async function allReady({ fleet }: KilledDesk): Promise<string> {
  let last = ''
  const isReady = async (it: (typeof fleet.all)[number]) => {
    await it.ready(90_000)
    last = it.name
  }
  await Promise.all(fleet.all.map(isReady))
  return last
}
