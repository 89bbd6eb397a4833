import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createFileJournal,
  createMemoryBus,
  createMemoryJournal,
  createVirtualClock,
  derivedId,
  type Envelope,
  explain,
  flow,
  type OrderCommand,
  type OrderEvent,
  silentLog,
} from '@barfinex/core'
import { recordedData, testRuns } from '@barfinex/core/testing'
import { emaPullback } from '@barfinex/detector'
import { paper, paperStartAt } from '@barfinex/provider'
import { backtest, defaultDesk, holds, type RunResult, readyStrategies, replay, runDesk } from 'barfinex'
import { afterAll, describe, expect, test } from 'vitest'
import { writeManifest } from '../packages/barfinex/src/run/manifest.js'

const dayMs = 86_400_000
const made: string[] = []
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true })
})

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'barfinex-e2e-'))
  made.push(path)
  return path
}

function oneDay(seed: number): Promise<RunResult> {
  return runDesk(defaultDesk({ exchange: paper({ seed }) }), {
    startAt: paperStartAt,
    until: paperStartAt + dayMs,
    seed,
    journal: createMemoryJournal({ keepCount: 0 }),
    log: silentLog,
  })
}

describe('a day on the paper exchange', () => {
  test('goes from market event to protected position and back, breaks no promise, and repeats to the byte', async () => {
    const first = await oneDay(7)
    const { candles, trades, evaluations, signals, decisions, intents, approved, denied, orders, fills, positions } =
      first
    const counts = {
      candles,
      trades,
      evaluations,
      signals,
      decisions,
      intents,
      approved,
      denied,
      orders,
      fills,
      positions,
    }
    for (const [name, count] of Object.entries(counts)) expect(count, name).toBeGreaterThan(0)
    expect(first.invariants).toEqual({ lostOrders: 0, duplicateOrders: 0, nakedPositionMs: 0, ledgerMismatches: 0 })
    const second = await oneDay(7)
    expect({ ...second, wallMs: 0 }).toEqual({ ...first, wallMs: 0 })
  })

  test('keeps its promises whatever the market', async () => {
    for (let seed = 100; seed < 100 + testRuns(3); seed += 1) {
      const result = await oneDay(seed)
      expect(holds(result.invariants), `seed ${seed}: ${JSON.stringify(result.invariants)}`).toBe(true)
    }
  })
})

describe('one tape, three ways', () => {
  const tape = recordedData('candles/btc-perp-20211231-20220201_1m.csv')

  test.skipIf(tape === null)('a real month: every candle once, and no promise broken', async () => {
    const result = await backtest(defaultDesk({ exchange: paper() }), { tape: tape as string, log: silentLog })
    expect(result.candlesByTimeframe['1m']).toBe(45_031)
    expect(result.candles).toBe(45_031)
    expect(holds(result.invariants), JSON.stringify(result.invariants)).toBe(true)
  })

  test.skipIf(tape === null)(
    'backtest, paper at full speed and a replay of the journal give the same facts',
    async () => {
      const path = tape as string
      const until = Date.UTC(2022, 0, 8)
      const options = { strategies: [emaPullback], exchange: paper({ tape: path }) }
      const tested = await backtest(defaultDesk({ ...options, exchange: paper({ seed: 1 }) }), {
        tape: path,
        until,
        seed: 7,
        log: silentLog,
      })
      const kept = directory()
      const journal = await createFileJournal({ directory: kept, fsync: 'never' })
      const startAt = (await options.exchange.create()).startsAt as number
      const played = await runDesk(defaultDesk(options), { startAt, until, seed: 7, journal, log: silentLog })
      await journal.close()
      await writeManifest(kept, {
        format: 1,
        version: 'test',
        seed: 7,
        market: { kind: 'tape', path, sha256: await import('barfinex').then((it) => it.fileHash(path)) },
        strategies: [{ name: 'ema-pullback', hash: emaPullback.hash }],
        profile: 'exploratory',
        from: startAt,
        to: until,
        journalHash: played.journalHash,
      })
      const again = await replay(kept, async () => emaPullback)
      expect(tested.signals).toBeGreaterThan(0)
      expect(played.journalHash).toBe(tested.journalHash)
      expect(again).toMatchObject({ same: true, difference: null, replayedHash: tested.journalHash })
      expect(again.compared).toBeGreaterThan(100)
    },
  )
})

