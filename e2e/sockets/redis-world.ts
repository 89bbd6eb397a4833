import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import {
  type AccountState,
  type Bus,
  type Clock,
  createFileJournal,
  createLog,
  createProcessAuthority,
  createSystemClock,
  decimal,
  defineDesk,
  flow,
  type OrderCommand,
  silentLog,
} from '@barfinex/core'
import { type BusAlarm, createRedisBus } from '@barfinex/core/redis'
import { type RedisServer, startRedisServer, startTcpProxy, type TcpProxy } from '@barfinex/core/testing'
import * as inspector from '@barfinex/inspector'
import * as provider from '@barfinex/provider'
import { createVenue, type Venue } from '@barfinex/provider/venue'
import { accountOf, brokenOrders, differencesOf, nakedTimes, readSentBooks } from '../crash/judge-books.js'
import { eventually } from '../eventually.js'
import { mortalClock } from './mortal-clock.js'

/** Provider or Inspector on a bus of its own behind a wire of its own, as one process of a daemon would be. */
export interface Half<Service> {
  readonly service: Service
  readonly bus: Bus
  readonly wire: TcpProxy
  /** Dies where it stands: its wire is cut, and nothing of it reaches Redis or the venue any more. */
  die(): Promise<void>
}

export interface RedisWorld {
  readonly clock: Clock
  readonly venue: Venue
  readonly redis: RedisServer
  readonly namespace: string
  /** What the buses of both raised. */
  readonly alarms: readonly BusAlarm[]
  /** Handlers that threw. */
  readonly handlerFaults: readonly string[]
  /** Warnings of both. */
  readonly lines: readonly string[]
  /** Of somebody beside them, straight to Redis. */
  bus(): Bus
  provider(): Half<provider.ProviderService>
  startProvider(): Promise<Half<provider.ProviderService>>
  /** `knowing` what the one of that epoch has written down. */
  startInspector(epoch: number, from?: { readonly knowing: number }): Promise<Half<inspector.InspectorService>>
  /** Both at once: each waits for the other. The observer's bus is made anew, too. */
  startBoth(epoch: number, from?: { readonly knowing: number }): Promise<Half<inspector.InspectorService>>
  /** Orders that Provider was told to send after it had heard of this epoch, by their ids: sealed by it or a newer one, or by an older. */
  commandsAfterEpoch(epoch: number): Promise<{ readonly newer: ReadonlySet<string>; readonly older: readonly string[] }>
  price(): number
  truth(): ReturnType<typeof accountOf>
  /** Fails unless, within ten seconds, nothing is in doubt and the ledger is the venue's; then judges the orders of the whole run. */
  sound(nakedMs: number): Promise<void>
  close(): Promise<void>
}

const namespace = 'sockets'
const secret = Buffer.alloc(32, 7)
const symbols = ['BTC/USDT']
const agreeMs = 10_000

