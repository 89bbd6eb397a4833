import type { Bus } from '../bus/bus.js'
import type { Journal } from '../journal/journal.js'
import type { ApprovalAuthority } from '../model/approval.js'
import type { Clock } from '../runtime/clock.js'
import { BarfinexError } from '../runtime/error.js'
import { createIds } from '../runtime/ids.js'
import type { Log } from '../runtime/log.js'
import { createRandom } from '../runtime/random.js'
import type { Runtime } from '../runtime/runtime.js'
import type { VirtualClock } from '../runtime/virtual-clock.js'
import type { LeaseRecord } from './lease.js'
import { resolveRuntime } from './resolve-runtime.js'
import { isService, type LifePart, lifeRoles } from './service.js'

export interface StartOptions {
  readonly bus: Bus
  /** The machine's clock when absent. */
  readonly clock?: Clock
  /** Kept in memory when absent. */
  readonly journal?: Journal
  /** Seeds ids and randomness; 1 when absent. */
  readonly seed?: number | string
  readonly log?: Log
  readonly approvals?: ApprovalAuthority
  readonly epoch?: number
  readonly leases?: LeaseRecord
  readonly heartbeatMs?: number
  readonly substitutes?: Readonly<Record<string, unknown>>
}

/** A started desk: the services by the names they were given, and how to stop. */
export type Started<Services> = Services & {
  readonly runtime: Runtime
  /** Drains market, detector, advisor, inspector, orders, then closes in the same order. Harmless twice. */
  stop(): Promise<void>
}

export interface Desk<Services> {
  /**
   * Builds the services, prepares all, then opens from the order side back to the market side. When one fails, what was prepared
   * is wound down and the failure is thrown. What is said on the bus meanwhile goes to the journal; closing bus and
   * journal is the caller's, who made them.
   */
  start(options: StartOptions): Promise<Started<Services>>
}

/**
 * Describes a desk: which services work together. Nothing runs until {@link Desk.start}, and each start builds anew,
 * so one description serves live, paper, backtest and replay.
 *
 * @example
 * const desk = defineDesk((runtime) => ({ detector: detector.createService({ ...runtime, strategies }) }))
 * const { detector, stop } = await desk.start({ bus: createMemoryBus() })
 */
export function defineDesk<Services extends object>(build: (runtime: Runtime) => Services): Desk<Services> {
  return {
    async start(options) {
      const seed = options.seed ?? 1
      const { runtime } = resolveRuntime({ ...options, ids: createIds(seed), random: createRandom(seed) })
      const { bus, clock, journal, log } = runtime
      const prepared: LifePart[] = []
      const undo = [bus.tap((envelope, channel) => journal.append(envelope, channel))]
      if (isVirtual(clock)) undo.push(clock.addBarrier(() => bus.settled()))
      let stopped: Promise<void> | null = null
      const stop = () => {
        stopped ??= windDown(prepared).finally(async () => {
          for (const act of undo) act()
          await journal.flush()
        })
        return stopped
      }
      try {
        const services = build(runtime)
        const parts = partsOf(services)
        for (const part of parts) {
          prepared.push(part)
          await part.prepare()
        }
        for (const part of parts) await part.open()
        return Object.assign(Object.create(null) as object, services, { runtime, stop }) as Started<Services>
      } catch (error) {
        await stop().catch((second: unknown) => log.error('could not stop cleanly', { error: second }))
        throw error
      }
    },
  }
}

function isVirtual(clock: Clock): clock is VirtualClock {
  return clock.kind === 'virtual' && 'addBarrier' in clock
}

function partsOf(services: object): readonly LifePart[] {
  for (const name of ['runtime', 'stop']) {
    if (name in services) throw new BarfinexError('options.invalid', `A service of a desk cannot be called "${name}".`)
  }
  const parts = Object.values(services)
    .filter(isService)
    .flatMap((service) => service.parts)
  for (const role of lifeRoles) {
    if (parts.filter((part) => part.role === role).length > 1) {
      throw new BarfinexError('desk.duplicate-service', `The desk has two services for "${role}". Keep one.`)
    }
  }
  return [...parts].sort((a, b) => lifeRoles.indexOf(a.role) - lifeRoles.indexOf(b.role))
}

/** Every part gets its turn even when one fails; the first failure is reported at the end. */
async function windDown(prepared: readonly LifePart[]): Promise<void> {
  const order = [...prepared].reverse()
  const failures: unknown[] = []
  for (const part of order) await part.drain().catch((error: unknown) => failures.push(error))
  for (const part of order) await part.close().catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}
