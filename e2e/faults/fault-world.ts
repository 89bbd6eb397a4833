import {
  type Bus,
  createLog,
  createMemoryBus,
  createMemoryJournal,
  createProcessAuthority,
  createRandom,
  createVirtualClock,
  type Envelope,
  type Journal,
  type Random,
  type Started,
  type VirtualClock,
} from '@barfinex/core'
import type { Exchange, ExchangeFactory } from '@barfinex/provider'
import { type Connection, type FaultVenue, faultVenue } from '@barfinex/provider/testing'
import type { DeskServices } from 'barfinex'
import { type FaultDeskOptions, faultDesk } from './fault-desk.js'
import { FaultMarket, faultInstruments, startAt } from './fault-market.js'
import { type ProcessClock, processClocks } from './process-clock.js'

/** One life of the desk: from its start until it is stopped or killed. */
export interface Life {
  readonly bus: Bus
  readonly clock: ProcessClock
  readonly desk: Started<DeskServices>
  readonly connection: Connection
  /** The process dies at once, wherever it is: it says, writes and sends nothing more. */
  kill(): void
}

export interface WorldOptions {
  readonly seed: number
  readonly desk?: Omit<FaultDeskOptions, 'exchange' | 'inspectorBus'>
  /** Put between Inspector and the bus. */
  readonly inspectorBus?: (bus: Bus, clock: ProcessClock, random: Random) => Bus
  readonly feeAsset?: 'quote' | 'received'
  /** What the account holds at first; 100,000 USDT unless given. */
  readonly deposits?: Readonly<Record<string, string>>
  /** Put between the desk and its connection: how the harness shows that it has teeth, and where kill points sit. */
  readonly exchange?: (exchange: Exchange, life: { kill(): void }) => Exchange
  /** Put between the desk and its journal. */
  readonly journal?: (journal: Journal, life: { kill(): void }) => Journal
}

/** A venue, a market and a desk on one virtual clock, everything drawn from one seed. */
export interface World {
  readonly seed: number
  readonly clock: VirtualClock
  /** For the faults; the market and the desk have their own. */
  readonly random: Random
  readonly venue: FaultVenue
  readonly market: FaultMarket
  readonly journal: Journal
  /** What went wrong inside, as text: handlers that threw, errors that a log line tells of. */
  readonly faults: string[]
  /** Times in which no request could reach the venue: what is unprotected then is not the desk's doing. */
  readonly outages: { readonly from: number; readonly to: number }[]
  /** Every line the desk wrote. */
  readonly lines: string[]
  /** The present life. */
  life(): Life
  /** Begins a life: the first, or one after a kill, on what the journal and the venue know. */
  boot(): Promise<Life>
  /** Lets market time pass. */
  pass(ms: number): Promise<void>
}

/** Makes one and starts its desk. */
export async function faultWorld(options: WorldOptions): Promise<World> {
  const { seed } = options
  const clock = createVirtualClock({ startAt })
  const random = createRandom(`faults/${seed}`)
  const market = new FaultMarket(random.fork('market'))
  const venue = faultVenue({
    clock,
    instruments: faultInstruments,
    feeAsset: options.feeAsset ?? (seed % 2 === 0 ? 'quote' : 'received'),
    candles: market.history,
    ...(options.deposits === undefined ? {} : { deposits: options.deposits }),
  })
  const processClock = processClocks(clock)
  const journal = createMemoryJournal()
  const faults: string[] = []
  const lines: string[] = []
  const log = createLog({ level: 'warn', write: (line) => void lines.push(line) })
  let epoch = 0
  let present: Life | null = null

  async function boot(): Promise<Life> {
    epoch += 1
    const own = processClock()
    const connection = venue.connection(own)
    const ended = { dead: false }
    const kill = (): void => {
      ended.dead = true
      own.kill()
      connection.cut()
    }
    const bus = createMemoryBus({ onHandlerFault: (error, channel) => faults.push(`${channel}: ${textOf(error)}`) })
    const exchange = options.exchange?.(connection.exchange, { kill }) ?? connection.exchange
    const factory: ExchangeFactory = { ...connection.factory, create: async () => exchange }
    const mortal = mortalJournal(journal, ended)
    const { inspectorBus } = options
    const between = inspectorBus && { inspectorBus: (it: Bus) => inspectorBus(it, own, random.fork(`bus/${epoch}`)) }
    const desk = await waitOn(
      clock,
      faultDesk({ exchange: factory, ...options.desk, ...between }).start({
        bus,
        clock: own,
        epoch,
        seed: `${seed}/${epoch}`,
        journal: options.journal?.(mortal, { kill }) ?? mortal,
        approvals: createProcessAuthority(Buffer.alloc(32, epoch)),
        heartbeatMs: 5_000,
        log,
      }),
    )
    present = { bus, clock: own, desk, connection, kill }
    return present
  }

  const world: World = {
    seed,
    clock,
    random,
    venue,
    market,
    journal,
    faults,
    lines,
    outages: [],
    life() {
      if (present === null) throw new Error('The desk has not been started.')
      return present
    },
    boot,
    pass: (ms) => clock.advanceBy(ms),
  }
  market.start(clock, venue)
  await boot()
  return world
}

/** Lets time pass until a promise of the desk has settled: its replies take market time. */
export async function waitOn<Result>(clock: VirtualClock, promise: Promise<Result>): Promise<Result> {
  let isOver = false
  const done = promise.finally(() => {
    isOver = true
  })
  done.catch(() => {})
  for (let waited = 0; !isOver && waited < 600_000; waited += 10) {
    await new Promise<void>((resolve) => setImmediate(resolve))
    if (!isOver) await clock.advanceBy(10)
  }
  if (!isOver) throw new Error('The desk did not come to an end within ten minutes of market time.')
  return done
}

/** A journal whose process may die: what it says after that is never written. */
function mortalJournal(journal: Journal, ended: { readonly dead: boolean }): Journal {
  return {
    append(envelope: Envelope, channel) {
      if (!ended.dead) journal.append(envelope, channel)
    },
    flush: () => journal.flush(),
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

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
