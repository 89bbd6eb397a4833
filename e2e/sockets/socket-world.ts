import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type AccountState,
  type Bus,
  createFileJournal,
  createLog,
  createMemoryBus,
  createProcessAuthority,
  createRandom,
  createVirtualClock,
  type FileJournal,
  type Journal,
  type Random,
  type Started,
  type VirtualClock,
} from '@barfinex/core'
import { ccxt, type Exchange, type ExchangeFactory } from '@barfinex/provider'
import { createVenue, type Venue, type VenueOptions } from '@barfinex/provider/venue'
import { accountOf } from '../crash/judge-books.js'
import { processClocks } from '../faults/process-clock.js'
import { type SocketDesk, type SocketDeskOptions, socketDesk } from './socket-desk.js'

/** One life of the desk: from its start until it is killed or stopped. */
export interface SocketLife {
  readonly bus: Bus
  readonly journal: FileJournal
  readonly desk: Started<SocketDesk>
  /** The process dies at once: its sockets close, and it says, writes and sends nothing more. */
  kill(): Promise<void>
}

export interface SocketWorldOptions {
  readonly seed: number
  readonly venue?: VenueOptions
  readonly inspector?: SocketDeskOptions['inspector']
  /** Put between the desk and its journal. */
  readonly journal?: (journal: Journal) => Journal
}

/** Provider over ccxt over real sockets on the test venue, Inspector beside it, and a journal in files. One virtual clock for all. */
export interface SocketWorld {
  readonly seed: number
  readonly clock: VirtualClock
  /** For faults and trading; the venue has its own. */
  readonly random: Random
  readonly venue: Venue
  readonly journalDirectory: string
  /** Every line the desk wrote. */
  readonly lines: readonly string[]
  /** Handlers that threw. */
  readonly handlerFaults: readonly string[]
  /** Times in which nothing could be sent: what is unprotected then is not the desk's doing. */
  readonly outages: { readonly from: number; readonly to: number }[]
  life(): SocketLife
  /** The bus of the present life. */
  bus(): Bus
  /** Begins a life on what the journal and the venue know. */
  boot(): Promise<SocketLife>
  pass(ms: number): Promise<void>
  /** Lets time pass until the condition holds, or so much has passed. Returns how long it took. */
  passUntil(condition: () => boolean, mostMs: number): Promise<number>
  account(): AccountState
  /** What the venue says of the one account. */
  truth(): ReturnType<typeof accountOf>
  /** The middle of the venue's book. */
  price(): number
  close(): Promise<void>
}

const startAt = Date.UTC(2026, 0, 5)
const stepMs = 50
/** Turns of the loop in which both ends can hear each other. */
const turns = 4

