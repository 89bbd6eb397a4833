import { type Bus, type Clock, flow, type ServiceStatus, type Unsubscribe } from '@barfinex/core'

interface Instance {
  state: ServiceStatus['state']
  heardAt: number
  everyMs: number
}

/**
 * Whether somebody governs risk: an Inspector that says it is ready (or degraded) and whose last sign of life is not older than
 * twice the time it promised.
 */
export class InspectorWatch {
  private readonly instances = new Map<string, Instance>()
  private unsubscribes: Unsubscribe[] = []

  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly heartbeatMs: number,
  ) {}

  start(): void {
    this.unsubscribes = [
      this.bus.subscribe(flow.serviceStatus, ({ payload }) => {
        if (payload.service !== 'inspector') return
        const known = this.instances.get(payload.instance)
        const everyMs = known?.everyMs ?? this.heartbeatMs
        // A status may be the last word of somebody long gone: it counts from when it was said.
        const heardAt = Math.max(known?.heardAt ?? 0, Math.min(payload.since, this.clock.now()))
        this.instances.set(payload.instance, { state: payload.state, heardAt, everyMs })
      }),
      this.bus.subscribe(flow.heartbeat, ({ payload }) => {
        if (payload.service !== 'inspector') return
        const known = this.instances.get(payload.instance)
        const state = known?.state ?? 'starting'
        this.instances.set(payload.instance, { state, heardAt: this.clock.now(), everyMs: payload.everyMs })
      }),
    ]
  }

  stop(): void {
    for (const unsubscribe of this.unsubscribes.splice(0)) unsubscribe()
  }

  get isHealthy(): boolean {
    const now = this.clock.now()
    for (const { state, heardAt, everyMs } of this.instances.values()) {
      if ((state === 'ready' || state === 'degraded') && now - heardAt <= everyMs * 2) return true
    }
    return false
  }
}
