import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Bus,
  createSystemClock,
  type Fill,
  flow,
  type OperatorCommand,
  type Reason,
  silentLog,
} from '@barfinex/core'
import { type AccessListOptions, accessList, createRedisBus } from '@barfinex/core/redis'
import { type RedisServer, startRedisServer } from '@barfinex/core/testing'
import { eventually } from './eventually.js'
import { createFleet, daemonNames, type Fleet, type FleetOptions } from './fleet.js'
import { openGates } from './open-gates.js'

const close = { op: 'candle', source: 'close' } as const

/** Buys after every second that is past its pause: the more happens, the more can go wrong. `reach`: how far away its exits are. */
const strategyWithin = (reach: number) => ({
  id: 'busy',
  symbols: ['BTC/USDT'],
  inputs: { main: '1s' },
  rules: [{ id: 'always', direction: 'long', weight: 1, when: { op: 'gt', of: [close, 0] } }],
  thresholds: { long: 1 },
  exits: {
    long: { stop: { op: 'multiply', of: [close, 1 - reach] }, target: { op: 'multiply', of: [close, 1 + reach] } },
  },
  expiresAfterBars: 20,
  cooldownBars: 2,
})

export const busyStrategy = strategyWithin(0.003)

/** Its exits are so far away that what it has bought is held until somebody leaves it. */
export const holdingStrategy = strategyWithin(0.03)

/** Options of five daemons that trade every few seconds. */
export const busyOptions = {
  provider: { timeframes: ['1s'] },
  detector: { strategies: [busyStrategy] },
  advisor: { timeframes: ['1s'], gates: openGates, model: { engine: 'typescript' } },
  inspector: {
    policies: [{ maxPositionNotional: '9000' }],
    sizing: { riskPerTrade: '0.1%', maxNotional: '3%' },
  },
} satisfies FleetOptions['options']

/** A fleet that trades, on a Redis of its own, with somebody who watches. */
export interface BusyFleet {
  readonly directory: string
  readonly redis: RedisServer
  readonly fleet: Fleet
  /** As the administrator of Redis. */
  readonly adminUrl: string
  /** The one who watches. */
  readonly bus: Bus
  readonly fills: readonly Fill[]
  /** All of them are running and ready; what ends meanwhile is started again. */
  start(): Promise<void>
  /** Resolves when a new entry has been filled and what is open is covered at the exchange. */
  trades(): Promise<void>
  /** Says it as a person would. */
  command(type: OperatorCommand['type']): void
  /** What was said last about why something was or was not done, and what the daemons have written. */
  known(): string
  close(): Promise<void>
}

/** Makes one. Nothing runs but Redis until `start`. Each service has a user of its own there, with no more rights than it needs. */
export async function createBusyFleet(options: Partial<FleetOptions> = {}): Promise<BusyFleet> {
  const directory = mkdtempSync(join(tmpdir(), 'barfinex-fleet-'))
  const accessFile = join(directory, 'users.acl')
  const passwords = Object.fromEntries([...daemonNames, 'admin'].map((name) => [name, `password-of-${name}`]))
  writeFileSync(accessFile, accessList({ namespace: 'fleet', passwords: passwords as AccessListOptions['passwords'] }))
  const redis = await startRedisServer({ settings: ['--aclfile', accessFile] })
  const adminUrl = redis.url.replace('//', `//admin:${passwords['admin']}@`)
  const fleet = await createFleet({
    redisUrl: (name) => redis.url.replace('//', `//${name}@`),
    environment: Object.fromEntries(
      daemonNames.map((name) => [name, { BARFINEX_REDIS_PASSWORD: passwords[name] as string }]),
    ),
    directory,
    exchange: { paper: { seed: 7, symbols: ['BTC/USDT'], ticksPerMinute: 200 } },
    options: busyOptions,
    ...options,
  })
  const bus = await createRedisBus({ url: adminUrl, namespace: 'fleet', member: 'observer', log: silentLog })
  const clock = createSystemClock()
  const fills: Fill[] = []
  const covered = new Set<string>()
  /** Why nothing happens, for when a test fails. */
  const refusals: string[] = []
  let commandCount = 0
  bus.subscribe(flow.fill, ({ payload }) => void fills.push(payload))
  const note = (what: string, reasons: readonly Reason[]) =>
    void refusals.push(`${what} ${reasons.map((it) => it.message).join(' ')}`)
  bus.subscribe(flow.signal, ({ payload }) => note(`signal ${payload.symbol}`, []))
  bus.subscribe(flow.decision, ({ payload }) => note(`decision ${payload.outcome}`, payload.reasons))
  bus.subscribe(flow.verdict, ({ payload }) => note(`${payload.purpose} ${payload.type}`, payload.reasons))
  bus.subscribe(flow.orderEvent, ({ payload }) => {
    note(`${payload.purpose} ${payload.state}`, payload.reason === null ? [] : [payload.reason])
  })
  bus.subscribe(flow.incident, ({ payload }) => note('incident', [payload.reason]))
  bus.subscribe(flow.protection, ({ payload }) => {
    if (payload.status === 'covered') covered.add(payload.symbol)
  })
  const known = () => [...refusals.slice(-40), ...fleet.all.map((it) => it.output().slice(-3_000))].join('\n')

  return {
    directory,
    redis,
    adminUrl,
    fleet,
    bus,
    fills,
    known,
    async start() {
      const isReady = async () => {
        // As a supervisor does: what has ended is started again.
        for (const daemon of fleet.all) if (!daemon.isRunning) daemon.start()
        const all = await Promise.all(fleet.all.map((it) => it.health()))
        return all.every((it) => it?.ready === true)
      }
      await eventually('all are ready', isReady, 120_000, known)
    },
    async trades() {
      const before = fills.length
      covered.clear()
      const isDone = () => fills.slice(before).some(({ purpose }) => purpose === 'entry') && covered.size > 0
      await eventually('an entry is filled and covered', isDone, 90_000, known)
    },
    command(type) {
      commandCount += 1
      const at = clock.now()
      const command: OperatorCommand = {
        commandId: `command-${commandCount}`,
        type,
        account: options.account ?? 'paper',
        symbol: null,
        clientOrderId: null,
        strategyId: null,
        by: 'tester',
        why: 'a test',
        issuedAt: at,
        expiresAt: at + 60_000,
      }
      bus.publisher(flow.operatorCommand, 'studio').publish(command, { occurredAt: at })
    },
    async close() {
      await fleet.close()
      await bus.close()
      await redis.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
