import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AccountState, createRandom, flow } from '@barfinex/core'
import { type BusyFleet, busyOptions, busyStrategy, createBusyFleet } from '../busy-fleet.js'
import { startVenueProcess, type VenueProcess } from './venue-process.js'

const account = 'venue'
/** Short, so that one can run out; longer than a busy machine lets a daemon wait for its turn. */
export const leaseMs = 15_000
const daemon = { leaseMs }
const close = { op: 'candle', source: 'close' } as const
/** The venue takes fees: a target nearer than this would not pay for them. */
const exits = {
  long: { stop: { op: 'multiply', of: [close, 0.996] }, target: { op: 'multiply', of: [close, 1.006] } },
}

/** Five daemons, Redis and the venue, each a process of its own, and an ear on the bus. */
export interface KilledDesk extends BusyFleet {
  readonly venue: VenueProcess
  ledger(): AccountState
  /** Keeps what the daemons have written so far: a restart forgets it. */
  keepOutput(): void
  /** Everything that was written anywhere: journals, Redis, outputs. Ends Redis, so that all of it is on the disk. */
  writings(): Promise<string>
  /** Leaves journals, outputs and the venue's truth in a folder, for who has to find out what happened. */
  keepIn(directory: string): Promise<void>
}

/** Makes all six on a seeded market; the venue and Redis run already. */
export async function createKilledDesk(seed: number): Promise<KilledDesk> {
  const venue = await startVenueProcess(seed)
  const stopShaking = venue.shake(createRandom(`shake ${seed}`))
  const keyFile = join(venue.directory, 'exchange.key.json')
  writeFileSync(keyFile, JSON.stringify({ key: venue.apiKey, secret: venue.secret }), { mode: 0o600 })
  const fleet = await createBusyFleet({
    account,
    exchange: {
      ccxt: { account, venueUrl: venue.url, keyFile, symbols: ['BTC/USDT'], recvWindowMs: 1_000, timeoutMs: 2_000 },
    },
    preload: join(import.meta.dirname, 'kill-trap.ts'),
    options: {
      ...busyOptions,
      provider: {
        daemon,
        timeframes: ['1s'],
        mismatch: 'halt',
        // Before the lease, which is shorter here, runs out.
        deadManMs: 3_000,
        reconcile: { inFlightMs: 500, absenceMs: 16_000, openOrdersMs: 5_000, positionsMs: 30_000 },
      },
      detector: { strategies: [{ ...busyStrategy, exits }] },
      inspector: { ...busyOptions.inspector, daemon },
    },
  })
  const outputs: string[] = []
  return {
    ...fleet,
    venue,
    ledger() {
      const last = fleet.bus.last(flow.account, account)
      if (last === undefined) throw new Error('Nobody has said anything about the account.')
      return last.payload
    },
    keepOutput() {
      for (const it of fleet.fleet.all) outputs.push(it.output())
    },
    async writings() {
      await fleet.redis.stop()
      const journals = fleet.fleet.all.flatMap(({ journalDirectory }) => filesIn(journalDirectory))
      return [...outputs, ...journals, ...filesIn(fleet.redis.directory)].join('\n')
    },
    async keepIn(directory) {
      mkdirSync(directory, { recursive: true })
      cpSync(fleet.directory, join(directory, 'fleet'), { recursive: true })
      writeFileSync(join(directory, 'truth.json'), JSON.stringify(await venue.truth(), null, 2))
      writeFileSync(
        join(directory, 'outputs.txt'),
        [...outputs, ...fleet.fleet.all.map((it) => it.output())].join('\n'),
      )
    },
    async close() {
      stopShaking()
      await fleet.close()
      await venue.stop()
    },
  }
}

function filesIn(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile())
    .map((it) => readFileSync(join(it.parentPath, it.name), 'latin1'))
}
