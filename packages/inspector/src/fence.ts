import type { Envelope, Incident, LeaseRecord, OrderEvent, Reason, Runtime } from '@barfinex/core'

/** Learns whether another Inspector has taken over the account: one with a higher epoch, the fencing number of a lease. */
export interface Fence {
  /** The order side has denied an order: is it because ours is an old epoch? */
  learnOrderEvent(event: OrderEvent): void
  /** Somebody says that the order side has refused a cancel so. */
  learnIncident(incident: Pick<Envelope<Incident>, 'source' | 'payload'>): void
  /** Learns nothing any more. */
  stop(): void
}

export interface FenceEvents {
  /** Another one guards the account. Called once. */
  readonly onFallen: (reason: Reason) => void
  /** It was said, and is not so. Called once. */
  readonly onFalse: (reason: Reason) => void
}

const staleCode = 'order.seal.stale-epoch'

/**
 * The lock keeps two Inspectors from starting, the gateway's fence keeps an old one from acting; this is how the old one learns of it.
 * A process that was paused for a minute wakes up believing that nothing has happened. It believes the order side, which believes seals, and no
 * word on the bus: anybody may say there that he is a newer one.
 *
 * A denial is an order event, and those are Provider's alone. A refused cancel is an incident, which is only a text for people: before a
 * position is left without its guardian for it, the record of leases is asked whether there is a newer number. When that cannot be
 * asked, this one goes on: an old one is refused whatever it does, and its lease runs out by itself.
 */
export function createFence(
  { epoch, leases, clock, log }: Pick<Runtime, 'epoch' | 'leases' | 'clock' | 'log'>,
  accountId: () => string,
  { onFallen, onFalse }: FenceEvents,
): Fence {
  let isOver = false
  let isAsking = false
  let isTold = false

  function fall(newer: number): void {
    if (isOver) return
    isOver = true
    const message = `Another Inspector, epoch ${newer}, guards the account; this one, epoch ${epoch}, stands down.`
    onFallen({ code: 'inspector.fenced', message, limit: newer, observed: epoch })
  }

  /** The refusal names the epoch it met and the highest that is known: only ours is about us. */
  function newerOne(reason: Reason | null): number | null {
    if (reason?.code !== staleCode || reason.observed !== epoch) return null
    return typeof reason.limit === 'number' ? reason.limit : epoch + 1
  }

  async function ask(record: LeaseRecord, said: number): Promise<void> {
    const given = await record.highestEpoch(`inspector@${accountId()}`).catch((error: unknown) => {
      log.warn('whether another Inspector guards the account cannot be asked for now', { error })
      return null
    })
    isAsking = false
    if (given === null || isOver) return
    if (given > epoch) fall(given)
    else doubt(said, given)
  }

  function doubt(said: number, given: number): void {
    const message = `Somebody says that Provider refuses this Inspector, epoch ${epoch}, for one of epoch ${said}; the newest that there is has ${given}. It goes on. Find out who can write inspector.incident.`
    log.error(message, { said, given })
    // Who forges one can forge a million.
    if (isTold) return
    isTold = true
    onFalse({ code: 'inspector.false-refusal', message, limit: given, observed: said })
  }

  return {
    learnOrderEvent({ state, reason }) {
      const newer = state === 'denied' ? newerOne(reason) : null
      if (newer !== null) fall(newer)
    },
    learnIncident({ source, payload }) {
      const newer = source === 'provider' ? newerOne(payload.reason) : null
      if (newer === null || isOver || isAsking) return
      if (leases === null) {
        fall(newer)
        return
      }
      isAsking = true
      void clock.hold(ask(leases, newer))
    },
    stop() {
      isOver = true
    },
  }
}
