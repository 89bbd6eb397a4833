import type { VenueReply } from '../venue-world.js'
import type { OrderList } from './order-list.js'
import type { OrderRegister } from './order-register.js'
import { rejectReasonOf } from './refusals.js'
import type { VenueOrder } from './venue-order.js'

export interface OrderListsOptions {
  readonly register: OrderRegister
  readonly makeId: () => string
  /** Tells the owner that a list has changed. */
  readonly tell: (list: OrderList) => void
}

/** Moves lists on: starts what waits for a fill, ends what an ended order leaves behind, and says when all is done. */
export class OrderLists {
  constructor(private readonly options: OrderListsOptions) {}

  /** Called with each order that something has happened to. */
  progress(order: VenueOrder): void {
    const { list } = order
    if (list === null || list.listStatusType === 'ALL_DONE') return
    if (list.pending.length > 0 && order === list.orders[0] && !order.isLive) {
      if (order.status === 'FILLED') this.start(list)
      else this.drop(list, order.status === 'CANCELED')
    }
    if (order.status === 'CANCELED' || order.status === 'REJECTED') this.endOthers(list)
    if (!list.isDone) return
    list.listStatusType = 'ALL_DONE'
    this.options.tell(list)
  }

  /** Cancels all that still lives of a list. */
  cancel(list: OrderList, cancelId: string): void {
    for (const order of list.orders) {
      if (order.status === 'PENDING_NEW') this.options.register.end(order, 'CANCELED', { type: 'CANCELED', cancelId })
      else if (order.isLive) this.options.register.cancel(order, cancelId)
    }
    list.pending = []
    this.options.register.settle()
  }

  /** The working order is filled whole: its children come to life. */
  private start(list: OrderList): void {
    const { register } = this.options
    const children = list.pending
    list.pending = []
    const group = children.length > 1 ? `list-${list.id}` : null
    for (const child of children) {
      if (child.status !== 'PENDING_NEW') continue
      const refused = register.submit(child, group)
      if (refused !== null) register.end(child, 'REJECTED', { type: 'REJECTED', reason: rejectReasonOf(refused) })
    }
    register.settle()
  }

  private drop(list: OrderList, isByHand: boolean): void {
    const { register, makeId } = this.options
    for (const child of list.pending) {
      if (isByHand) register.end(child, 'CANCELED', { type: 'CANCELED', cancelId: makeId() })
      else register.end(child, 'EXPIRED', { type: 'EXPIRED' })
    }
    list.pending = []
    register.settle()
  }

  /** One leg of a pair was taken away or refused: the other one goes, too. */
  private endOthers(list: OrderList): void {
    const { register, makeId } = this.options
    for (const order of list.orders) {
      if (order.status === 'PENDING_NEW') register.end(order, 'CANCELED', { type: 'CANCELED', cancelId: makeId() })
      else if (order.isLive) register.cancel(order, makeId())
    }
    list.pending = []
    register.settle()
  }
}

/** The event `listStatus`. */
export function listStatusEvent(list: OrderList, time: number): VenueReply {
  return {
    e: 'listStatus',
    E: time,
    s: list.symbol,
    g: list.id,
    c: list.contingencyType,
    l: list.listStatusType,
    L: list.listOrderStatus,
    r: 'NONE',
    C: list.clientId,
    T: time,
    O: list.orders.map((order) => ({ s: list.symbol, i: order.orderId, c: order.draft.clientOrderId })),
  }
}
