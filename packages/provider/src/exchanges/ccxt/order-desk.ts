import { decimal, isFinal, type Order, type Reason } from '@barfinex/core'
import { RecentIds } from '../../market/recent-ids.js'
import type { OrderRecord, ReportSink } from '../exchange.js'
import { refusal } from '../matching/order-refusal.js'
import type { AccountRecords } from './account-records.js'
import { endingReason } from './ending-reason.js'
import type { ExchangeTime } from './exchange-time.js'
import type { Listings } from './listings.js'
import { orderParams, refuseForm } from './order-form.js'
import type { OrderNames } from './order-names.js'
import { refusalReason } from './refusal-reason.js'
import { canceledReply, type PlacedReply, placedReply } from './reply-schemas.js'
import { RequestFault } from './request-fault.js'
import type { Rest } from './rest.js'

export interface OrderDeskOptions {
  readonly time: ExchangeTime
  readonly rest: Rest
  readonly listings: Listings
  readonly names: OrderNames
  readonly records: AccountRecords
  readonly tell: ReportSink
  /** The exchange has taken an order: the stream of reports has to show it, too. */
  readonly onTaken: (clientOrderId: string) => void
  /** The exchange has refused what its rules, as they are known here, allow. Resolves when they have been read again. */
  readonly onDoubt: () => Promise<void>
}

/** Ids remembered to refuse one that is used twice. */
const rememberedIds = 20_000
/** A cut order is sent only so long after the whole one was handed over, in milliseconds; {@link latestArrivalMs} counts with it. */
export const secondTryMs = 4_000
const unknownOrder = -2011
/** Refusals that the rules known here should have spared. */
const rulesMayHaveChanged: ReadonlySet<string> = new Set([
  'exchange.order.instrument-halted',
  'exchange.order.off-tick',
  'exchange.order.off-step',
  'exchange.order.below-min-notional',
  'exchange.order.filter',
])
const dayMs = 86_400_000

/**
 * Sends orders and cancels, each once, and says what the reply makes of them. A reply that is missing, broken or unclear makes
 * them `uncertain`, whatever it was that failed.
 */
export class OrderDesk {
  private readonly sent = new RecentIds(rememberedIds)
  /** Orders of which less was sent than was asked for, because less was there to reduce. */
  private readonly cut = new Set<string>()
  /** Cancels of ours on their way or done. */
  private readonly canceling = new RecentIds(rememberedIds)

  constructor(private readonly options: OrderDeskOptions) {}

  submit(order: Order): void {
    const { clientOrderId, symbol } = order
    const rules = this.options.listings.rulesOf(symbol)
    const reason =
      rules === undefined
        ? refusal('exchange.order.unknown-symbol', `${symbol} is not traded here.`)
        : this.sent.has(clientOrderId)
          ? refusal('exchange.order.duplicate-id', `Order ${clientOrderId} has been sent already.`)
          : refuseForm(order, rules)
    if (reason !== null) {
      this.reject(order, reason)
      return
    }
    this.sent.add(clientOrderId)
    void this.place(order, order.quantity, this.options.time.now())
  }

  cancel(clientOrderId: string, symbol: string): void {
    this.canceling.add(clientOrderId)
    void this.takeBack(clientOrderId, symbol)
  }

  /** True when the end of this order was asked for here. */
  isCanceling(clientOrderId: string): boolean {
    return this.canceling.has(clientOrderId)
  }

  /** True when less of it was sent than was asked for. */
  isCut(clientOrderId: string): boolean {
    return this.cut.has(clientOrderId)
  }

  private async place(order: Order, quantity: string, begunAt: number): Promise<void> {
    const { rest, listings } = this.options
    const { symbol, purpose } = order
    const marketId = listings.of(symbol)?.marketId ?? symbol
    const urgency = purpose === 'entry' ? 'normal' : 'urgent'
    const sent = rest.call('placeOrder', placedReply, orderParams(order, marketId, quantity), urgency)
    const reply = await sent.catch(faultOf)
    if (!(reply instanceof RequestFault)) this.taken(order, reply)
    else if (reply.kind === 'unclear') this.doubt(order, reply)
    else await this.refused(order, quantity, begunAt, refusalReason(reply))
  }

