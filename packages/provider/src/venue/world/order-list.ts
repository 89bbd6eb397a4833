import type { VenueReply } from '../venue-world.js'
import { Timeline } from './timeline.js'
import type { VenueOrder } from './venue-order.js'

/** Orders that depend on each other: one cancels the other (OCO), one waits for the other (OTO), or both. */
export class OrderList {
  listStatusType: 'EXEC_STARTED' | 'UPDATED' | 'ALL_DONE' = 'EXEC_STARTED'
  readonly orders: VenueOrder[] = []
  /** Orders that come to life when the first one is filled whole. */
  pending: VenueOrder[] = []
  readonly timeline = new Timeline<VenueReply>()

  constructor(
    readonly id: number,
    readonly accountId: string,
    readonly symbol: string,
    readonly contingencyType: 'OCO' | 'OTO',
    readonly clientId: string,
    readonly placedAt: number,
  ) {}

  get isDone(): boolean {
    return this.orders.every((order) => !order.isLive)
  }

  /** As the wire shows it, without the orders' own reports. */
  get row(): VenueReply {
    return {
      orderListId: this.id,
      contingencyType: this.contingencyType,
      listStatusType: this.listStatusType,
      listOrderStatus: this.listOrderStatus,
      listClientOrderId: this.clientId,
      transactionTime: this.placedAt,
      symbol: this.symbol,
      orders: this.orders.map((order) => ({
        symbol: this.symbol,
        orderId: order.orderId,
        clientOrderId: order.draft.clientOrderId,
      })),
    }
  }

  get listOrderStatus(): 'EXECUTING' | 'ALL_DONE' {
    return this.listStatusType === 'ALL_DONE' ? 'ALL_DONE' : 'EXECUTING'
  }
}
