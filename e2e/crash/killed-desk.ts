import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AccountState,
  type Bus,
  createRandom,
  createSystemClock,
  flow,
  type OperatorCommand,
  silentLog,
} from '@barfinex/core'
import { createRedisBus } from '@barfinex/core/redis'
import { type RedisServer, startRedisServer } from '@barfinex/core/testing'
import { eventually } from '../eventually.js'
import { createFleet, type Fleet } from '../fleet.js'
import { startVenueProcess, type VenueProcess } from './venue-process.js'

/** Buys whenever its pause is over: the more happens, the more can go wrong. */
const busyStrategy = {
  id: 'busy',
  symbols: ['BTC/USDT'],
  inputs: { main: '1s' },
  rules: [
    { id: 'always', direction: 'long', weight: 1, when: { op: 'gt', of: [{ op: 'candle', source: 'close' }, 0] } },
  ],
  thresholds: { long: 1 },
  exits: {
    long: {
      stop: { op: 'multiply', of: [{ op: 'candle', source: 'close' }, 0.996] },
      target: { op: 'multiply', of: [{ op: 'candle', source: 'close' }, 1.006] },
    },
  },
  expiresAfterBars: 20,
  cooldownBars: 2,
}

/** Here it is crashes that are tested, not judgement. */
const openGates = {
  minQuality: 0,
  minScore: -1,
  minExpectedR: -1_000,
  minExpectedRLow: -1_000,
  minRewardToRisk: 0.01,
  maxSpreadOfStop: 1,
  minStopAtr: 0.01,
  maxStopAtr: 1_000,
  maxDriftAtr: 1_000,
  maxGapShare: 1,
}

const account = 'venue'

/** Five daemons, Redis and the venue, each a process of its own, and an ear on the bus. */
export interface KilledDesk {
  readonly fleet: Fleet
  readonly bus: Bus
  readonly venue: VenueProcess
  /** Fills so far, by purpose. */
  readonly fills: ReadonlyMap<string, number>
  /** What was said last about why something was or was not done. */
  readonly reasons: readonly string[]
  ledger(): AccountState
  /** An act by a person. */
  say(type: OperatorCommand['type']): void
  /** Everything that this desk has written anywhere: journals, configurations of the bus, outputs kept by {@link keepOutput}. */
  writings(): Promise<string>
  keepOutput(): void
  close(): Promise<void>
}

/** Starts all six on a seeded market, with orders in flight within seconds. */
export async function startKilledDesk(seed: number): Promise<KilledDesk> {
  const directory = mkdtempSync(join(tmpdir(), 'barfinex-crash-'))
  const closing: (() => Promise<void> | void)[] = [() => rmSync(directory, { recursive: true, force: true })]
  const close = async () => {
    for (const act of closing.reverse()) await act()
  }
  try {
    const redis = await startRedisServer()
    closing.push(() => redis.close())
    const venue = await startVenueProcess(seed)
    closing.push(() => venue.stop())
    closing.push(venue.shake(createRandom(`shake ${seed}`)))
    const keyFile = join(directory, 'exchange.key.json')
    writeFileSync(keyFile, JSON.stringify({ key: venue.apiKey, secret: venue.secret }), { mode: 0o600 })
    const fleet = await createFleet({
      redisUrl: redis.url,
      directory,
      account,
      exchange: {
        ccxt: { account, venueUrl: venue.url, keyFile, symbols: ['BTC/USDT'], recvWindowMs: 1_000, timeoutMs: 2_000 },
      },
      options: {
        provider: {
          timeframes: ['1s'],
          mismatch: 'halt',
          reconcile: { inFlightMs: 500, absenceMs: 5_000, openOrdersMs: 2_000, positionsMs: 5_000 },
        },
        detector: { strategies: [busyStrategy] },
        advisor: { timeframes: ['1s'], gates: openGates, model: { engine: 'typescript' } },
        inspector: {
          policies: [{ maxPositionNotional: '9000' }],
          sizing: { riskPerTrade: '0.1%', maxNotional: '3%' },
        },
      },
    })
    closing.push(() => fleet.close())
    const bus = await createRedisBus({ url: redis.url, namespace: 'fleet', member: 'observer', log: silentLog })
    closing.push(() => bus.close())
    return { ...observed({ bus, fleet, redis, directory }), venue, fleet, bus, close }
  } catch (error) {
    await close()
    throw error
  }
}

interface Observed {
  readonly bus: Bus
  readonly fleet: Fleet
  readonly redis: RedisServer
  readonly directory: string
}

function observed({ bus, fleet, redis, directory }: Observed) {
  const fills = new Map<string, number>()
  const outputs: string[] = []
  const reasons: string[] = []
  const clock = createSystemClock()
  const commands = bus.publisher(flow.operatorCommand, 'studio')
  let said = 0
  bus.subscribe(flow.fill, ({ payload }) => void fills.set(payload.purpose, (fills.get(payload.purpose) ?? 0) + 1))
  const hear = (who: string, said: readonly { code: string; message: string }[]) => {
    reasons.push(`${who}: ${said.map((it) => `${it.code} ${it.message}`).join(' ')}`)
    if (reasons.length > 40) reasons.shift()
  }
  bus.subscribe(flow.decision, ({ payload }) => hear(`decision ${payload.outcome}`, payload.reasons))
  bus.subscribe(flow.verdict, ({ payload }) => hear(`verdict ${payload.type}`, payload.reasons))
  bus.subscribe(flow.incident, ({ payload }) => hear('incident', [payload.reason]))
  bus.subscribe(flow.tradingState, ({ payload }) => hear(`trading is ${payload.state}`, []))
  bus.subscribe(flow.orderEvent, ({ payload }) => {
    hear(
      `${payload.purpose} ${payload.clientOrderId} ${payload.state}`,
      payload.reason === null ? [] : [payload.reason],
    )
  })
  return {
    fills,
    reasons,
    ledger() {
      const last = bus.last(flow.account, account)
      if (last === undefined) throw new Error('Nobody has said anything about the account.')
      return last.payload
    },
    say(type: OperatorCommand['type']) {
      said += 1
      const at = clock.now()
      const nothing = { symbol: null, clientOrderId: null, strategyId: null }
      const command = { commandId: `tester-${said}`, type, account, by: 'tester', why: 'a crash run', ...nothing }
      commands.publish({ ...command, issuedAt: at, expiresAt: at + 60_000 }, { occurredAt: at })
    },
    keepOutput() {
      for (const it of fleet.all) outputs.push(it.output())
    },
    async writings() {
      // Stopped in good order it leaves everything on the disk.
      await redis.stop()
      const journals = fleet.all.flatMap(({ journalDirectory }) => filesIn(journalDirectory))
      return [...outputs, ...journals, ...filesIn(redis.directory)].join('\n') + directory
    },
  }
}

function filesIn(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile())
    .map((it) => readFileSync(join(it.parentPath, it.name), 'latin1'))
}

/** Resolves when all five would do their part in a trade. */
export async function allReady({ fleet }: KilledDesk): Promise<void> {
  await Promise.all(fleet.all.map((it) => it.ready(60_000)))
}

/** Resolves when entries have been filled since. */
export async function trades({ fills, fleet, reasons }: KilledDesk): Promise<void> {
  const before = fills.get('entry') ?? 0
  await eventually(
    'an entry is filled',
    () => (fills.get('entry') ?? 0) > before,
    60_000,
    () => [...reasons, ...fleet.all.map((it) => it.output().slice(-3_000))].join('\n'),
  )
}
