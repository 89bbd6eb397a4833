import type { CancelTask, Clock, Log } from '@barfinex/core'
import type { InFlight } from './in-flight.js'
import type { Ledger } from './ledger.js'

export interface LateFillsOptions {
  readonly clock: Clock
  readonly log: Log
  readonly ledger: Ledger
  readonly inFlight: InFlight
}

/** A fill that its order's end has overtaken is mostly here this soon, in milliseconds. */
const firstLookMs = 250
const longestPauseMs = 10_000

/** Fetches the fills of orders that have ended with more executed than was heard of, until they are there or count no longer. */
export class LateFills {
  private readonly looks = new Map<string, CancelTask>()

  constructor(private readonly options: LateFillsOptions) {}

  /** To be called when an order has ended; does nothing when all its fills are there. */
  seek(clientOrderId: string): void {
    if (!this.looks.has(clientOrderId)) this.plan(clientOrderId, firstLookMs)
  }

  stop(): void {
    for (const cancel of this.looks.values()) cancel()
    this.looks.clear()
  }

  private plan(clientOrderId: string, pauseMs: number): void {
    const { clock } = this.options
    if (!this.isAwaited(clientOrderId)) {
      this.looks.delete(clientOrderId)
      return
    }
    const look = () => {
      if (this.isAwaited(clientOrderId)) void clock.hold(this.look(clientOrderId, pauseMs))
      else this.looks.delete(clientOrderId)
    }
    this.looks.set(clientOrderId, clock.schedule(clock.now() + pauseMs, look))
  }

  private isAwaited(clientOrderId: string): boolean {
    return this.options.ledger.unsettled.some(({ order }) => order.clientOrderId === clientOrderId)
  }

  private async look(clientOrderId: string, pauseMs: number): Promise<void> {
    const { ledger, inFlight, log } = this.options
    const order = ledger.find(clientOrderId)
    if (order === undefined) return
    try {
      await inFlight.backfill(order.order.symbol, order.submittedAt)
    } catch (error) {
      log.warn('the fills of an order that has ended could not be read', { clientOrderId, error })
    }
    if (this.looks.has(clientOrderId)) this.plan(clientOrderId, Math.min(longestPauseMs, pauseMs * 2))
  }
}