test('a run in which a person acted from outside is replayed to the same facts', async () => {
  const kept = directory()
  const journal = await createFileJournal({ directory: kept, fsync: 'never' })
  const until = paperStartAt + dayMs / 2
  const acts = ['closeAll', 'halt', 'resume', 'reduceOnly', 'resume', 'closeAll'] as const
  let given = 0
  const played = await runDesk(defaultDesk({ exchange: paper({ seed: 3 }) }), {
    startAt: paperStartAt,
    until,
    // About a second of wall time: acts come between tasks, at whatever instant the market has reached.
    speed: 40_000,
    seed: 3,
    journal,
    log: silentLog,
    onStart({ runtime }, clock) {
      const operator = runtime.bus.publisher(flow.operatorCommand, 'gateway')
      const timer = setInterval(() => {
        const type = acts[given]
        if (type === undefined || clock.now() >= until - 60_000) return clearInterval(timer)
        given += 1
        const commandId = `act-${given}`
        clock.admit(() => {
          const at = clock.now()
          operator.publish(
            {
              commandId,
              type,
              account: 'paper',
              symbol: null,
              clientOrderId: null,
              strategyId: null,
              by: 'ann',
              why: 'to see it again',
              issuedAt: at,
              expiresAt: at + 60_000,
            },
            { occurredAt: at },
          )
        })
      }, 120)
    },
  })
  await journal.close()
  await writeManifest(kept, {
    format: 1,
    version: 'test',
    seed: 3,
    market: { kind: 'generated', symbols: null },
    strategies: readyStrategies.map((it) => ({ name: it.id, hash: it.hash })),
    profile: 'exploratory',
    from: paperStartAt,
    to: until,
    journalHash: played.journalHash,
  })
  const again = await replay(kept, async (name) => readyStrategies.find((it) => it.id === name) ?? emaPullback)
  expect(given).toBeGreaterThan(2)
  expect(again).toMatchObject({ same: true, difference: null, replayedHash: played.journalHash })
})

test('a run that was sent orders over HTTP is replayed to the same facts, and what is left of a killed one as well', async () => {
  const kept = directory()
  const cut = directory()
  const journal = await createFileJournal({ directory: kept, fsync: 'never' })
  const until = paperStartAt + dayMs / 2
  const manifest = {
    format: 1,
    version: 'test',
    seed: 3,
    market: { kind: 'generated', symbols: null },
    strategies: readyStrategies.map((it) => ({ name: it.id, hash: it.hash })),
    profile: 'exploratory',
    from: paperStartAt,
    until,
    to: null,
    journalHash: null,
  } as const
  const genuine: Extract<OrderCommand, { type: 'submit' }>[] = []
  const incidents: string[] = []
  const played = await runDesk(defaultDesk({ exchange: paper({ seed: 3 }) }), {
    startAt: paperStartAt,
    until,
    seed: 3,
    journal,
    log: silentLog,
    onStart({ runtime }, clock) {
      runtime.bus.subscribe(flow.incident, ({ payload }) => void incidents.push(payload.reason.code))
      runtime.bus.subscribe(flow.orderCommand, ({ payload, source }) => {
        if (payload.type === 'submit' && source === 'inspector') genuine.push(payload)
      })
      const door = runtime.bus.publisher(flow.orderCommand, 'gateway')
      clock.schedule(paperStartAt + dayMs / 4, () =>
        clock.admit(() => {
          const at = clock.now()
          const own = genuine[0] as (typeof genuine)[number]
          const stamp = { occurredAt: at, receivedAt: at }
          door.publish({ ...own, commandId: 'http-1', order: { ...own.order, quantity: '9' } }, stamp)
          // Caught and sent again: its seal is Inspector's, whose key is another one in a replay.
          door.publish({ ...own, commandId: 'http-2' }, stamp)
        }),
      )
      // What a process leaves that is killed here: somewhere inside an instant, and nothing of a drain.
      clock.schedule(paperStartAt + dayMs / 3, () => {
        void journal.flush()
        cpSync(kept, cut, { recursive: true, filter: (path) => !path.endsWith('lock') })
      })
    },
  })
  await journal.close()
  expect(incidents).toEqual(expect.arrayContaining(['order.seal.wrong-order', 'order.seal.reused']))
  await writeManifest(kept, { ...manifest, to: until, journalHash: played.journalHash })
  await writeManifest(cut, manifest)
  const load = async (name: string) => readyStrategies.find((it) => it.id === name) ?? emaPullback
  const whole = await replay(kept, load)
  expect(whole).toMatchObject({ same: true, difference: null, cutAt: null, replayedHash: played.journalHash })
  const part = await replay(cut, load)
  expect(part).toMatchObject({ same: true, difference: null, interrupted: false })
  expect(part.cutAt).toBeLessThanOrEqual(paperStartAt + dayMs / 3)
  expect(part.compared).toBeGreaterThan(10)
  expect(part.compared).toBeLessThan(whole.compared)
  const stopped = await replay(kept, load, { abortSignal: AbortSignal.abort() })
  expect(stopped).toMatchObject({ interrupted: true, difference: null, compared: 0 })
})

/** A running desk with everything it says about orders, up to its first fill. */
async function running(seed = 7) {
  const bus = createMemoryBus()
  const clock = createVirtualClock({ startAt: paperStartAt })
  const events: OrderEvent[] = []
  const commands: Envelope<OrderCommand>[] = []
  bus.subscribe(flow.orderEvent, (it) => void events.push(it.payload))
  bus.subscribe(flow.orderCommand, (it) => void commands.push(it))
  const desk = await defaultDesk({ exchange: paper({ seed }) }).start({ bus, clock, seed, log: silentLog })
  while (!events.some((it) => it.state === 'filled')) await clock.advanceBy(600_000)
  return { ...desk, bus, clock, events, commands }
}

