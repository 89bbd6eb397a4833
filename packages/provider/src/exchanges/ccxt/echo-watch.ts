import type { CancelTask, Clock, Reason } from '@barfinex/core'
import { RecentIds } from '../../market/recent-ids.js'

export interface EchoWatchOptions {
  readonly clock: Clock
  /** How long after the reply the stream may take to show an order, in milliseconds. */
  readonly patienceMs: number
  readonly onGap: (reason: Reason) => void
  /** The stream has failed to show several orders in a row. */
  readonly onDeaf: () => void
}

/** So many orders in a row that the stream did not show make it deaf. */
const deafAfter = 2
const rememberedIds = 2_000

/**
 * Holds the stream of reports against the replies: an order that the exchange has taken must show up on the stream. A stream
 * that is open and silent is found by this, not by a ping.
 */
export class EchoWatch {
  private readonly waiting = new Map<string, CancelTask>()
  /** The stream may be faster than the reply. */
  private readonly heard = new RecentIds(rememberedIds)
  private missed = 0

  constructor(private readonly options: EchoWatchOptions) {}

  /** The exchange has taken this order. */
  expect(clientOrderId: string): void {
    const { clock, patienceMs } = this.options
    if (this.waiting.has(clientOrderId) || this.heard.has(clientOrderId)) return
    this.waiting.set(
      clientOrderId,
      clock.schedule(clock.now() + patienceMs, () => this.miss(clientOrderId)),
    )
  }

  /** The stream speaks of this order. */
  hear(clientOrderId: string): void {
    this.missed = 0
    if (!this.heard.has(clientOrderId)) this.heard.add(clientOrderId)
    this.waiting.get(clientOrderId)?.()
    this.waiting.delete(clientOrderId)
  }

  stop(): void {
    for (const cancel of this.waiting.values()) cancel()
    this.waiting.clear()
  }

  private miss(clientOrderId: string): void {
    this.waiting.delete(clientOrderId)
    this.missed += 1
    this.options.onGap({
      code: 'exchange.reports.silent',
      message: `The stream of reports has not shown order ${clientOrderId}.`,
    })
    if (this.missed < deafAfter) return
    this.missed = 0
    this.options.onDeaf()
  }
}
