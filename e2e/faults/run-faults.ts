import { testRuns } from '@barfinex/core/testing'
import { noFaults } from '@barfinex/provider/testing'
import { expect } from 'vitest'
import { brokenPromises, unresolved } from './broken-promises.js'
import { jitter } from './fates.js'
import { faultWorld, type World, type WorldOptions } from './fault-world.js'

export interface FaultRunOptions extends Omit<WorldOptions, 'seed'> {
  /** Sets the faults, now or by a plan on the clock; they end by themselves when the run ends. */
  readonly strike: (world: World) => void | Promise<void>
  /** Looked at while the run's last faults are gone and its promises were found kept. */
  readonly check?: (world: World) => void | Promise<void>
  /** Market time under faults, in milliseconds. */
  readonly lastsMs?: number
  readonly nakedMs?: number
}

const minuteMs = 60_000
/** After the faults have ended the ledger has this long to agree with the venue, in milliseconds. */
const agreeMs = 10_000
/** And everything that was in doubt this long to be resolved. */
const resolveMs = 90_000

/** One run from one seed: trading in peace, then under faults, then in peace again. The lines say what was broken. */
export async function runFaults(seed: number, options: FaultRunOptions): Promise<{ world: World; broken: string[] }> {
  const world = await faultWorld({ ...options, seed })
  const nakedMs = options.nakedMs ?? 5_000
  Object.assign(world.venue.faults, jitter(world.random.fork('line')))
  await world.pass(2 * minuteMs)
  await options.strike(world)
  await world.pass(options.lastsMs ?? 8 * minuteMs)
  world.market.rest()
  Object.assign(world.venue.faults, noFaults())
  world.venue.breakReports()
  await world.pass(agreeMs)
  const broken = [...(await brokenPromises(world, { nakedMs }))]
  await world.pass(resolveMs)
  broken.push(...unresolved(world))
  if (broken.length === 0) broken.push(...(await brokenPromises(world, { nakedMs })))
  if (broken.length === 0) await options.check?.(world)
  await world.life().desk.stop()
  return { world, broken }
}

/** Seeds of one fault in a long run, at most. */
const mostSeeds = 200

/** Seeds of one fault: {@link testRuns} of them, or the one in `BARFINEX_FAULT_SEED`. */
export function seeds(usual = 20): readonly number[] {
  const only = process.env['BARFINEX_FAULT_SEED']
  if (only !== undefined) return [Number(only)]
  return Array.from({ length: Math.max(usual, Math.min(testRuns(usual), mostSeeds)) }, (_, index) => index + 1)
}

/** Runs a fault over all its seeds; the first that breaks a promise is named, with how to see it again. */
export async function survives(title: string, options: FaultRunOptions, usual?: number): Promise<void> {
  let orders = 0
  let fills = 0
  for (const seed of seeds(usual)) {
    const { world, broken } = await runFaults(seed, options)
    orders += world.venue.truth.orders.size
    fills += world.venue.truth.fills.length
    expect(
      broken,
      `${title} breaks with seed ${seed}; again: BARFINEX_FAULT_SEED=${seed} npx vitest run e2e/faults -t "${title}"`,
    ).toEqual([])
  }
  // A run in which nothing was traded would prove nothing.
  expect(orders, 'orders at the venue').toBeGreaterThan(0)
  expect(fills, 'fills at the venue').toBeGreaterThan(0)
}
