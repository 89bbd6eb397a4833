import type { Envelope, Incident, OrderEvent, Reason, Runtime } from '@barfinex/core'

/** Learns whether another Inspector has taken over the account: one with a higher epoch, the fencing number of a lease. */
export interface Fence {
  /** The order side has denied an order: is it because ours is an old epoch? */
  learnOrderEvent(event: OrderEvent): void
  /** The order side has refused a cancel so. */
  learnIncident(incident: Pick<Envelope<Incident>, 'source' | 'payload'>): void
}

const staleCode = 'order.seal.stale-epoch'

/**
 * The lock keeps two Inspectors from starting, the gateway's fence keeps an old one from acting; this is how the old one learns of it.
 * A process that was paused for a minute wakes up believing that nothing has happened. It believes the order side, which believes seals, and no
 * word on the bus: anybody may say there that he is a newer one. `onFallen` is called once.
 */
export function createFence({ epoch }: Pick<Runtime, 'epoch'>, onFallen: (reason: Reason) => void): Fence {
  let isFallen = false

  function fall(newer: number): void {
    if (isFallen) return
    isFallen = true
    const message = `Another Inspector, epoch ${newer}, guards the account; this one, epoch ${epoch}, stands down.`
    onFallen({ code: 'inspector.fenced', message, limit: newer, observed: epoch })
  }

  /** The refusal names the epoch it met and the highest that is known: only ours is about us. */
  function learnRefusal(reason: Reason | null): void {
    if (reason?.code !== staleCode || reason.observed !== epoch) return
    fall(typeof reason.limit === 'number' ? reason.limit : epoch + 1)
  }

  return {
    learnOrderEvent({ state, reason }) {
      if (state === 'denied') learnRefusal(reason)
    },
    learnIncident({ source, payload }) {
      if (source === 'provider') learnRefusal(payload.reason)
    },
  }
}
