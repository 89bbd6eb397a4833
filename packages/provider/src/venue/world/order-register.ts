import type { Clock, Reason } from '@barfinex/core'
import type { MatchingEvent } from '../../exchanges/matching/matching-event.js'
import { VenueError, type VenueReply } from '../venue-world.js'
import { AccountRecords } from './account-records.js'
import { product, type Units, unitsOf } from './amount.js'
import { engineOrder } from './engine-order.js'
import type { MarketHall, OrderOwner } from './market-hall.js'
import type { OrderDraft } from './order-draft.js'
import type { PublicTrade } from './public-trades.js'
import { isSleeper } from './read-spot-order.js'
import { wordedRefusal } from './refusals.js'
import { type OrderStatus, type OwnTrade, VenueOrder } from './venue-order.js'

/** What has happened to an order, `x` of the report. */
export interface Execution {
  readonly type: 'NEW' | 'CANCELED' | 'REJECTED' | 'TRADE' | 'EXPIRED' | 'TRADE_PREVENTION'
  readonly trade?: OwnTrade
  /** Why it expired or was rejected; else `NONE`. */
  readonly reason?: string
  /** The client id of the cancel. */
  readonly cancelId?: string
}

/** An order as it was right after an execution: reports go out later, when it may have moved on. */
export interface Moment {
  readonly status: OrderStatus
  readonly executed: Units
  readonly paid: Units
  readonly isWorking: boolean
  readonly workingTime: number
  readonly time: number
}

interface Report {
  readonly order: VenueOrder
  readonly execution: Execution
  readonly moment: Moment
}

/** Words what happens to orders on the wire of one market. */
export interface OrderVoice {
  row(order: VenueOrder): VenueReply
  report(order: VenueOrder, execution: Execution, moment: Moment): void
  /** Called once after all reports of an act, with the orders they were about: lists move on, balances are told. */
  settled(orders: readonly VenueOrder[]): void
}

/** The orders of all accounts on one market: it hands them to the engine and keeps what becomes of them. */
export class OrderRegister implements OrderOwner {
  readonly accounts = new Map<string, AccountRecords>()
  private readonly byEngineId = new Map<string, VenueOrder>()
  private readonly cancelIds = new Map<string, string>()
  /** Orders that the venue itself is ending. */
  private readonly expiring = new Set<string>()
  private queue: Report[] = []
  private nextOrderId = 1
  private refusal: Reason | null = null
  private isSilent = false
  private isHeld = false
  private readonly realizedBefore = new Map<string, Units>()

  constructor(
    private readonly hall: MarketHall,
    private readonly market: 'spot' | 'usdm',
    private readonly clock: Clock,
    private readonly now: () => number,
    private readonly lagMs: () => number,
    private readonly voice: () => OrderVoice,
  ) {}

  /** Opens an account; its balances follow from deposits. */
  openAccount(id: string): AccountRecords {
    const records = new AccountRecords(id, this.clock, this.lagMs)
    this.accounts.set(id, records)
    return records
  }

  account(id: string): AccountRecords {
    const records = this.accounts.get(id)
    if (records === undefined) throw new VenueError(-2015, 'Invalid API-key, IP, or permissions for action.', 401)
    return records
  }

  /** Makes an order that the engine has not seen. It is kept only once {@link enter} or {@link keep} takes it. */
  make(accountId: string, draft: OrderDraft): VenueOrder {
    const order = new VenueOrder(accountId, this.nextOrderId, draft, this.now())
    this.nextOrderId += 1
    return order
  }

  /** Hands an order to the engine. Throws what the wire says when it is refused, and then nothing has happened. */
  enter(order: VenueOrder, group: string | null): void {
    const records = this.account(order.accountId)
    const before = records.named(order.draft.listed.rules.id, order.draft.clientOrderId)
    order.before = before
    records.add(order)
    const refused = this.submit(order, group)
    if (refused === null) return
    records.remove(order)
    this.byEngineId.delete(order.engineId)
    throw wordedRefusal(this.market, refused)
  }

  /** Keeps an order that waits for another one. */
  keep(order: VenueOrder): void {
    order.status = 'PENDING_NEW'
    this.account(order.accountId).add(order)
    this.change(order, { type: 'NEW' })
  }

  /** Hands over an order that is kept already; the reason when the engine refuses it. */
  submit(order: VenueOrder, group: string | null): Reason | null {
    this.byEngineId.set(order.engineId, order)
    this.refusal = null
    this.hall.submit(order.draft.listed, order.accountId, engineOrder(order.draft, order.engineId, group))
    const refused = this.refusal
    this.refusal = null
    return refused
  }

  /** Cancels at the engine; the report names the cancel by `cancelId`. */
  cancel(order: VenueOrder, cancelId: string): void {
    this.cancelIds.set(order.engineId, cancelId)
    this.hall.cancel(order.draft.listed, order.accountId, order.engineId)
    this.cancelIds.delete(order.engineId)
  }

