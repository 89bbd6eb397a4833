import type { VenueReply, VenueTrueOrder } from '../venue-world.js'
import { amountText, type Units } from './amount.js'
import type { OrderDraft } from './order-draft.js'
import type { OrderList } from './order-list.js'
import { Timeline } from './timeline.js'

export type OrderStatus =
  | 'PENDING_NEW'
  | 'NEW'
  | 'PARTIALLY_FILLED'
  | 'FILLED'
  | 'CANCELED'
  | 'REJECTED'
  | 'EXPIRED'
  | 'EXPIRED_IN_MATCH'

/** One fill of one of the account's orders. */
export interface OwnTrade {
  readonly tradeId: number
  readonly order: VenueOrder
  readonly price: Units
  readonly quantity: Units
  readonly quote: Units
  readonly commission: string
  readonly commissionAsset: string
  readonly isMaker: boolean
  /** What closing a contract brought, in its quote; 0 on spot. */
  readonly realized: Units
  readonly time: number
}

const liveStatuses: readonly OrderStatus[] = ['PENDING_NEW', 'NEW', 'PARTIALLY_FILLED']

/** One order of one account, from its acceptance to the end of the venue. */
export class VenueOrder {
  status: OrderStatus = 'NEW'
  executed: Units = 0n
  /** Price times quantity of all fills. */
  paid: Units = 0n
  /** True once it stands in the book or has taken from it; a stop that sleeps is not working. */
  isWorking = false
  workingTime = -1
  updatedAt: number
  list: OrderList | null = null
  /** The order that had this client id before. */
  before: VenueOrder | undefined
  readonly trades: OwnTrade[] = []
  /** What the reads know of it. */
  readonly timeline = new Timeline<VenueReply>()

  constructor(
    readonly accountId: string,
    readonly orderId: number,
    readonly draft: OrderDraft,
    readonly placedAt: number,
  ) {
    this.updatedAt = placedAt
  }

  get engineId(): string {
    return String(this.orderId)
  }

  get isLive(): boolean {
    return liveStatuses.includes(this.status)
  }

  get listId(): number {
    return this.list?.id ?? -1
  }

  get remaining(): Units {
    return this.draft.quantity - this.executed
  }

  get truth(): VenueTrueOrder {
    const { draft } = this
    return {
      market: draft.listed.rules.market,
      symbol: draft.listed.rules.id,
      orderId: this.orderId,
      orderListId: this.listId,
      clientOrderId: draft.clientOrderId,
      side: draft.side,
      type: draft.type,
      status: this.status,
      price: amountText(draft.price ?? 0n),
      stopPrice: amountText(draft.stopPrice ?? 0n),
      quantity: amountText(draft.quantity),
      executedQuantity: amountText(this.executed),
      reduceOnly: draft.reduceOnly,
      placedAt: this.placedAt,
      updatedAt: this.updatedAt,
      isOpen: this.isLive,
    }
  }
}
