import { type Clock, isResting, type Log, type Reason } from '@barfinex/core'
import type { AccountSnapshot } from '../exchanges/exchange.js'
import type { InFlight } from './in-flight.js'
import type { Incidents } from './incidents.js'
import type { Ledger } from './ledger.js'
import type { TrackedOrder } from './tracked-order.js'

export interface ForgottenOrdersOptions {
  readonly clock: Clock
  readonly log: Log
  readonly ledger: Ledger
  readonly inFlight: InFlight
  readonly incidents: Incidents
  /** So long after an order or its cancel was sent the exchange's records show what became of it, in milliseconds. */
  readonly absenceMs: number
}

/** An order counts as forgotten when so many comparisons in a row have found nothing of it. */
const forgottenAfter = 2

/**
 * Orders that the exchange has acknowledged and knows nothing of any more: neither among the open ones nor in its records. They work no
 * longer; as long as they counted, nothing else could sell or protect what they were to. Found so by two comparisons in a row, such an
 * order counts as expired. An order that was never acknowledged is not looked at here: it may still arrive.
 */
export class ForgottenOrders {
  /** How often in a row nothing was found. */
  private missing = new Map<string, number>()

  constructor(private readonly options: ForgottenOrdersOptions) {}

  /** Looks up the orders that a snapshot does not show. Throws when the exchange is silent. */
  async seek({ openOrders }: AccountSnapshot): Promise<void> {
    const { ledger, inFlight } = this.options
    const shown = new Set(openOrders.map((it) => it.clientOrderId))
    const missing = new Map<string, number>()
    for (const { order } of ledger.openOrders.filter((it) => !shown.has(it.order.clientOrderId) && this.isDue(it))) {
      const { clientOrderId } = order
      if ((await inFlight.look(clientOrderId)) !== 'absent') continue
      missing.set(clientOrderId, (this.missing.get(clientOrderId) ?? 0) + 1)
    }
    this.missing = missing
    for (const [clientOrderId, times] of missing) {
      if (times >= forgottenAfter) await this.giveUp(clientOrderId)
    }
  }

  /** Whether it should be among the open orders. */
  private isDue({ state, isAcknowledged, cancelAt }: TrackedOrder): boolean {
    if (isResting(state)) return true
    return state === 'pendingCancel' && isAcknowledged && cancelAt !== null && this.isLongAgo(cancelAt)
  }

  private isLongAgo(at: number): boolean {
    return this.options.clock.now() - at >= this.options.absenceMs
  }

  private async giveUp(clientOrderId: string): Promise<void> {
    const { ledger, inFlight, incidents, log } = this.options
    const order = ledger.find(clientOrderId)
    // Records may lag behind an order that is new.
    if (order === undefined || !order.isAcknowledged || !this.isLongAgo(order.submittedAt)) return
    const { symbol } = order.order
    await inFlight.backfill(symbol, order.submittedAt)
    // What has been heard of it meanwhile counts.
    if (ledger.find(clientOrderId)?.state !== order.state) return
    const message = `The exchange had taken order ${clientOrderId} and knows nothing of it any more: it counts as expired. Look at the exchange.`
    const reason: Reason = { code: 'order.resolve.forgotten', message }
    log.warn(message, { code: reason.code, clientOrderId })
    this.missing.delete(clientOrderId)
    ledger.forgotten(clientOrderId, reason)
    incidents.raise('warning', reason, [clientOrderId], symbol)
  }
}
