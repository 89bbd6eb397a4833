import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AccountState, Decimal, decimal } from '@barfinex/core'
import { testRuns } from '@barfinex/core/testing'
import { expect } from 'vitest'
import { brokenOrders, differencesOf, type NakedTime, nakedTimes, readSentBooks } from '../crash/judge-books.js'
import { type SocketWorld, type SocketWorldOptions, socketWorld } from './socket-world.js'
import { startTrading, type TradingOptions } from './trading.js'

export interface SocketRunOptions extends Omit<SocketWorldOptions, 'seed'> {
  /** Sets the fault, now or by a plan on the clock. */
  readonly strike: (world: SocketWorld) => void | Promise<void>
  /** Looked at when the fault is over and its promises were found kept. */
  readonly check?: (world: SocketWorld) => void | Promise<void>
  /** Market time under the fault, in milliseconds. */
  readonly lastsMs?: number
  /** Longest time for which something may be open without cover, in milliseconds. */
  readonly nakedMs?: number
  /** Where its rules are coarser than usual. */
  readonly dust?: DustLimits
  /** How it trades meanwhile; not at all when `null`. */
  readonly trading?: TradingOptions | null
}

/** After a fault has ended the ledger has this long to agree with the venue, in milliseconds. */
const agreeMs = 10_000
/** And everything that was in doubt this long to be resolved. */
const resolveMs = 45_000

/** One run from one seed: in peace, under a fault, in peace again. The lines say what was broken. */
export async function runOnSockets(
  seed: number,
  options: SocketRunOptions,
): Promise<{ world: SocketWorld; broken: readonly string[] }> {
  const world = await socketWorld({ ...options, seed })
  try {
    return { world, broken: await strikeAndJudge(world, options) }
  } finally {
    await world.close()
  }
}

async function strikeAndJudge(world: SocketWorld, options: SocketRunOptions): Promise<readonly string[]> {
  const { venue } = world
  const endTrading = options.trading === null ? () => {} : startTrading(world, options.trading)
  await world.pass(20_000)
  await options.strike(world)
  await world.pass(options.lastsMs ?? 60_000)
  endTrading()
  venue.world.faults.clear()
  venue.world.setStatus('spot', 'BTCUSDT', 'TRADING')
  await world.passUntil(() => differences(world, isSettled).length === 0, agreeMs)
  const broken = [...differences(world, isSettled)]
  await world.passUntil(() => unresolved(world).length === 0, resolveMs)
  broken.push(...unresolved(world), ...differences(world), ...(await lastingPromises(world, options)))
  if (broken.length === 0) await options.check?.(world)
  return [...new Set(broken)]
}

type OpenOrder = AccountState['openOrders'][number]

/** Its fate is known; an order that may still arrive is none of both sides'. */
const isSettled = ({ state }: OpenOrder): boolean =>
  state !== 'submitted' && state !== 'pendingCancel' && state !== 'uncertain'

/** I4: where ledger and venue differ now. */
function differences(world: SocketWorld, counts: (order: OpenOrder) => boolean = () => true): readonly string[] {
  const account = world.account()
  const unknown = account.known ? [] : [`I4 the account is not known: ${account.reason?.code}`]
  const left = new Set(account.openOrders.filter((it) => !counts(it)).map((it) => it.clientOrderId))
  const different = differencesOf(world.venue.world.truth(), account, 'totals')
  return [...unknown, ...different.filter((line) => ![...left].some((id) => line.includes(id)))]
}

function unresolved(world: SocketWorld): readonly string[] {
  return world
    .account()
    .openOrders.filter((it) => !isSettled(it))
    .map((it) => `unresolved: ${it.clientOrderId} (${it.purpose}) is ${it.state}`)
}

/** I1 and I2 of the journal, I3 of the whole run, I5. */
async function lastingPromises(world: SocketWorld, options: SocketRunOptions): Promise<readonly string[]> {
  const { nakedMs = 5_000, dust } = options
  await world.life().journal.flush()
  const truth = world.venue.world.truth()
  const broken = [...brokenOrders(truth, await readSentBooks(world.journalDirectory))]
  for (const it of nakedStretches(world, dust)) {
    const lastedMs = it.to - it.from - outMs(world, it)
    if (lastedMs > nakedMs) {
      broken.push(`I3 ${it.quantity} was unprotected for ${lastedMs} ms from ${new Date(it.from).toISOString()}`)
    }
  }
  broken.push(...world.handlerFaults.map((it) => `I5 handler fault: ${it}`))
  const writings = [...world.lines, ...filesIn(world.journalDirectory)].join('\n')
  const { apiKey, secret } = world.venue.keys
  for (const canary of [apiKey, secret]) if (writings.includes(canary)) broken.push('I5 a key or secret was written')
  if (/signature=[0-9a-f]{8}/.test(writings)) broken.push('I5 a signature was written')
  return broken
}

/** What is too little to be sold at the venue: the coarsest step and the largest smallest notional in force during a run. */
export interface DustLimits {
  readonly step: string
  readonly notional: string
}

const usualDust: DustLimits = { step: '0.00001', notional: '10' }

/**
 * Times in which more was held than stops at the venue would have sold, by the venue's own records. Each entry may leave less than a
 * step behind: its fee is taken from what was bought.
 */
export function nakedStretches({ venue, truth }: SocketWorld, dust = usualDust): readonly NakedTime[] {
  const entries = truth().orders.filter(({ side }) => side === 'BUY').length
  const least = decimal(dust.step).times(Decimal.fromNumber(entries))
  return nakedTimes(venue.world.truth(), least, decimal(dust.notional))
}

function outMs({ outages }: SocketWorld, { from, to }: NakedTime): number {
  return outages.reduce((sum, out) => sum + Math.max(0, Math.min(to, out.to) - Math.max(from, out.from)), 0)
}

function filesIn(directory: string): readonly string[] {
  return readdirSync(directory).map((name) => readFileSync(join(directory, name), 'latin1'))
}

/** Seeds of one fault: 1, or 5 in a long run, or the one in `BARFINEX_FAULT_SEED`. */
export function socketSeeds(): readonly number[] {
  const only = process.env['BARFINEX_FAULT_SEED']
  if (only !== undefined) return [Number(only)]
  return Array.from({ length: Math.min(5, testRuns(1)) }, (_, index) => index + 1)
}

/** Runs a fault over all its seeds; the first that breaks a promise is named, with how to see it again. */
export async function survivesOnSockets(title: string, options: SocketRunOptions): Promise<void> {
  const times: number[] = []
  let orders = 0
  let fills = 0
  for (const seed of socketSeeds()) {
    const { world, broken } = await runOnSockets(seed, options)
    const again = `BARFINEX_FAULT_SEED=${seed} npx vitest run e2e/sockets -t "${title}"`
    const last = broken.length === 0 ? '' : world.lines.slice(-20).join('\n')
    expect(broken, `${title} breaks with seed ${seed}; again: ${again}\n${last}`).toEqual([])
    times.push(...nakedStretches(world, options.dust).map(({ from, to }) => to - from))
    orders += world.truth().orders.length
    fills += world.truth().trades.length
  }
  // A run in which nothing was traded would prove nothing.
  expect(orders, 'orders at the venue').toBeGreaterThan(3)
  expect(fills, 'fills at the venue').toBeGreaterThan(3)
  process.stdout.write(`${title}: ${orders} orders, ${fills} fills, ${timesText(times)}\n`)
}

function timesText(times: readonly number[]): string {
  const sorted = [...times].sort((one, other) => one - other)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  return `unprotected ${sorted.length} times: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`
}
