import { type Bus, type Cause, type Clock, derivedId, flow, type Incident, type Reason } from '@barfinex/core'

/** Says that a person should look. The same trouble about the same thing is one incident. */
export class Incidents {
  private readonly publisher

  constructor(
    bus: Bus,
    private readonly clock: Clock,
    epoch: number,
  ) {
    this.publisher = bus.publisher(flow.incident, 'provider', epoch)
  }

  /** `about` tells one occurrence from another. */
  raise(
    severity: Incident['severity'],
    reason: Reason,
    about: readonly string[],
    symbol: string | null = null,
    cause?: Cause,
  ): void {
    const at = this.clock.now()
    this.publisher.publish(
      { incidentId: derivedId('provider', reason.code, ...about), severity, reason, symbol, raisedAt: at },
      cause === undefined ? { occurredAt: at } : { occurredAt: at, cause },
    )
  }
}
