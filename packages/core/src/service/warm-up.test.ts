import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMemoryBus } from '../bus/memory-bus.js'
import { type CandleReply, type CandleRequest, queries } from '../bus/queries.js'
import type { Candle } from '../flow/1-market.js'
import { flow } from '../flow/map.js'
import type { Reason } from '../flow/primitives.js'
import type { Clock } from '../runtime/clock.js'
import { nextTurn } from '../runtime/next-turn.js'
import { createRandom } from '../runtime/random.js'
import { createVirtualClock } from '../runtime/virtual-clock.js'
import { aCandle, candlesInRow, newYear } from '../testing/given-market.js'
import { testRuns } from '../testing/test-runs.js'
import { type FollowCandlesOptions, followCandles } from './warm-up.js'

const minute = 60_000
const key = { symbol: 'BTC/USDT', timeframe: '1m' } as const

/** Provider's history as the query promises it: the newest `limit` that closed until then, with a cursor to older ones. */
function answerFrom(history: () => readonly Candle[]) {
  return ({ until, limit, cursor }: CandleRequest): CandleReply => {
    const seen = history().filter((it) => it.closeTime <= until && (cursor === null || it.openTime < cursor))
    const candles = seen.slice(-limit)
    return { candles, cursor: candles.length < seen.length ? (candles[0]?.openTime ?? null) : null }
  }
}

function aDesk(startAt = newYear + 100 * minute) {
  const bus = createMemoryBus({ debug: true })
  const clock = createVirtualClock({ startAt })
  const candles = bus.publisher(flow.candle, 'provider')
  const handed: [openTime: number, fromHistory: boolean, warm: boolean][] = []
  const revised: [openTime: number, revision: number][] = []
  const reasons: Reason[] = []
  const follow = (need: number, more: Partial<FollowCandlesOptions> = {}) =>
    followCandles({
      bus,
      clock,
      ...key,
      need,
      onCandle: (candle, envelope, warm) => void handed.push([candle.openTime, envelope === null, warm]),
      onRevision: (candle) => void revised.push([candle.openTime, candle.revision]),
      onReason: (reason) => void reasons.push(reason),
      ...more,
    })
  const publish = (candle: Candle) => candles.publish(candle, { occurredAt: candle.closeTime })
  return { bus, clock, handed, revised, reasons, follow, publish }
}

