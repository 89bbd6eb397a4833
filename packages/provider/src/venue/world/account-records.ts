import type { Clock } from '@barfinex/core'
import { Timeline } from './timeline.js'
import type { OwnTrade, VenueOrder } from './venue-order.js'

/** One asset of an account as the reads see it. */
export interface AssetBalance {
  readonly asset: string
  readonly free: string
  readonly locked: string
  readonly total: string
}

/** A final order still shows as open for a reader who lags: so long its last change is looked at. */
const longestLagMs = 60_000

/** All that one account has ever done on one market. */
export class AccountRecords {
  readonly orders: VenueOrder[] = []
  readonly trades: { readonly trade: OwnTrade; readonly visibleAt: number }[] = []
  readonly balances = new Timeline<readonly AssetBalance[]>()
  private readonly byId = new Map<number, VenueOrder>()
  private readonly byClientId = new Map<string, VenueOrder>()
  private readonly recent = new Set<VenueOrder>()

  constructor(
    readonly id: string,
    private readonly clock: Clock,
    private readonly lagMs: () => number,
  ) {}

  add(order: VenueOrder): void {
    this.orders.push(order)
    this.byId.set(order.orderId, order)
    this.byClientId.set(keyOf(order), order)
    this.recent.add(order)
  }

  /** Takes back an order that the engine has refused. Only ever the newest one of its id. */
  remove(order: VenueOrder): void {
    this.orders.splice(this.orders.lastIndexOf(order), 1)
    this.byId.delete(order.orderId)
    if (order.before === undefined) this.byClientId.delete(keyOf(order))
    else this.byClientId.set(keyOf(order), order.before)
    this.recent.delete(order)
  }

  addTrade(trade: OwnTrade): void {
    const last = this.trades.at(-1)?.visibleAt ?? 0
    this.trades.push({ trade, visibleAt: Math.max(last, this.visibleFrom()) })
  }

  byOrderId(orderId: number): VenueOrder | undefined {
    return this.byId.get(orderId)
  }

  /** The newest order of this client id. */
  named(symbolId: string, clientOrderId: string): VenueOrder | undefined {
    return this.byClientId.get(`${symbolId}/${clientOrderId}`)
  }

  /** Orders that live, in the order in which they came. */
  live(): readonly VenueOrder[] {
    return this.recentOrders().filter((order) => order.isLive)
  }

  /** Orders that live, or did a moment ago. */
  recentOrders(): readonly VenueOrder[] {
    const since = this.clock.now() - longestLagMs
    for (const order of this.recent) if (!order.isLive && order.timeline.settledAt < since) this.recent.delete(order)
    return [...this.recent]
  }

  /** From when on the reads may see what happens now. */
  visibleFrom(): number {
    return this.clock.now() + this.lagMs()
  }
}

function keyOf(order: VenueOrder): string {
  return `${order.draft.listed.rules.id}/${order.draft.clientOrderId}`
}
