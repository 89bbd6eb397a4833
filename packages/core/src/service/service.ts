import type { Observable } from 'rxjs'
import type { ServiceName, ServiceStatus } from '../flow/7-service.js'

/**
 * One half of a service's life. Provider has two (`orders`, `market`); every other service has one.
 *
 * Life has two phases. `prepare`: connect, subscribe, restore, reconcile, warm up; nothing flows yet.
 * `open`: let it flow. `drain`: finish what was accepted, take nothing new. `close`: let go of everything.
 */
export interface LifePart {
  readonly role: LifeRole
  prepare(): Promise<void>
  open(): Promise<void>
  drain(): Promise<void>
  close(): Promise<void>
}

/** In the order in which parts are prepared and opened: the order side first. Draining goes the other way. */
export const lifeRoles = ['orders', 'inspector', 'advisor', 'detector', 'market', 'studio'] as const
export type LifeRole = (typeof lifeRoles)[number]

/** What every service is. Facts are observables that never error; they end in `$`. */
export interface Service {
  readonly name: ServiceName
  readonly parts: readonly LifePart[]
  /** The present status first, then every change. */
  readonly status$: Observable<ServiceStatus>
  status(): ServiceStatus
}

export function isService(value: unknown): value is Service {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'parts' in value &&
    'status' in value &&
    Array.isArray((value as Service).parts)
  )
}
