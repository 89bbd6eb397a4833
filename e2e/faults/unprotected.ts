import { expect } from 'vitest'
import type { World } from './fault-world.js'
import { type FaultRunOptions, runFaults, seeds } from './run-faults.js'

/** How long things were open at the venue without cover, in milliseconds, by the venue's own account. */
export class UnprotectedTimes {
  private readonly times: number[] = []

  add({ venue, clock }: World): void {
    for (const { from, to } of venue.truth.nakedStretches()) this.times.push((to ?? clock.now()) - from)
  }

  get count(): number {
    return this.times.length
  }

  /** The smallest time that at least this share of the stretches does not exceed; 0 where there was none. */
  quantile(share: number): number {
    const sorted = [...this.times].sort((one, other) => one - other)
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  }

  get text(): string {
    const [p50, p99, p999, most] = [0.5, 0.99, 0.999, 1].map((share) => `${this.quantile(share)} ms`)
    return `unprotected ${this.count} times: p50 ${p50}, p99 ${p99}, p99.9 ${p999}, longest ${most}`
  }
}

export interface GuardRunOptions extends FaultRunOptions {
  /** Looked at after each run that kept its promises. */
  readonly judge?: (world: World) => void | Promise<void>
}

/**
 * Runs a fault over all its seeds as `survives` does, and says on standard output for how long anything was unprotected.
 * Returns the times, so that a bound on their distribution can be asked for.
 */
export async function guards(title: string, options: GuardRunOptions, usual?: number): Promise<UnprotectedTimes> {
  const times = new UnprotectedTimes()
  let fills = 0
  let orders = 0
  for (const seed of seeds(usual)) {
    const { world, broken } = await runFaults(seed, options)
    times.add(world)
    fills += world.venue.truth.fills.length
    orders += world.venue.truth.orders.size
    const again = `BARFINEX_FAULT_SEED=${seed} npx vitest run e2e/faults -t "${title}"`
    expect(broken, `${title} breaks with seed ${seed}; again: ${again}`).toEqual([])
    await options.judge?.(world)
  }
  // A run in which nothing was traded would prove nothing.
  expect(fills, 'fills at the venue').toBeGreaterThan(0)
  process.stdout.write(`${title}: ${orders} orders, ${fills} fills, ${times.text}\n`)
  return times
}