  /** Ends an order that is open by nobody's request: the venue's own doing, or that of a hand outside. */
  revoke(order: VenueOrder, as: 'CANCELED' | 'EXPIRED'): void {
    if (order.status === 'PENDING_NEW') {
      this.end(order, as, { type: as })
      this.settle()
      return
    }
    if (as === 'EXPIRED') this.expiring.add(order.engineId)
    this.hall.cancel(order.draft.listed, order.accountId, order.engineId)
    this.expiring.delete(order.engineId)
  }

  /** Runs acts of which the reports wait until all have succeeded; a throw drops nothing that {@link undo} has not dropped. */
  together(run: () => void): void {
    this.isHeld = true
    try {
      run()
    } finally {
      this.isHeld = false
    }
    this.settle()
  }

  /** Takes back an order entered in the same {@link together}, as if it had never been there. */
  undo(order: VenueOrder): void {
    this.isSilent = true
    this.hall.cancel(order.draft.listed, order.accountId, order.engineId)
    this.isSilent = false
    this.queue = this.queue.filter((it) => it.order !== order)
    this.account(order.accountId).remove(order)
    this.byEngineId.delete(order.engineId)
  }

  /** Ends an order that the engine does not have. */
  end(order: VenueOrder, status: OrderStatus, execution: Execution): void {
    order.status = status
    this.change(order, execution)
  }

  isBuy(engineId: string): boolean {
    return this.byEngineId.get(engineId)?.draft.side === 'BUY'
  }

  take(event: MatchingEvent, trade: PublicTrade | null): void {
    if (event.type === 'rejected') {
      this.refusal = event.reason
      return
    }
    const order = this.byEngineId.get(event.clientOrderId)
    if (order === undefined || event.type === 'cancelRejected' || this.isSilent) return
    switch (event.type) {
      case 'accepted':
        order.status = 'NEW'
        if (!isSleeper(order.draft.type)) this.work(order)
        this.change(order, { type: 'NEW' })
        break
      case 'triggered':
        this.work(order)
        this.change(order, { type: 'NEW' })
        break
      case 'fill':
        this.fill(order, event, trade as PublicTrade)
        break
      case 'canceled':
      case 'expired':
        this.finish(order, event.type, event.reason)
    }
  }

  settle(): void {
    if (this.isHeld || this.queue.length === 0) return
    const told = this.queue
    this.queue = []
    for (const { order, execution, moment } of told) this.voice().report(order, execution, moment)
    this.voice().settled([...new Set(told.map((it) => it.order))])
  }

  private work(order: VenueOrder): void {
    order.isWorking = true
    order.workingTime = this.now()
  }

  private fill(order: VenueOrder, event: Extract<MatchingEvent, { type: 'fill' }>, seen: PublicTrade): void {
    const price = unitsOf(event.price)
    const quantity = unitsOf(event.quantity)
    const quote = product(price, quantity)
    const trade: OwnTrade = {
      tradeId: seen.id,
      order,
      price,
      quantity,
      quote,
      commission: event.fee,
      commissionAsset: event.feeAsset,
      isMaker: event.liquidity === 'maker',
      realized: this.takeRealized(order),
      time: this.now(),
    }
    order.executed += quantity
    order.paid += quote
    order.trades.push(trade)
    order.status = order.executed >= order.draft.quantity ? 'FILLED' : 'PARTIALLY_FILLED'
    this.account(order.accountId).addTrade(trade)
    this.change(order, { type: 'TRADE', trade })
  }

  /** What has been realised in the contract since it was last asked. */
  private takeRealized(order: VenueOrder): Units {
    if (this.market === 'spot') return 0n
    const { symbol } = order.draft.listed.rules
    const key = `${order.accountId}/${symbol}`
    const now = unitsOf(this.hall.engine.realizedPnl(order.accountId, symbol))
    const before = this.realizedBefore.get(key) ?? 0n
    this.realizedBefore.set(key, now)
    return now - before
  }

  private finish(order: VenueOrder, ended: 'canceled' | 'expired', reason: Reason | null): void {
    if (ended === 'canceled' && reason === null && !this.expiring.has(order.engineId)) {
      order.status = 'CANCELED'
      const cancelId = this.cancelIds.get(order.engineId)
      const execution = { type: 'CANCELED' } as const
      this.change(order, cancelId === undefined ? execution : { ...execution, cancelId })
      return
    }
    const isSelfTrade = reason?.code === 'exchange.order.self-trade'
    order.status = isSelfTrade ? 'EXPIRED_IN_MATCH' : 'EXPIRED'
    const why = reason?.code === 'exchange.order.oco-canceled' ? 'OCO_TRIGGER' : 'NONE'
    this.change(order, { type: isSelfTrade ? 'TRADE_PREVENTION' : 'EXPIRED', reason: why })
  }

  /** Notes what has happened, for the reads and for the reports. */
  private change(order: VenueOrder, execution: Execution): void {
    order.updatedAt = this.now()
    order.timeline.push(this.voice().row(order), this.account(order.accountId).visibleFrom())
    const { status, executed, paid, isWorking, workingTime, updatedAt: time } = order
    this.queue.push({ order, execution, moment: { status, executed, paid, isWorking, workingTime, time } })
  }
}
