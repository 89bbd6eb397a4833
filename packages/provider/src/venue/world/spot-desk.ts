import { VenueError, type VenueParams, type VenueReply } from '../venue-world.js'
import { product, unitsOf } from './amount.js'
import { checkFilters } from './check-filters.js'
import type { MarketHall } from './market-hall.js'
import type { OrderCounts } from './order-counts.js'
import type { OrderDraft } from './order-draft.js'
import type { OrderLists } from './order-lists.js'
import type { OrderRegister } from './order-register.js'
import { quoteToQuantity } from './quote-to-quantity.js'
import { isSleeper, readClientId, readSpotOrder } from './read-spot-order.js'
import { integerIn, required } from './read-value.js'
import { canceledReply, placedReply } from './spot-rows.js'
import type { VenueOrder } from './venue-order.js'

export interface SpotDeskOptions {
  readonly hall: MarketHall
  readonly register: OrderRegister
  readonly lists: OrderLists
  readonly counts: (accountId: string) => OrderCounts
  readonly makeId: () => string
}

/** The acts on single spot orders. */
export class SpotDesk {
  constructor(private readonly options: SpotDeskOptions) {}

  place(accountId: string, params: VenueParams): VenueReply {
    const draft = this.read(params)
    return this.enter(accountId, draft)
  }

  /** Checks all that can be checked without the engine. */
  test(accountId: string, params: VenueParams): VenueReply {
    const draft = this.read(params)
    this.check(accountId, [draft])
    const wantsRates = params['computeCommissionRates'] === 'true'
    return wantsRates ? { standardCommissionForOrder: ratesOf(draft) } : {}
  }

  cancel(accountId: string, params: VenueParams): VenueReply {
    const { hall, makeId } = this.options
    const listed = hall.listed(params['symbol'])
    this.refuseClosed(listed.status)
    const order = this.find(accountId, listed.rules.id, params['orderId'], params['origClientOrderId'])
    if (order === undefined || !order.isLive) throw unknownOrder()
    refuseRestricted(order, params['cancelRestrictions'])
    const cancelId = readClientId(params['newClientOrderId'], 'newClientOrderId') ?? makeId()
    this.end(order, cancelId)
    return canceledReply(order, cancelId)
  }

  /** Cancels what is open in a symbol; a list among it replies as one. */
  cancelAll(accountId: string, params: VenueParams): readonly VenueReply[] {
    const { hall, register, makeId, lists } = this.options
    const listed = hall.listed(required(params, 'symbol'))
    this.refuseClosed(listed.status)
    const open = register
      .account(accountId)
      .live()
      .filter((it) => it.draft.listed === listed)
    if (open.length === 0) throw unknownOrder()
    const replies: VenueReply[] = []
    const cancelId = makeId()
    for (const order of open) {
      const { list } = order
      if (list === null) {
        register.cancel(order, cancelId)
        replies.push(canceledReply(order, cancelId))
      } else if (order.isLive) {
        lists.cancel(list, cancelId)
        replies.push({ ...list.row, orderReports: list.orders.map((it) => canceledReply(it, cancelId)) })
      }
    }
    return replies
  }

  /** Cancels one order and places another; `cancelReplaceMode` says whether a failed cancel stops the second. */
  cancelReplace(accountId: string, params: VenueParams): VenueReply {
    const mode = required(params, 'cancelReplaceMode')
    if (mode !== 'STOP_ON_FAILURE' && mode !== 'ALLOW_FAILURE') {
      throw new VenueError(-1128, 'Combination of optional parameters invalid.')
    }
    const draft = this.read(params)
    this.check(accountId, [draft])
    const cancelParams = pickCancel(params)
    const canceled = attempt(() => this.cancel(accountId, cancelParams))
    const isStopped = canceled instanceof VenueError && mode === 'STOP_ON_FAILURE'
    const placed = isStopped ? null : attempt(() => this.enter(accountId, draft))
    const data = {
      cancelResult: canceled instanceof VenueError ? 'FAILURE' : 'SUCCESS',
      newOrderResult: placed === null ? 'NOT_ATTEMPTED' : placed instanceof VenueError ? 'FAILURE' : 'SUCCESS',
      cancelResponse: worded(canceled),
      newOrderResponse: placed === null ? null : worded(placed),
    }
    if (data.cancelResult === 'SUCCESS' && data.newOrderResult === 'SUCCESS') return data
    const isWhole = data.cancelResult === 'FAILURE' && data.newOrderResult !== 'SUCCESS'
    if (isWhole) throw new VenueError(-2022, 'Order cancel-replace failed.', 400, data)
    throw new VenueError(-2021, 'Order cancel-replace partially failed.', 409, data)
  }

