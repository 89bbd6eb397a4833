import type { CancelTask, Clock, LeaseRecord, Log } from '@barfinex/core'
import type { Incidents } from './incidents.js'
import type { InspectorEpoch } from './inspector-epoch.js'

export interface ClaimCheckOptions {
  /** `null` where nobody can be asked: then a claim stands until it is proven. */
  readonly leases: LeaseRecord | null
  readonly account: string
  readonly clock: Clock
  readonly log: Log
  readonly incidents: Incidents
  readonly epoch: InspectorEpoch
}

const retryMs = 1_000
const incidentEveryMs = 60_000

/**
 * Ends what a forged word began. Somebody speaks as an Inspector of a higher number than any that has sealed something; entries wait
 * then, for it may be true and the old one may only have been paused. Numbers are given with the lease, and before they are spoken: where
 * the lease's record, asked after the word was heard, knows none so high, nobody was given it, and the word is forgotten. While
 * the record cannot be asked, or knows less than seals have shown, the claim stands.
 */
export class ClaimCheck {
  private isAsking = false
  private isStopped = false
  private retry: CancelTask | null = null
  private raisedAt = Number.NEGATIVE_INFINITY

  constructor(private readonly options: ClaimCheckOptions) {}

  /** To be called after every word. */
  look(): void {
    const { leases, clock, epoch } = this.options
    if (leases === null || this.isStopped || this.isAsking || epoch.claimed === null) return
    this.retry?.()
    this.isAsking = true
    void clock.hold(this.settle(leases))
  }

  stop(): void {
    this.isStopped = true
    this.retry?.()
  }

  private async settle(leases: LeaseRecord): Promise<void> {
    const { account, clock, log, epoch } = this.options
    let isKnown = true
    try {
      // What is said meanwhile needs an answer of its own.
      for (let asked = -1; isKnown && epoch.claimed !== null && asked < epoch.heard; ) {
        asked = epoch.heard
        const given = await leases.highestEpoch(`inspector@${account}`)
        // A record that has lost its memory knows better when the next Inspector is there.
        isKnown = given >= Math.max(1, epoch.proven)
        if (isKnown) this.dismiss(given, asked)
      }
    } catch (error) {
      isKnown = false
      log.debug('who speaks as Inspector cannot be asked for yet', { error })
    }
    this.isAsking = false
    if (!isKnown && !this.isStopped) this.retry = clock.schedule(clock.now() + retryMs, () => this.look())
  }

  private dismiss(given: number, heard: number): void {
    const { account, clock, log, incidents, epoch } = this.options
    const claimed = epoch.dismiss(given, heard)
    if (claimed === null) return
    const message = `Somebody spoke as Inspector ${claimed} of ${account}, which does not exist: the newest is ${given}. It was not believed. Find out who can write inspector.trading-state.`
    log.error(message, { claimed, given })
    // Who forges one number can forge a million.
    if (clock.now() < this.raisedAt + incidentEveryMs) return
    this.raisedAt = clock.now()
    const reason = { code: 'order.gateway.false-claim', message, limit: given, observed: claimed }
    incidents.raise('critical', reason, [String(claimed)])
  }
}