  private taken(order: Order, reply: PlacedReply): void {
    const { names, tell, onTaken } = this.options
    const { clientOrderId, symbol } = order
    const about = { clientOrderId, exchangeOrderId: reply.orderId, symbol, occurredAt: reply.transactTime }
    names.add(symbol, reply.orderId, clientOrderId)
    tell({ type: 'accepted', reason: null, ...about })
    for (const fill of reply.fills) {
      tell({
        type: 'fill',
        ...about,
        tradeId: fill.tradeId,
        price: fill.price,
        quantity: fill.qty,
        fee: fill.commission,
        feeAsset: fill.commissionAsset,
        // What fills before the reply has taken what was there.
        liquidity: 'taker',
      })
    }
    const { status } = reply
    if (status === 'EXPIRED' || status === 'EXPIRED_IN_MATCH') {
      const kind = order.type === 'market' ? 'MARKET' : 'LIMIT'
      const reason = endingReason(status, kind, order.timeInForce.toUpperCase(), null)
      tell({ type: 'expired', reason, filledQuantity: reply.executedQty, ...about })
    }
    if (status === 'FILLED' && this.cut.has(clientOrderId)) {
      tell({ type: 'canceled', reason: nothingLeft, ...about })
    }
    onTaken(clientOrderId)
  }

  private async refused(order: Order, quantity: string, begunAt: number, reason: Reason): Promise<void> {
    if (reason.code === 'exchange.order.duplicate-id') return this.adopt(order)
    const isFirst = quantity === order.quantity
    if (order.reduceOnly && isFirst && reason.code === 'exchange.order.insufficient-funds') {
      return this.reduce(order, begunAt, reason)
    }
    // Whoever hears of the refusal tries again at once: by then the newest rules should be known.
    if (rulesMayHaveChanged.has(reason.code)) await this.options.onDoubt()
    this.reject(order, reason)
  }

  /** The exchange holds an order of this id that we have no reply about: it is ours, and its record says how it is. */
  private async adopt(order: Order): Promise<void> {
    const { records, tell } = this.options
    const { clientOrderId, symbol } = order
    const record = await records.order(clientOrderId, symbol).catch(faultOf)
    if (record === null || record instanceof RequestFault) {
      this.doubt(
        order,
        record ?? new RequestFault('unclear', null, 'The exchange has the order and does not show it yet.'),
      )
      return
    }
    tell({
      type: 'accepted',
      clientOrderId,
      exchangeOrderId: record.exchangeOrderId,
      symbol,
      reason: null,
      occurredAt: record.updatedAt,
    })
    await this.tellRecord(record)
  }

  /** What a record shows beyond an order that rests: fills, and its end. */
  private async tellRecord(record: OrderRecord): Promise<void> {
    const { records, tell } = this.options
    const { clientOrderId, exchangeOrderId, symbol, state, updatedAt } = record
    if (!decimal(record.filledQuantity).isZero) {
      // When they cannot be read now, the next comparison with the exchange finds them.
      const fills = await records.fills(symbol, updatedAt - dayMs).catch(() => [])
      for (const fill of fills) if (fill.clientOrderId === clientOrderId) tell(fill)
    }
    if (state === 'canceled' || state === 'expired' || state === 'rejected') {
      const { filledQuantity } = record
      tell({ type: state, clientOrderId, exchangeOrderId, symbol, reason: null, filledQuantity, occurredAt: updatedAt })
    }
  }