  /** Reads an order, and turns what it may spend into a quantity. */
  read(params: VenueParams): OrderDraft {
    const { hall, makeId } = this.options
    const listed = hall.listed(required(params, 'symbol'))
    const draft = readSpotOrder(listed, params, makeId)
    if (draft.quoteQuantity === null) return draft
    return { ...draft, quantity: quoteToQuantity(hall.engine, draft, draft.quoteQuantity) }
  }

  /** Refuses orders that status, filters, ids or counts do not let pass. */
  check(accountId: string, drafts: readonly OrderDraft[]): void {
    const { register, counts, hall } = this.options
    const records = register.account(accountId)
    const live = records.live()
    const ids = new Set<string>()
    for (const draft of drafts) {
      const { listed, clientOrderId } = draft
      if (listed.status !== 'TRADING') throw new VenueError(-1013, 'Market is closed.')
      const inSymbol = live.filter((it) => it.draft.listed === listed)
      const base = hall.engine.snapshot(accountId, 0).balances.find((it) => it.asset === listed.rules.base)
      checkFilters(draft, isSleeper(draft.type), {
        openOrders: inSymbol.length,
        sleepingOrders: inSymbol.filter((it) => isSleeper(it.draft.type)).length,
        held: unitsOf(base?.total ?? '0'),
        toBuy: inSymbol.filter((it) => it.draft.side === 'BUY').reduce((sum, it) => sum + it.remaining, 0n),
      })
      const isTaken = records.named(listed.rules.id, clientOrderId)?.isLive === true
      if (isTaken || ids.has(clientOrderId)) throw new VenueError(-2010, 'Duplicate order sent.')
      ids.add(clientOrderId)
    }
    counts(accountId).admit(drafts.length)
  }

  find(
    accountId: string,
    symbolId: string,
    orderId: string | undefined,
    clientOrderId: string | undefined,
  ): VenueOrder | undefined {
    const records = this.options.register.account(accountId)
    if (orderId === undefined && clientOrderId === undefined) {
      throw new VenueError(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!")
    }
    if (orderId === undefined) return records.named(symbolId, clientOrderId as string)
    const order = records.byOrderId(integerIn({ orderId }, 'orderId') as number)
    return order?.draft.listed.rules.id === symbolId ? order : undefined
  }

  private enter(accountId: string, draft: OrderDraft): VenueReply {
    this.check(accountId, [draft])
    const { register, counts } = this.options
    const order = register.make(accountId, draft)
    counts(accountId).add(1)
    try {
      register.enter(order, null)
    } catch (error) {
      counts(accountId).release(1)
      throw error
    }
    return placedReply(order)
  }

  /** Ends an order, and with it the list it belongs to. */
  private end(order: VenueOrder, cancelId: string): void {
    const { register, lists } = this.options
    if (order.list === null) register.cancel(order, cancelId)
    else lists.cancel(order.list, cancelId)
  }

  private refuseClosed(status: string): void {
    if (status === 'BREAK') throw new VenueError(-1013, 'Market is closed.')
  }
}

function refuseRestricted(order: VenueOrder, restriction: string | undefined): void {
  if (restriction === undefined) return
  const wanted = restriction === 'ONLY_NEW' ? 'NEW' : 'PARTIALLY_FILLED'
  if (order.status !== wanted) throw new VenueError(-2011, 'Order was not canceled due to cancel restrictions.')
}

export function unknownOrder(): VenueError {
  return new VenueError(-2011, 'Unknown order sent.')
}

function pickCancel(params: VenueParams): VenueParams {
  const { symbol, cancelOrderId, cancelOrigClientOrderId, cancelNewClientOrderId, cancelRestrictions } = params
  return {
    ...(symbol === undefined ? {} : { symbol }),
    ...(cancelOrderId === undefined ? {} : { orderId: cancelOrderId }),
    ...(cancelOrigClientOrderId === undefined ? {} : { origClientOrderId: cancelOrigClientOrderId }),
    ...(cancelNewClientOrderId === undefined ? {} : { newClientOrderId: cancelNewClientOrderId }),
    ...(cancelRestrictions === undefined ? {} : { cancelRestrictions }),
  }
}

function attempt(run: () => VenueReply): VenueReply | VenueError {
  try {
    return run()
  } catch (error) {
    if (error instanceof VenueError) return error
    throw error
  }
}

function worded(result: VenueReply | VenueError): VenueReply {
  return result instanceof VenueError ? { code: result.code, msg: result.msg } : result
}

function ratesOf({ listed }: OrderDraft): VenueReply {
  return { maker: rateText(listed.rules.instrument.makerFeeBps), taker: rateText(listed.rules.instrument.takerFeeBps) }
}

/** Basis points as the share the wire shows. */
export function rateText(bps: string): string {
  const share = product(unitsOf(bps), unitsOf('0.0001'))
  return `0.${share.toString().padStart(8, '0')}`
}