/** The venue and a Redis server, both real, on the machine's clock; periods are short, so that a test does not wait for minutes. */
export async function redisWorld(seed: number): Promise<RedisWorld> {
  const clock = createSystemClock()
  const redis = await startRedisServer()
  const venue = await createVenue({
    seed,
    symbols,
    perpetuals: [],
    historyDays: 1,
    ticksPerMinute: 200,
    accounts: [{ id: 'main', balances: { USDT: '10000' } }],
  })
  const directory = mkdtempSync(join(tmpdir(), 'barfinex-sockets-'))
  const keyFile = join(directory, 'exchange.key.json')
  writeFileSync(keyFile, JSON.stringify({ key: venue.keys.apiKey, secret: venue.keys.secret }), { mode: 0o600 })
  const alarms: BusAlarm[] = []
  const handlerFaults: string[] = []
  const lines: string[] = []
  const log = createLog({ level: 'warn', write: (line) => void lines.push(line) })
  const alive = new Set<{ die(): Promise<void> }>()
  let count = 0
  let trading: Half<provider.ProviderService> | null = null
  let observer = await observe()

  function observe(): Promise<Bus> {
    count += 1
    // So little may wait for a slow reader that something is dropped soon.
    const slow = { queueLimit: 10, onAlarm: (alarm: BusAlarm) => void alarms.push(alarm) }
    return createRedisBus({ url: redis.url, namespace, member: `observer@${count}`, log: silentLog, ...slow })
  }

  /** A bus behind its own wire and a desk of one service on it. */
  async function half<Service>(
    name: string,
    epoch: number,
    build: (runtime: Parameters<Parameters<typeof defineDesk>[0]>[0]) => Service,
    onDeath: () => Promise<void> = async () => {},
  ): Promise<Half<Service>> {
    count += 1
    const wire = await startTcpProxy(redis.port)
    const journal = await createFileJournal({ directory: join(directory, name) })
    const bus = await createRedisBus({
      url: `redis://127.0.0.1:${wire.port}`,
      namespace,
      member: `${name}@${count}`,
      log,
      commandTimeoutMs: 500,
      leaseMs: 1_500,
      patienceMs: 500,
      // Streams are trimmed as soon as they may be.
      retainedCount: 16,
      beforeSend: () => journal.flush(),
      onAlarm: (alarm) => void alarms.push(alarm),
      onHandlerFault: (error, channel) => void handlerFaults.push(`${channel}: ${String(error)}`),
    })
    const mortal = mortalClock(clock)
    let isDead = false
    const die = async (): Promise<void> => {
      if (isDead) return
      isDead = true
      mortal.kill()
      alive.delete(own)
      wire.refuse()
      await onDeath()
      await bus.close().catch(() => {})
      await journal.close()
      await wire.close()
    }
    const own = { die }
    alive.add(own)
    const approvals = createProcessAuthority(secret)
    const desk = await defineDesk((runtime) => ({ service: build(runtime) })).start({
      bus,
      clock: mortal,
      epoch,
      seed: `${seed}/${count}`,
      journal,
      approvals,
      heartbeatMs: 500,
      log,
    })
    return { service: desk.service, bus, wire, die }
  }

  async function startProvider(): Promise<Half<provider.ProviderService>> {
    const factory = provider.ccxt({ venueUrl: venue.url, symbols, keyFile, timeoutMs: 1_000, recvWindowMs: 1_000 })
    const exchange = await factory.create()
    trading = await half(
      'provider',
      1,
      (runtime) =>
        provider.createService({
          ...runtime,
          exchange: { ...factory, create: async () => exchange },
          timeframes: ['1m'],
          reconcile: { inFlightMs: 500, absenceMs: 16_000, openOrdersMs: 3_000, positionsMs: 10_000 },
        }),
      () => exchange.close(),
    )
    return trading
  }

  function startInspector(
    epoch: number,
    from?: { readonly knowing: number },
  ): Promise<Half<inspector.InspectorService>> {
    if (from !== undefined) {
      const known = join(directory, `inspector-${from.knowing}`)
      cpSync(known, join(directory, `inspector-${epoch}`), {
        recursive: true,
        filter: (path) => basename(path) !== 'lock',
      })
    }
    return half(`inspector-${epoch}`, epoch, (runtime) =>
      inspector.createService({
        ...runtime,
        policies: [inspector.maxPositionNotional('30000'), inspector.duplicateIntent()],
        sizing: { riskPerTrade: '0.1%', maxNotional: '3%' },
      }),
    )
  }

  const world: RedisWorld = {
    clock,
    venue,
    redis,
    namespace,
    alarms,
    handlerFaults,
    lines,
    bus: () => observer,
    provider() {
      if (trading === null) throw new Error('Provider has not been started.')
      return trading
    },
    startProvider,
    startInspector,
    async startBoth(epoch, from) {
      await observer.close().catch(() => {})
      observer = await observe()
      const [, guard] = await Promise.all([startProvider(), startInspector(epoch, from)])
      return guard
    },
    async commandsAfterEpoch(epoch) {
      const journal = await createFileJournal({ directory: join(directory, 'provider'), readOnly: true })
      const newer = new Set<string>()
      const older: string[] = []
      for await (const { type, payload } of journal.read()) {
        const command = payload as OrderCommand
        if (type !== flow.orderCommand.name || command.type !== 'submit') continue
        const { clientOrderId } = command.order
        if (command.approval.epoch >= epoch) newer.add(clientOrderId)
        else if (newer.size > 0) older.push(clientOrderId)
      }
      await journal.close()
      return { newer, older }
    },
    price() {
      const { bids, asks } = venue.world.book('spot', 'BTCUSDT')
      return (Number(bids[0]?.[0]) + Number(asks[0]?.[0])) / 2
    },
    truth: () => accountOf(venue.world.truth()),
    async sound(nakedMs) {
      let wrong: readonly string[] = []
      const isSound = () => {
        wrong = differences(venue, world.provider().service.account())
        return wrong.length === 0
      }
      const known = () => `${wrong.join('\n')}\n${lines.slice(-20).join('\n')}`
      await eventually('ledger and venue agree', isSound, agreeMs, known)
      const truth = venue.world.truth()
      const broken = [...brokenOrders(truth, await readSentBooks(join(directory, 'provider')))]
      const entries = world.truth().orders.filter(({ side }) => side === 'BUY').length
      for (const { from, to, quantity } of nakedTimes(
        truth,
        decimal('0.00001').times(decimal(`${entries}`)),
        decimal('10'),
      )) {
        if (to - from > nakedMs) broken.push(`I3 ${quantity} was unprotected for ${to - from} ms`)
      }
      broken.push(...handlerFaults.map((it) => `I5 handler fault: ${it}`))
      if (broken.length > 0) throw new Error(`${broken.join('\n')}\n${known()}`)
    },
    async close() {
      for (const it of [...alive]) await it.die()
      await observer.close().catch(() => {})
      await venue.close()
      await redis.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return world
}

function differences(venue: Venue, account: AccountState): readonly string[] {
  const unknown = account.known ? [] : [`I4 the account is not known: ${account.reason?.code}`]
  const doubts = account.openOrders
    .filter(({ state }) => state === 'submitted' || state === 'pendingCancel' || state === 'uncertain')
    .map((it) => `unresolved: ${it.clientOrderId} (${it.purpose}) is ${it.state}`)
  return [...unknown, ...doubts, ...differencesOf(venue.world.truth(), account, 'totals')]
}