describe('followCandles', () => {
  it('hands over history, then live candles, and says when it is warm', async () => {
    const { bus, handed, follow, publish, reasons } = aDesk()
    const row = candlesInRow(102)
    const asked: CandleRequest[] = []
    bus.respond(queries.candles, (request) => {
      asked.push(request)
      return answerFrom(() => row)(request)
    })
    const follower = follow(3)
    expect(await follower.ready).toEqual({ count: 3, degraded: false, reasons: [] })
    publish(row[100] as Candle)
    publish(row[101] as Candle)
    expect(handed).toEqual([
      [newYear + 97 * minute, true, false],
      [newYear + 98 * minute, true, false],
      [newYear + 99 * minute, true, true],
      [newYear + 100 * minute, false, true],
      [newYear + 101 * minute, false, true],
    ])
    expect(asked).toEqual([{ ...key, until: newYear + 100 * minute, limit: 3, cursor: null }])
    expect(reasons).toEqual([])
  })

  it('asks for no history where none is needed', async () => {
    const { handed, follow, publish } = aDesk()
    expect(await follow(0).ready).toEqual({ count: 0, degraded: false, reasons: [] })
    publish(aCandle())
    expect(handed).toEqual([[newYear, false, true]])
  })

  it('pages through a long history with the cursor', async () => {
    const row = candlesInRow(2_600)
    const { bus, handed, follow } = aDesk(newYear + 2_600 * minute)
    let pages = 0
    bus.respond(queries.candles, (request) => {
      pages += 1
      return answerFrom(() => row)(request)
    })
    expect((await follow(2_500).ready).count).toBe(2_500)
    expect(pages).toBe(3)
    expect(handed.map(([openTime]) => openTime)).toEqual(row.slice(100).map(({ openTime }) => openTime))
  })

  it('says that history is too short', async () => {
    const { bus, reasons, follow } = aDesk()
    bus.respond(
      queries.candles,
      answerFrom(() => candlesInRow(100).slice(96)),
    )
    const { count, degraded, reasons: told } = await follow(10).ready
    expect([count, degraded]).toEqual([4, true])
    expect(told).toEqual(reasons)
    expect(told).toMatchObject([{ code: 'history.too-short', limit: 10, observed: 4 }])
  })

  it('goes on without history on a virtual clock, and says why there is none', async () => {
    const { handed, reasons, follow, publish } = aDesk()
    expect(await follow(2).ready).toMatchObject({ count: 0, degraded: true })
    expect(reasons.map(({ code }) => code)).toEqual(['history.unavailable', 'history.too-short'])
    publish(aCandle())
    publish(aCandle({ openTime: newYear + minute }))
    expect(handed).toEqual([
      [newYear, false, false],
      [newYear + minute, false, true],
    ])
  })

  it('uses the higher of two revisions, and tells of corrections of the past once', async () => {
    const row = candlesInRow(101)
    const { bus, follow, publish, revised } = aDesk()
    const closes: number[] = []
    let answer = (_: CandleReply) => {}
    bus.respond(queries.candles, () => new Promise((resolve) => (answer = resolve)))
    const follower = follow(2, { onCandle: ({ close }) => void closes.push(close) })
    publish({ ...(row[99] as Candle), close: 99.5, revision: 1 })
    answer({ candles: row.slice(98, 100), cursor: null })
    await follower.ready
    expect(closes).toEqual([101, 99.5])
    publish({ ...(row[99] as Candle), close: 99.5, revision: 1 })
    publish({ ...(row[98] as Candle), close: 99.7, revision: 2 })
    publish({ ...(row[98] as Candle), close: 99.7, revision: 2 })
    publish(row[100] as Candle)
    publish(row[100] as Candle)
    expect(closes).toEqual([101, 99.5, 101])
    expect(revised).toEqual([[newYear + 98 * minute, 2]])
  })

  it('fills a gap in the live stream from history before it goes on', async () => {
    const row = candlesInRow(110)
    const { bus, clock, handed, follow, publish, reasons } = aDesk()
    bus.respond(
      queries.candles,
      answerFrom(() => row),
    )
    await follow(1).ready
    clock.schedule(newYear + 104 * minute, () => {
      publish(row[103] as Candle)
      publish(row[104] as Candle)
    })
    await clock.advanceTo(newYear + 105 * minute)
    await bus.settled()
    expect(handed.map(([openTime, fromHistory]) => [(openTime - newYear) / minute, fromHistory])).toEqual([
      [99, true],
      [100, true],
      [101, true],
      [102, true],
      [103, false],
      [104, false],
    ])
    expect(reasons).toEqual([])
  })

  it('reports a gap that cannot be filled, and goes on', async () => {
    const row = candlesInRow(110)
    const { bus, handed, follow, publish, reasons } = aDesk()
    bus.respond(
      queries.candles,
      answerFrom(() => row.filter((_, index) => index !== 101)),
    )
    await follow(1).ready
    publish(row[103] as Candle)
    await bus.settled()
    expect(handed.map(([openTime]) => (openTime - newYear) / minute)).toEqual([99, 100, 102, 103])
    expect(reasons).toMatchObject([{ code: 'history.gap', limit: 3, observed: 2 }])
  })

  it('does not ask for ever when a cursor stands still', async () => {
    const { bus, follow } = aDesk()
    let asked = 0
    bus.respond(queries.candles, () => {
      asked += 1
      return { candles: [], cursor: newYear }
    })
    expect((await follow(5).ready).degraded).toBe(true)
    expect(asked).toBe(2)
  })

  it('fails to get ready when the reader of history throws', async () => {
    const { bus, follow } = aDesk()
    bus.respond(
      queries.candles,
      answerFrom(() => candlesInRow(100)),
    )
    const follower = follow(2, {
      onCandle() {
        throw new Error('cannot take it')
      },
    })
    await expect(follower.ready).rejects.toThrow('cannot take it')
  })

  it('on the system clock waits for a Provider that is not there yet, and says so once', async () => {
    const { bus, clock: virtual, handed, reasons, follow } = aDesk()
    const clock: Clock = { ...virtual, kind: 'system', hold: (effect) => effect }
    const follower = follow(2, { clock, retryEveryMs: 1_000 })
    for (let second = 0; second < 4; second += 1) {
      await nextTurn()
      await virtual.advanceBy(1_000)
    }
    expect(reasons.map(({ code }) => code)).toEqual(['history.unavailable'])
    bus.respond(
      queries.candles,
      answerFrom(() => candlesInRow(101)),
    )
    await nextTurn()
    await virtual.advanceBy(1_000)
    expect(await follower.ready).toMatchObject({ count: 2, degraded: false })
    expect(handed).toHaveLength(2)
    const waiting = follow(2, { clock, symbol: 'ETH/USDT' })
    await nextTurn()
    waiting.stop()
    await waiting.ready
    expect(virtual.pendingCount).toBe(0)
  })

  it('stops at once, also while history is being asked', async () => {
    const { bus, handed, follow, publish } = aDesk()
    bus.respond(queries.candles, () => new Promise<CandleReply>(() => {}))
    const follower = follow(5)
    publish(aCandle())
    follower.stop()
    follower.stop()
    expect(await follower.ready).toMatchObject({ count: 0, degraded: true })
    publish(aCandle({ openTime: newYear + minute }))
    expect(handed).toEqual([])
  })

  it('holds the virtual clock while history is being asked', async () => {
    const { bus, clock, follow } = aDesk()
    const order: string[] = []
    bus.respond(queries.candles, async () => {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
      order.push(`answered at ${clock.now()}`)
      return { candles: [], cursor: null }
    })
    clock.schedule(clock.now() + 1, () => void order.push('later'))
    clock.schedule(clock.now(), () => void follow(1))
    await clock.advanceBy(10)
    expect(order).toEqual([`answered at ${newYear + 100 * minute}`, 'later'])
  })

  it('hands over every candle once and in order, whatever arrives when', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), async (seed) => {
        const random = createRandom(seed)
        const row = candlesInRow(60)
        const closed = 1 + random.integer(30)
        const need = random.integer(25)
        // History may lack the newest candles when it is asked first; it has them when it is asked again.
        const stored = Math.max(0, closed - random.integer(3))
        let published = closed
        const { bus, handed, follow, publish, reasons } = aDesk(newYear + closed * minute)
        const answers: (() => void)[] = []
        let asked = 0
        bus.respond(queries.candles, (request) => {
          asked += 1
          const reply = answerFrom(() => row.slice(0, asked === 1 && need > 0 ? stored : published))(request)
          return new Promise((resolve) => void answers.push(() => resolve(reply)))
        })
        const { ready } = follow(need)
        for (let step = random.integer(25); step > 0; step -= 1) {
          const act = random.integer(5)
          if (act === 0) answers.shift()?.()
          else if (act === 1) publish(row[random.integer(published)] as Candle)
          else {
            // One in three is lost on the way.
            if (act !== 2) publish(row[published] as Candle)
            published += 1
          }
          for (let turn = random.integer(12); turn > 0; turn -= 1) await Promise.resolve()
        }
        // A last candle shows what was lost before it.
        publish(row[published] as Candle)
        published += 1
        for (let turn = 0; turn < 500; turn += 1) {
          answers.shift()?.()
          await Promise.resolve()
        }
        await ready
        await bus.settled()
        const times = handed.map(([openTime]) => openTime)
        const first = times[0] as number
        const wanted = row.slice(0, published).filter(({ openTime }) => openTime >= first)
        expect(times).toEqual(wanted.map(({ openTime }) => openTime))
        if (need > 0 && stored > 0) expect(first).toBe((row[Math.max(0, stored - need)] as Candle).openTime)
        expect(handed.map(([, , warm]) => warm)).toEqual(handed.map((_, index) => index + 1 >= need))
        expect(bus.health().handlerFaultCount).toBe(0)
        expect(reasons.filter(({ code }) => code === 'history.gap')).toEqual([])
      }),
      { numRuns: testRuns(60) },
    )
  })
})
