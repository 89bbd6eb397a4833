import { BehaviorSubject, type Observable } from 'rxjs'
import type { ServiceName, ServiceStatus } from '../flow/7-service.js'
import { flow } from '../flow/map.js'
import type { CancelTask } from '../runtime/clock.js'
import type { Runtime } from '../runtime/runtime.js'

/** Version of this release, shown by every service. */
export const version = '0.1.0'

/** A service's public sign of life: status and heartbeats on the bus, and the same as an observable. */
export interface Lifeline {
  readonly status$: Observable<ServiceStatus>
  status(): ServiceStatus
  set(state: ServiceStatus['state'], code: string, message: string): void
  /**
   * Fails for good and says so only to listeners here: on the bus the name belongs to the one that came after. No heartbeat follows.
   */
  retire(code: string, message: string): void
  /** Begins the heartbeats. */
  beat(): void
  stop(): void
}

/** Makes a service's lifeline. It starts in `starting`. */
export function createLifeline(
  runtime: Pick<Runtime, 'bus' | 'clock' | 'epoch' | 'heartbeatMs'>,
  service: ServiceName,
  instance = 'main',
): Lifeline {
  const { bus, clock, epoch, heartbeatMs } = runtime
  const statuses = bus.publisher(flow.serviceStatus, service, epoch)
  const heartbeats = bus.publisher(flow.heartbeat, service, epoch)
  const subject = new BehaviorSubject<ServiceStatus>({
    service,
    instance,
    epoch,
    state: 'starting',
    code: 'service.starting',
    message: 'Getting ready.',
    since: clock.now(),
    version,
  })
  let beat = 0
  let cancel: CancelTask | null = null

  function pulse(): void {
    const at = clock.now()
    heartbeats.publish({ service, instance, epoch, beat: beat++, at, everyMs: heartbeatMs }, { occurredAt: at })
  }

  function become(state: ServiceStatus['state'], code: string, message: string): ServiceStatus {
    const status = { service, instance, epoch, state, code, message, since: clock.now(), version }
    subject.next(status)
    return status
  }

  function silence(): void {
    cancel?.()
    cancel = null
  }

  return {
    status$: subject.asObservable(),
    status: () => subject.value,
    set(state, code, message) {
      const status = become(state, code, message)
      statuses.publish(status, { occurredAt: status.since })
    },
    retire(code, message) {
      silence()
      become('failed', code, message)
    },
    beat() {
      if (cancel !== null) return
      pulse()
      cancel = clock.every(heartbeatMs, pulse)
    },
    stop: silence,
  }
}
