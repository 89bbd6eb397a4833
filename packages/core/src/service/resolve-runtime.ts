import { createMemoryJournal } from '../journal/memory-journal.js'
import { createProcessAuthority } from '../model/approval.js'
import { entropy } from '../runtime/entropy.js'
import { BarfinexError } from '../runtime/error.js'
import { createIds } from '../runtime/ids.js'
import { createLog } from '../runtime/log.js'
import { createRandom } from '../runtime/random.js'
import type { Runtime } from '../runtime/runtime.js'
import { createSystemClock } from '../runtime/system-clock.js'

/** A {@link Runtime} of which only the bus must be given. */
export type RuntimeOptions = Pick<Runtime, 'bus'> & {
  readonly [Field in Exclude<keyof Runtime, 'bus'>]?: Runtime[Field] | undefined
}

export interface ResolvedRuntime<Options> {
  readonly runtime: Runtime
  /** What is left: the service's own options, still to be parsed. */
  readonly rest: Omit<Options, keyof Runtime>
}

/**
 * Splits a service's options into the runtime, with what is missing filled in, and the service's own options.
 *
 * A desk gives every field. Outside a desk a service gets the machine's clock, ids and randomness of its own, an empty
 * journal in memory and a fresh approval key: give two services that work together the same `clock`, `journal` and
 * `approvals`, or use `defineDesk`. Without a bus: `options.invalid`.
 *
 * @example
 * const { runtime, rest } = resolveRuntime({ bus: createMemoryBus(), symbols: ['BTC/USDT'] })
 * rest // => { symbols: ['BTC/USDT'] }
 */
export function resolveRuntime<Options extends RuntimeOptions>(options: Options): ResolvedRuntime<Options> {
  if (typeof options !== 'object' || options === null || typeof options.bus?.subscribe !== 'function') {
    throw new BarfinexError('options.invalid', 'A service needs a bus. Pass `{ bus: createMemoryBus() }`.')
  }
  const { bus, clock, ids, random, log, journal, approvals, epoch, leases, heartbeatMs, substitutes, ...rest } = options
  const runtime: Runtime = {
    bus,
    clock: clock ?? createSystemClock(),
    // Two services that each count from the same seed would make the same ids on one bus.
    ids: ids ?? createIds(Buffer.from(entropy(16)).toString('hex')),
    random: random ?? createRandom(1),
    log: log ?? createLog(),
    journal: journal ?? createMemoryJournal(),
    approvals: approvals ?? createProcessAuthority(entropy(32)),
    epoch: epoch ?? 1,
    leases: leases ?? null,
    heartbeatMs: heartbeatMs ?? 5_000,
    substitutes: substitutes ?? {},
  }
  return { runtime, rest }
}