describe('the one road for orders', () => {
  test('refuses an order without approval, changed, expired, or with an approval that was used', async () => {
    const desk = await running()
    const genuine = desk.commands.find((it) => it.payload.type === 'submit')?.payload as Extract<
      OrderCommand,
      { type: 'submit' }
    >
    const door = desk.bus.publisher(flow.orderCommand, 'intruder')
    const sent = () => desk.events.filter((it) => it.state === 'submitted').length
    const before = sent()
    const tries: readonly unknown[] = [
      { ...genuine, commandId: 'x-0', approval: undefined },
      { ...genuine, commandId: 'x-1', order: { ...genuine.order, clientOrderId: 'x-1' } },
      { ...genuine, commandId: 'x-2', order: { ...genuine.order, quantity: '999' } },
      { ...genuine, commandId: 'x-3' },
      { ...genuine, commandId: 'x-4', approval: { ...genuine.approval, expiresAt: desk.clock.now() + dayMs } },
    ]
    for (const it of tries) door.publish(it as OrderCommand, { occurredAt: desk.clock.now() })
    await desk.clock.advanceBy(1_000)
    expect(sent()).toBe(before)
    await desk.stop()
  })

  test('forgeries under every id that the orders of a position will have do not stand in their way', async () => {
    const desk = await running()
    const held = () => desk.provider.account().positions.find((it) => it.side !== 'flat')
    while (held() === undefined) await desk.clock.advanceBy(60_000)
    const { symbol } = held() as { symbol: string }
    const own = desk.commands
      .flatMap(({ payload }) => (payload.type === 'submit' ? [payload] : []))
      .filter((it) => it.order.symbol === symbol)
      .at(-1)
    const { order, approval } = own as Extract<OrderCommand, { type: 'submit' }>
    const door = desk.bus.publisher(flow.orderCommand, 'gateway')
    for (const purpose of ['entry', 'exit', 'stop', 'target'] as const) {
      for (let attempt = 0; attempt < 10; attempt += 1) {
        const clientOrderId = derivedId(order.intentId, purpose, String(attempt))
        const forged = { ...order, clientOrderId, purpose, attempt, quantity: '0.001' }
        const command = {
          type: 'submit',
          account: 'paper',
          order: forged,
          approval: { ...approval, clientOrderId },
        } as const
        door.publish({ ...command, commandId: `http-${purpose}-${attempt}` }, { occurredAt: desk.clock.now() })
      }
    }
    await desk.clock.advanceBy(1_000)
    expect(desk.events.filter((it) => it.state === 'denied')).toEqual([])
    const at = desk.clock.now()
    const act = {
      commandId: 'close',
      type: 'closePosition',
      account: 'paper',
      symbol,
      clientOrderId: null,
      strategyId: null,
    } as const
    desk.bus
      .publisher(flow.operatorCommand, 'gateway')
      .publish({ ...act, by: 'ann', why: 'to leave', issuedAt: at, expiresAt: at + 60_000 }, { occurredAt: at })
    await desk.clock.advanceBy(1_000)
    expect(held()?.symbol).not.toBe(symbol)
    await desk.stop()
  })

  test('an Inspector that stops makes Provider refuse entries; what protects a position stays at the exchange', async () => {
    const desk = await running()
    const inspector = desk.inspector.parts[0]
    await inspector?.drain()
    await inspector?.close()
    const intents: string[] = []
    desk.bus.subscribe(flow.intent, (it) => void intents.push(it.payload.intentId))
    const entries = () => desk.events.filter((it) => it.purpose === 'entry' && it.state === 'submitted').length
    const before = entries()
    await desk.clock.advanceBy(dayMs)
    expect(intents.length).toBeGreaterThan(0)
    expect(entries()).toBe(before)
    await desk.stop()
  })
})

test('every fill can be explained from the market event to the verdict, and a quiet moment too', async () => {
  const kept = directory()
  const journal = await createFileJournal({ directory: kept, fsync: 'never' })
  await runDesk(defaultDesk({ exchange: paper({ seed: 7 }) }), {
    startAt: paperStartAt,
    until: paperStartAt + dayMs,
    seed: 7,
    journal,
    log: silentLog,
  })
  const fills: string[] = []
  for await (const envelope of journal.read()) {
    if (envelope.type === 'order.fill') fills.push((envelope.payload as { fillId: string }).fillId)
  }
  expect(fills.length).toBeGreaterThan(0)
  for (const fill of fills) {
    const types =
      (await explain(journal, fill))?.trail.filter((it) => it.distance <= 0).map((it) => it.envelope.type) ?? []
    expect(types).toEqual(
      expect.arrayContaining([
        'detector.signal',
        'advisor.decision',
        'advisor.intent',
        'inspector.verdict',
        'order.command',
        'order.fill',
      ]),
    )
    expect((await explain(journal, fill))?.root).toMatch(/^market\.candle:/)
  }
  const quiet = await explain(journal, 'ema-pullback@BTC/USDT@2024-01-01T12:00:00Z')
  expect(quiet?.text).toMatch(/because detector\./)
  await journal.close()
})