  /**
   * More than is held was to be sold, and the exchange took nothing. On a spot market there is no reduce-only order: it is made
   * here, by asking what is there and selling that. Where enough is held and other orders have locked it, a smaller stop would only
   * look like the whole one: it is refused, so that they can make way. Whatever leaves a position sells what is free: an order of
   * the owner's may never make way, and what is left is asked for again.
   */
  private async reduce(order: Order, begunAt: number, reason: Reason): Promise<void> {
    const { records, listings } = this.options
    const rules = listings.rulesOf(order.symbol)
    const account = await records.account('urgent').catch(() => null)
    const balance = account?.balances.find((it) => it.asset === rules?.instrument.base)
    // Nothing was taken so far; without knowing how much there is to sell, nothing is sent.
    if (rules === undefined || balance === undefined) {
      this.reject(order, reason)
      return
    }
    const free = decimal(balance.free)
    const isStop = order.purpose === 'stop'
    const quantity = (isStop ? free.plus(decimal(balance.locked)) : free).roundTo(rules.step, 'towardZero')
    const isLocked = free.lessThan(quantity)
    if (isLocked || quantity.lessThan(rules.minQuantity) || !quantity.lessThan(decimal(order.quantity))) {
      this.reject(order, reason)
      return
    }
    // Whoever handed the order over counts from then until it can no longer arrive.
    if (this.options.time.now() - begunAt > secondTryMs) {
      this.reject(order, reason)
      return
    }
    this.cut.add(order.clientOrderId)
    await this.place(order, quantity.toString(), begunAt)
  }

  private async takeBack(clientOrderId: string, symbol: string): Promise<void> {
    const { rest, listings, names, tell, time } = this.options
    const listing = listings.of(symbol)
    if (listing === undefined) {
      this.keep(clientOrderId, symbol, refusal('exchange.order.unknown-symbol', `${symbol} is not traded here.`))
      return
    }
    const params = { symbol: listing.marketId, origClientOrderId: clientOrderId }
    const reply = await rest.call('cancelOrder', canceledReply, params, 'urgent').catch(faultOf)
    if (!(reply instanceof RequestFault)) {
      names.add(symbol, reply.orderId, clientOrderId)
      tell({
        type: 'canceled',
        clientOrderId,
        exchangeOrderId: reply.orderId,
        symbol,
        reason: null,
        filledQuantity: reply.executedQty,
        occurredAt: reply.transactTime ?? time.now(),
      })
    } else if (reply.kind === 'unclear') {
      tell({
        type: 'uncertain',
        clientOrderId,
        symbol,
        action: 'cancel',
        reason: { code: 'exchange.request.unclear', message: reply.message },
        occurredAt: time.now(),
      })
    } else if (reply.code === unknownOrder) await this.tooLate(clientOrderId, symbol, reply)
    else this.keep(clientOrderId, symbol, refusalReason(reply))
  }

  /** There was nothing to cancel: it has ended already, or never was. What its record shows may not have been heard. */
  private async tooLate(clientOrderId: string, symbol: string, fault: RequestFault): Promise<void> {
    const record = await this.options.records.order(clientOrderId, symbol).catch(() => null)
    if (record === null || !isFinal(record.state)) {
      this.keep(clientOrderId, symbol, refusalReason(fault))
      return
    }
    await this.tellRecord(record)
    const message = `The cancel came too late: the order is ${record.state}.`
    this.keep(clientOrderId, symbol, refusal('exchange.order.already-final', message))
  }

  /** A cancel came to nothing. */
  private keep(clientOrderId: string, symbol: string, reason: Reason): void {
    const { tell, time } = this.options
    tell({ type: 'cancelRejected', clientOrderId, symbol, reason, occurredAt: time.now() })
  }

  private reject({ clientOrderId, symbol }: Order, reason: Reason): void {
    const { tell, time } = this.options
    tell({ type: 'rejected', clientOrderId, exchangeOrderId: null, symbol, reason, occurredAt: time.now() })
  }

  private doubt({ clientOrderId, symbol }: Order, fault: RequestFault): void {
    const { tell, time } = this.options
    tell({
      type: 'uncertain',
      clientOrderId,
      symbol,
      action: 'submit',
      reason: { code: 'exchange.request.unclear', message: fault.message },
      occurredAt: time.now(),
    })
  }
}

/** The rest of a cut order. */
export const nothingLeft = refusal('exchange.order.nothing-to-reduce', 'All that was held has been sold.')

/** A defect of ours between sending and understanding leaves the fate as unknown as a lost reply. */
function faultOf(error: unknown): RequestFault {
  if (error instanceof RequestFault) return error
  return new RequestFault('unclear', null, error instanceof Error ? error.message : 'Unknown failure.')
}