export async function socketWorld(options: SocketWorldOptions): Promise<SocketWorld> {
  const { seed } = options
  const clock = createVirtualClock({ startAt })
  const venue = await createVenue({
    seed,
    clock,
    symbols: ['BTC/USDT'],
    perpetuals: [],
    historyDays: 1,
    accounts: [{ id: 'main', balances: { USDT: '10000' }, paysFeesInBnb: false }],
    ...options.venue,
  })
  const directory = mkdtempSync(join(tmpdir(), 'barfinex-sockets-'))
  const keyFile = join(directory, 'exchange.key.json')
  writeFileSync(keyFile, JSON.stringify({ key: venue.keys.apiKey, secret: venue.keys.secret }), { mode: 0o600 })
  const journalDirectory = join(directory, 'journal')
  const processClock = processClocks(clock)
  const lines: string[] = []
  const handlerFaults: string[] = []
  const log = createLog({ level: 'debug', write: (line) => void lines.push(line) })
  let epoch = 0
  let present: SocketLife | null = null

  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await clock.advanceBy(Math.min(left, stepMs))
      for (let turn = 0; turn < turns; turn += 1) await nextTurn()
    }
  }

  async function passUntil(condition: () => boolean, mostMs: number): Promise<number> {
    const from = clock.now()
    while (!condition() && clock.now() - from < mostMs) await pass(stepMs)
    return clock.now() - from
  }

  /** A start takes wall time, such as that of loading code: no more time passes in the market meanwhile. */
  async function settled<Result>(promise: Promise<Result>): Promise<Result> {
    let isOver = false
    const done = promise.finally(() => {
      isOver = true
    })
    done.catch(() => {})
    for (let waitedMs = 0; !isOver && waitedMs < 60_000; waitedMs += stepMs) {
      const until = performance.now() + stepMs
      while (!isOver && performance.now() < until) await nextTurn()
      await clock.advanceBy(isOver ? 0 : stepMs)
    }
    if (!isOver) throw new Error(`The desk did not start within a minute.\n${lines.slice(-20).join('\n')}`)
    return done
  }

  async function boot(): Promise<SocketLife> {
    epoch += 1
    const own = processClock()
    const journal = await createFileJournal({ directory: journalDirectory })
    const bus = createMemoryBus({ onHandlerFault: (error, channel) => handlerFaults.push(`${channel}: ${error}`) })
    const ended = { isDead: false }
    const mortal = mortalJournal(options.journal?.(journal) ?? journal, ended)
    const factory = ccxt({ venueUrl: venue.url, symbols: ['BTC/USDT'], keyFile, timeoutMs: 2_000 })
    // Loading ccxt takes wall time: the market need not go on meanwhile.
    const made = mortalExchange(await factory.create(), ended)
    const exchange: ExchangeFactory = { ...factory, create: async () => made }
    const kill = async (): Promise<void> => {
      ended.isDead = true
      own.kill()
      await made.close()
      await journal.close()
    }
    try {
      const desk = await settled(
        socketDesk({ exchange, ...(options.inspector === undefined ? {} : { inspector: options.inspector }) }).start({
          bus,
          clock: own,
          epoch,
          seed: `${seed}/${epoch}`,
          journal: mortal,
          approvals: createProcessAuthority(Buffer.alloc(32, epoch)),
          heartbeatMs: 5_000,
          log,
        }),
      )
      present = { bus, journal, desk, kill }
      return present
    } catch (error) {
      await kill()
      throw error
    }
  }

  function life(): SocketLife {
    if (present === null) throw new Error('The desk has not been started.')
    return present
  }

  const world: SocketWorld = {
    seed,
    clock,
    random: createRandom(`sockets/${seed}`),
    venue,
    journalDirectory,
    lines,
    handlerFaults,
    outages: [],
    life,
    bus: () => life().bus,
    boot,
    pass,
    passUntil,
    account: () => life().desk.provider.account(),
    truth: () => accountOf(venue.world.truth()),
    price() {
      const { bids, asks } = venue.world.book('spot', 'BTCUSDT')
      return (Number(bids[0]?.[0]) + Number(asks[0]?.[0])) / 2
    },
    async close() {
      await present?.kill()
      await venue.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  try {
    await boot()
    return world
  } catch (error) {
    await world.close()
    throw error
  }
}

/** An exchange whose process may die: nothing is sent after that. */
function mortalExchange(exchange: Exchange, ended: { readonly isDead: boolean }): Exchange {
  return {
    ...exchange,
    get capabilities() {
      return exchange.capabilities
    },
    submit(order) {
      if (!ended.isDead) exchange.submit(order)
    },
    cancel(clientOrderId, symbol) {
      if (!ended.isDead) exchange.cancel(clientOrderId, symbol)
    },
  }
}

/** A journal whose process may die: what it says after that is never written. */
function mortalJournal(journal: Journal, ended: { readonly isDead: boolean }): Journal {
  return {
    append(envelope, channel) {
      if (!ended.isDead) journal.append(envelope, channel)
    },
    flush: () => (ended.isDead ? new Promise<void>(() => {}) : journal.flush()),
    get fault() {
      return journal.fault
    },
    get count() {
      return journal.count
    },
    hash: () => journal.hash(),
    read: () => journal.read(),
    close: async () => {},
  }
}
