import type { Order } from '@barfinex/core'
import { RecentIds } from '../market/recent-ids.js'

/** Orders remembered for finding duplicates. */
const remembered = 50_000

/**
 * Counts orders that should not exist twice: a second one for the same intent, purpose and attempt, and a second entry for an
 * intent whose first one has not ended unfilled.
 */
export class OrderCount {
  private readonly slots = new RecentIds(remembered)
  private readonly entries = new Map<string, string>()
  private count = 0

  /** `endedUnfilled` says whether an earlier order came to nothing. */
  constructor(private readonly endedUnfilled: (clientOrderId: string) => boolean) {}

  get duplicates(): number {
    return this.count
  }

  add(order: Order): void {
    const slot = `${order.intentId} ${order.purpose} ${order.attempt}`
    const earlier = order.purpose === 'entry' ? this.entries.get(order.intentId) : undefined
    if (this.slots.has(slot) || (earlier !== undefined && !this.endedUnfilled(earlier))) this.count += 1
    this.slots.add(slot)
    if (order.purpose !== 'entry') return
    this.entries.set(order.intentId, order.clientOrderId)
    if (this.entries.size <= remembered) return
    for (const oldest of this.entries.keys()) {
      this.entries.delete(oldest)
      break
    }
  }
}
