import { type Bus, type Clock, flow, type ServiceStatus, type Unsubscribe } from '@barfinex/core'

interface Instance {
  state: ServiceStatus['state']
  heardAt: number
  everyMs: number
  /** Until when it was healthy, as far as is known. */
  healthyUntil: number
}

/**
 * Whether somebody governs risk: an Inspector that says it is ready (or degraded) and whose last sign of life is not older than
 * twice the time it promised.
 */
export class InspectorWatch {
  private readonly instances = new Map<string, Instance>()
  private unsubscribes: Unsubscribe[] = []
  private startedAt: number

  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly heartbeatMs: number,
  ) {
    this.startedAt = clock.now()
  }

  start(): void {
    this.startedAt = this.clock.now()
    this.unsubscribes = [
      this.bus.subscribe(flow.serviceStatus, ({ payload }) => {
        if (payload.service !== 'inspector') return
        const known = this.instances.get(payload.instance)
        const everyMs = known?.everyMs ?? this.heartbeatMs
        // A status may be the last word of somebody long gone: it counts from when it was said.
        const heardAt = Math.max(known?.heardAt ?? 0, Math.min(payload.since, this.clock.now()))
        this.learn(payload.instance, payload.state, heardAt, everyMs)
      }),
      this.bus.subscribe(flow.heartbeat, ({ payload }) => {
        if (payload.service !== 'inspector') return
        const known = this.instances.get(payload.instance)
        const state = known?.state ?? 'starting'
        this.learn(payload.instance, state, this.clock.now(), payload.everyMs)
      }),
    ]
  }

  stop(): void {
    for (const unsubscribe of this.unsubscribes.splice(0)) unsubscribe()
  }

  get isHealthy(): boolean {
    const now = this.clock.now()
    for (const { state, heardAt, everyMs } of this.instances.values()) {
      if (isWatching(state) && now - heardAt <= everyMs * 2) return true
    }
    return false
  }

  /** Since when nobody governs risk: since the last sign of life ran out, a goodbye, or our own start. `null` while somebody does. */
  get lostAt(): number | null {
    if (this.isHealthy) return null
    return Math.max(this.startedAt, ...[...this.instances.values()].map((it) => it.healthyUntil))
  }

  /** An Inspector that is there is heard of within this time after our start, in milliseconds. */
  get graceMs(): number {
    return this.heartbeatMs * 2
  }

  private learn(instance: string, state: Instance['state'], heardAt: number, everyMs: number): void {
    const until = this.instances.get(instance)?.healthyUntil ?? 0
    // An Inspector that says that it is not ready has stopped watching then; one that starts has not begun.
    const healthyUntil = isWatching(state) ? heardAt + everyMs * 2 : Math.min(until, heardAt)
    this.instances.set(instance, { state, heardAt, everyMs, healthyUntil })
  }
}

function isWatching(state: Instance['state']): boolean {
  return state === 'ready' || state === 'degraded'
}
