import type { Bus } from '../bus/bus.js'
import type { Journal } from '../journal/journal.js'
import { createMemoryJournal } from '../journal/memory-journal.js'
import { type ApprovalAuthority, createProcessAuthority } from '../model/approval.js'
import type { Clock } from '../runtime/clock.js'
import { entropy } from '../runtime/entropy.js'
import { BarfinexError } from '../runtime/error.js'
import { createIds } from '../runtime/ids.js'
import { createLog, type Log } from '../runtime/log.js'
import { createRandom } from '../runtime/random.js'
import type { Runtime } from '../runtime/runtime.js'
import { createSystemClock } from '../runtime/system-clock.js'
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
  /** Builds the services, prepares all, then opens from the order side back to the market side. */
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
      const clock = options.clock ?? createSystemClock()
      const seed = options.seed ?? 1
      const journal = options.journal ?? createMemoryJournal()
      const runtime: Runtime = {
        bus: options.bus,
        clock,
        journal,
        ids: createIds(seed),
        random: createRandom(seed),
        log: options.log ?? createLog(),
        approvals: options.approvals ?? createProcessAuthority(entropy(32)),
        epoch: options.epoch ?? 1,
        heartbeatMs: options.heartbeatMs ?? 5_000,
        substitutes: options.substitutes ?? {},
      }
      const untap = options.bus.tap((envelope, channel) => journal.append(envelope, channel))
      if (clock.kind === 'virtual' && 'addBarrier' in clock) {
        ;(clock as { addBarrier(barrier: () => Promise<void> | undefined): void }).addBarrier(() =>
          options.bus.settled(),
        )
      }
      const services = build(runtime)
      const parts = partsOf(services)
      const prepared: LifePart[] = []
      let stopped: Promise<void> | null = null
      const stop = () => {
        stopped ??= windDown(prepared).finally(async () => {
          untap()
          await journal.flush()
        })
        return stopped
      }
      try {
        for (const part of parts) {
          prepared.push(part)
          await part.prepare()
        }
        for (const part of parts) await part.open()
      } catch (error) {
        await stop().catch((second: unknown) => runtime.log.error('could not stop cleanly', { error: second }))
        throw error
      }
      return Object.assign(Object.create(null) as object, services, { runtime, stop }) as Started<Services>
    },
  }
}

function partsOf(services: object): readonly LifePart[] {
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
